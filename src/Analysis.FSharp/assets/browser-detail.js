// ---- pieces of the right-hand side

const link = (of, i) => element("a", { href: `#${of.name}=${i}`, title: of.labels[i] }, of === kinds.feature ? of.labels[i] : `${i} · ${of.labels[i]}`);
const section = (title, note, ...inside) => element("section", {}, element("h3", {}, title), note ? element("p", { class: "note" }, note) : null, ...inside);

// Names with a bar from the middle, or from the left where none is below 0.
function bars(items, greatest = Math.max(...items.map(([, x]) => Math.abs(x)))) {
    const signed = items.some(([, x]) => x < 0) && items.some(([, x]) => x > 0);
    return element("ol", { class: signed ? "bars signed" : "bars" }, ...items.map(([name, x]) => element("li", {},
        element("span", { class: "name" }, name),
        element("span", { class: x < 0 ? "bar below" : "bar", "--part": greatest > 0 ? Math.abs(x) / greatest : 0, "aria-hidden": "true" }),
        element("span", { class: "number" }, number(x)))));
}

const pairs = flat => Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);

// A token as one can see it.
function visible(token) {
    if (token === "") return "∅";
    return token.replaceAll("\n", "↵").replaceAll("\t", "⇥").replace(/[\u0000-\u001f\u007f]/g, "·");
}

// Round numbers from low to high, four or so, each with its place from 0 to 1.
function ticks(low, high) {
    const power = 10 ** Math.floor(Math.log10((high - low) / 4));
    const step = power * [1, 2, 5, 10].find(times => (high - low) / (times * power) <= 5);
    const digits = Math.max(0, -Math.floor(Math.log10(step * 1.001)));
    const found = [];
    for (let i = Math.ceil(low / step - 1e-6); i * step <= high * (1 + 1e-6); i++) found.push([i === 0 ? "0" : (i * step).toFixed(digits).replace("-", "−"), (i * step - low) / (high - low)]);
    return found;
}

function histogram(latent) {
    const { edges, counts } = latent;
    const most = Math.max(...counts);
    const low = edges[0], high = edges.at(-1), width = 600, height = 120;
    const x = edge => (edge - low) / (high - low) * width;
    const bins = counts.map((c, i) => {
        const tall = c === 0 ? 0 : Math.max(1.5, c / most * height);
        const bar = element("rect", { x: x(edges[i]) + 0.75, y: height - tall, width: Math.max(0.5, x(edges[i + 1]) - x(edges[i]) - 1.5), height: tall });
        bar.append(element("title", {}, `${number(edges[i])} to ${number(edges[i + 1])}: ${plural(c, page.terms.row, page.terms.rows)}`));
        return bar;
    });
    const total = counts.reduce((sum, c) => sum + c, 0);
    return element("div", { class: "histogram" },
        element("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img",
            "aria-label": `Histogram of activation: ${plural(total, page.terms.row, page.terms.rows)} from ${number(low)} to ${number(high)}, at most ${whole.format(most)} in one of ${counts.length} bins.` }, ...bins),
        element("div", { class: "axis", "aria-hidden": "true" }, ...ticks(low, high).map(([text, t]) => element("span", { "--at": t, class: t < 0.01 ? "edge" : null }, text))));
}

// BrowserContexts.fs says how the bytes lie.
function contexts(latent) {
    const bytes = atob(latent.contexts);
    let at = 0;
    const take = () => {
        let x = 0, shift = 0, byte;
        do {
            byte = bytes.charCodeAt(at++);
            x |= (byte & 127) << shift;
            shift += 7;
        } while (byte >= 128);
        return x;
    };
    const signed = () => { const x = take(); return x >>> 1 ^ -(x & 1); };
    const value = () => signed() / 8191 * latent.scale;
    const found = [];
    while (at < bytes.length) {
        const [group, focus, length, activation] = [page.groups[take()], signed(), take(), value()];
        const tokens = Array.from({ length }, () => page.tokens[take()]);
        found.push({ group, focus, activation, tokens, values: Array.from({ length }, value) });
    }
    return found;
}

function token(text, value, focus, greatest) {
    const part = greatest > 0 ? Math.abs(value) / greatest : 0;
    const classes = ["token", value < 0 ? "below" : null, focus ? "focus" : null].filter(name => name !== null).join(" ");
    return element("span", { class: classes, title: number(value), "--part": part === 0 ? 0 : 0.1 + 0.9 * part }, visible(text));
}

function context({ tokens, values, focus, activation }, greatest, areWords) {
    if (areWords)
        return element("li", { class: "word" }, token(tokens[0], values[0], false, greatest), element("span", { class: "number" }, number(activation)));
    const words = tokens.flatMap((text, t) => [token(text, values[t], t === focus, greatest), ...(page.terms.areNames ? [" "] : [])]);
    return element("li", { class: page.terms.areNames ? "line names" : "line" },
        element("span", { class: "number" }, number(activation)), element("span", { class: "text" }, ...words));
}

function groups(latent) {
    const all = contexts(latent);
    const values = all.flatMap(c => c.values);
    const greatest = Math.max(...values.map(Math.abs));
    const areWords = all.every(c => c.tokens.length === 1);
    const byGroup = new Map(all.map(c => [c.group, []]));
    for (const c of all) byGroup.get(c.group).push(c);
    return [legend(greatest, values.some(x => x < 0)), ...[...byGroup].map(([group, own]) => element("div", { class: group === "top" ? "group top" : "group" },
        element("h4", {}, group === "top" ? "Strongest" : group),
        element("ul", { class: areWords ? "words" : "lines" }, ...own.map(c => context(c, greatest, areWords)))))];
}

function table(caption, of, found) {
    const columns = [["Cosine", "cosine"], ["Precision", "precision"], ["Recall", "recall"], ["F1", "f1"]];
    return element("div", { class: "scroll" }, element("table", {},
        element("caption", {}, caption),
        element("thead", {}, element("tr", {}, element("th", { scope: "col" }, capital(of.name)), ...columns.map(([name]) => element("th", { scope: "col", class: "number" }, name)))),
        element("tbody", {}, ...found.map(entry => element("tr", {},
            element("th", { scope: "row" }, link(of, entry[of.name])),
            ...columns.map(([name, key]) => element("td", { class: "number" }, entry[key].toFixed(3).replace("-", "−"))))))));
}

const byF1 = list => [...list].sort((a, b) => b.f1 - a.f1 || b.cosine - a.cosine);
const precisionAndRecall = "Precision: the share of the latent’s firings on which the feature is on. Recall: the share of the feature’s rows on which the latent fires.";

function heading(i) {
    const place = kind.order.indexOf(i);
    const step = (by, text, name) => {
        const to = place < 0 ? undefined : kind.order[place + by];
        return to === undefined
            ? element("span", { class: "step off", "aria-hidden": "true" }, text)
            : element("a", { class: "step", href: `#${kind.name}=${to}`, "aria-label": `${name}: ${to} · ${kind.labels[to]}`, title: name }, text);
    };
    return element("div", { class: "heading" },
        element("button", { type: "button", class: "back", onclick: back }, `← All ${kind.name}s`),
        element("h2", { tabindex: "-1" }, ...kind.labels[i] === `${kind.name} ${i}`
            ? [capital(kind.labels[i])]
            : [element("span", { class: "soft" }, `${capital(kind.name)} ${i} `), kind.labels[i]]),
        element("span", { class: "steps" }, step(-1, "↑", "The one before in the list"), step(1, "↓", "The next in the list")));
}

const facts = i => element("dl", { class: "facts" }, ...kind.columns.map(column => element("div", { title: column.meaning }, element("dt", {}, column.name), element("dd", {}, cell(column, i)))));

function drawLatent(i) {
    const latent = JSON.parse(lines[i]);
    const terms = page.terms;
    const latents = flat => pairs(flat).map(([j, x]) => [link(kinds.latent, j), x]);
    const named = flat => pairs(flat).map(([t, x]) => [element("span", { class: "plain" }, visible(page.tokens[t])), x]);
    const both = [...pairs(latent.promoted ?? []), ...pairs(latent.suppressed ?? [])].map(([, x]) => Math.abs(x));
    return [
        heading(i), facts(i),
        latent.counts ? section("Activations", spread(latent), histogram(latent))
            : element("p", { class: "note" }, `It is active on none of the ${terms.rows}.`),
        ofLatent.has(i) ? section("True features", null, table(precisionAndRecall, kinds.feature, byF1(ofLatent.get(i)).slice(0, 8))) : null,
        latent.contexts ? section("Where it is active", null, ...groups(latent)) : null,
        element("div", { class: "columns" },
            latent.promoted ? section(terms.promoted, `By ${terms.score}.`, bars(named(latent.promoted), Math.max(...both))) : null,
            latent.suppressed ? section(terms.suppressed, `By ${terms.score}.`, bars(named(latent.suppressed), Math.max(...both))) : null,
            latent.similar ? section("Most similar latents", "By cosine of their directions.", bars(latents(latent.similar), 1)) : null,
            latent.coActive ? section("Most co-active latents", `${capital(terms.rows)} with both, as a share of those with either.`, bars(latents(latent.coActive))) : null,
            latent.carriers ? section(`${capital(terms.carrier)}s that carry it`, "By weight.", bars(pairs(latent.carriers).map(([c, x]) => [`${terms.carrier} ${c}`, x]))) : null),
    ];
}

const spread = ({ counts }) => `Over the ${plural(counts.reduce((sum, c) => sum + c, 0), page.terms.row, page.terms.rows)} it is active on; the highest bar is ${whole.format(Math.max(...counts))}.`;

const legend = (greatest, isSigned) => element("p", { class: "note" }, `Colour: ${isSigned ? number(-greatest) : 0} `,
    element("span", { class: isSigned ? "scale signed" : "scale", "aria-hidden": "true" }), ` ${number(greatest)}, ${page.terms.value}.`);

function drawFeature(i) {
    const found = byF1(ofFeature.get(i) ?? []);
    return [heading(i), facts(i), found.length
        ? section("Latents", null, table(precisionAndRecall, kinds.latent, found.slice(0, 12)))
        : element("p", { class: "note" }, "No latent has anything to do with it.")];
}

// The whole table as a picture where it is small: latents in the order of their best features, so that a diagonal is a good dictionary.
function confusionMap() {
    const n = page.confusion.features.length, m = page.labels.length;
    if (n * m > 10000) return element("p", { class: "note" }, `${whole.format(n)} features by ${whole.format(m)} latents are too many for one picture; choose a feature from the list.`);
    const best = j => byF1(ofLatent.get(j) ?? [])[0];
    const rank = j => best(j)?.f1 > 0 ? best(j).feature : n;
    const order = Array.from({ length: m }, (_, j) => j).sort((a, b) => rank(a) - rank(b) || (best(b)?.f1 ?? 0) - (best(a)?.f1 ?? 0));
    const place = new Map(order.map((j, at) => [j, at]));
    const side = 12;
    const cells = entries.filter(entry => entry.f1 > 0).map(entry => {
        const made = element("rect", { x: place.get(entry.latent) * side, y: entry.feature * side, width: side - 1, height: side - 1, "fill-opacity": entry.f1,
            onclick: () => go(kinds.latent, entry.latent) });
        made.append(element("title", {}, `${page.confusion.features[entry.feature]}, latent ${entry.latent}: F1 ${number(entry.f1)}`));
        return made;
    });
    return element("figure", { class: "confusion" },
        element("span", { class: "across" }, `${m} latents, ordered by their best feature →`),
        element("span", { class: "down" }, `${n} true features →`),
        element("svg", { viewBox: `0 0 ${m * side} ${n * side}`, role: "img", "--wide": m, "--high": n,
            "aria-label": `Confusion table of ${n} features and ${m} latents; every number of it is in the features' own tables.` }, ...cells),
        element("figcaption", {}, "F1 of each latent as a detector of each feature, from faint (0) to full (1). Where every row and column has one full cell, every feature has a latent of its own. Choose a cell to read its latent."));
}

function overview() {
    return [element("div", { class: "heading" }, element("h2", { tabindex: "-1" }, kind === kinds.feature ? "Confusion table" : document.title)),
        kind === kinds.feature ? confusionMap() : element("p", { class: "note" }, "Choose a latent from the list.")];
}
