"use strict";
// What the lists need stands in one piece of JSON. Each latent has a line of its own, parsed when it is opened. All text that
// was read or measured enters the page as text nodes.
const page = JSON.parse(document.getElementById("page").textContent);
const lines = document.getElementById("latents").textContent.split("\n");
const index = document.getElementById("index");
const detail = document.getElementById("detail");

// ---- words and numbers

const whole = new Intl.NumberFormat("en");
const number = x => x === null ? "–"
    : x === 0 ? "0"
        : (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e6 ? x.toExponential(1) : Math.abs(x) >= 1000 ? whole.format(x) : x.toPrecision(3)).replaceAll("-", "−");
const share = x => x === null ? "–" : x === 0 ? "0 %" : x < 1e-5 ? "< 0.001 %" : `${x < 0.0995 ? (100 * x).toPrecision(2) : (100 * x).toFixed(0)} %`;
const capital = text => text[0].toUpperCase() + text.slice(1);
const plural = (count, one, many = one + "s") => `${whole.format(count)} ${count === 1 ? one : many}`;

function element(name, attributes, ...children) {
    const svg = ["svg", "rect", "title"].includes(name);
    const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (key === "onclick") made.addEventListener("click", value);
        else if (key.startsWith("--")) made.style.setProperty(key, value);
        else if (value !== null) made.setAttribute(key, value);
    }
    made.append(...children.filter(child => child !== null));
    return made;
}

// ---- what there is to list: latents, and true features where they are known

const f1 = (precision, recall) => precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;

// [feature, latent, cosine, precision, recall, …] as objects, and the same by feature and by latent.
const entries = [];
const ofFeature = new Map(), ofLatent = new Map();
if (page.confusion) {
    const flat = page.confusion.entries;
    const add = (map, key, entry) => map.has(key) ? map.get(key).push(entry) : map.set(key, [entry]);
    for (let i = 0; i < flat.length; i += 5) {
        const [feature, latent, cosine, precision, recall] = flat.slice(i, i + 5);
        const entry = { feature, latent, cosine, precision, recall, f1: f1(precision, recall) };
        entries.push(entry);
        add(ofFeature, feature, entry);
        add(ofLatent, latent, entry);
    }
}

const lower = page.tokens.map(token => token.toLowerCase());
const kinds = {
    latent: {
        name: "latent", home: "latents", labels: page.labels, columns: page.columns, draw: drawLatent,
        // A token matches where its text does; a latent where one of the tokens its contexts were chosen for does.
        finder(text) {
            const tokens = new Set(lower.flatMap((token, i) => token.includes(text) ? [i] : []));
            return i => page.keys[i].some(token => tokens.has(token));
        },
    },
};
if (page.confusion) {
    const best = measure => page.confusion.features.map((_, i) => Math.max(0, ...(ofFeature.get(i) ?? []).map(measure)));
    kinds.feature = {
        name: "feature", home: "features", labels: page.confusion.features, draw: drawFeature, finder: () => () => false,
        columns: [
            { name: "Density", meaning: `Share of ${page.terms.rows} on which the feature is on.`, isShare: true, values: page.confusion.densities },
            { name: "Cosine", meaning: "Cosine with the nearest latent.", values: best(entry => entry.cosine) },
            { name: "F1", meaning: "How well the best latent tells when the feature is on: 2PR / (P + R).", values: best(entry => entry.f1) },
        ],
    };
}
for (const kind of Object.values(kinds)) {
    kind.order = kind.labels.map((_, i) => i);
    kind.sort = { by: -1, down: false };
    kind.found = kind.labels.map(label => label.toLowerCase());
}

// ---- the list: rows of one height, of which only those in sight exist

let kind = kinds.latent;
let active = 0;       // place in the order that the keyboard stands on
let opened = null;    // number of the latent or feature that is shown
const beyond = 6;     // rows kept above and below the window

const search = element("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false", "aria-controls": "list", "aria-keyshortcuts": "/" });
const count = element("p", { id: "count", role: "status" });
const heads = element("div", { id: "heads", role: "group", "aria-label": "Sort by" });
const rows = element("div", { id: "rows", role: "presentation" });
const list = element("div", { id: "list", role: "listbox", tabindex: "0" }, rows);
const label = element("label", { for: "search" });
index.append(
    element("div", { id: "seek" }, label, search, element("kbd", { "aria-hidden": "true" }, "/")),
    count, heads, list,
    element("p", { id: "keys" }, ...["/ search", "↑ ↓ move", "Enter read", "Esc back"].flatMap(text => {
        const [key, ...rest] = text.split(/ (?=[a-z])/);
        return [element("span", {}, element("kbd", {}, key), " ", rest.join(" "))];
    })));

const rowHeight = () => parseFloat(getComputedStyle(list).getPropertyValue("--row")) * parseFloat(getComputedStyle(document.documentElement).fontSize);
// Narrow columns have room for two digits of what is small.
const brief = x => x !== null && Math.abs(x) >= 1e-3 && Math.abs(x) < 0.1 ? x.toPrecision(2).replace("-", "−") : number(x);
const cell = (column, i, form = number) => (column.isShare ? share : form)(column.values[i]);

function row(place, height) {
    const i = kind.order[place];
    const made = element("div", {
        role: "option", id: `row-${i}`, "aria-selected": String(i === opened), "aria-posinset": place + 1, "aria-setsize": kind.order.length,
        class: place === active ? "active" : null,
        onclick: () => { active = place; go(kind, i); },
    },
        element("span", { class: "number" }, String(i)),
        element("span", { class: "label", title: kind.labels[i] }, kind.labels[i]),
        element("span", { class: "cells" }, ...kind.columns.map(column => element("span", { class: "number", title: column.name }, cell(column, i, brief)))));
    made.style.top = `${place * height}px`;
    return made;
}

function drawRows() {
    const height = rowHeight();
    const first = Math.max(0, Math.floor(list.scrollTop / height) - beyond);
    const last = Math.min(kind.order.length, Math.ceil((list.scrollTop + list.clientHeight) / height) + beyond);
    rows.style.height = `${kind.order.length * height}px`;
    const drawn = [];
    for (let place = first; place < last; place++) drawn.push(row(place, height));
    rows.replaceChildren(...drawn);
    const here = active >= first && active < last && kind.order.length > 0;
    if (here) list.setAttribute("aria-activedescendant", `row-${kind.order[active]}`);
    else list.removeAttribute("aria-activedescendant");
}

let waiting = false;
function drawSoon() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; drawRows(); });
}
list.addEventListener("scroll", drawSoon, { passive: true });
new ResizeObserver(drawSoon).observe(list);

function reveal() {
    const height = rowHeight();
    const top = active * height;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight;
    drawRows();
}

// What is not known comes last, whichever way the rest goes; equals keep the order of their numbers.
function arrange() {
    const { by, down } = kind.sort;
    const text = search.value.trim().toLowerCase();
    const holds = text === "" ? () => false : kind.finder(text);
    const order = [];
    for (let i = 0; i < kind.labels.length; i++)
        if (text === "" || String(i) === text || kind.found[i].includes(text) || holds(i)) order.push(i);
    if (by >= 0) {
        const { values } = kind.columns[by];
        order.sort((a, b) => (values[a] === null) - (values[b] === null) || (down ? values[b] - values[a] : values[a] - values[b]) || a - b);
    } else if (down) {
        order.reverse();
    }
    kind.order = order;
    active = Math.max(0, order.indexOf(opened));
    count.textContent = text === "" ? plural(order.length, kind.name)
        : order.length === 0 ? `No ${kind.name} has “${search.value.trim()}”; press Esc to see all.`
            : `${whole.format(order.length)} of ${plural(kind.labels.length, kind.name)}`;
    drawHeads();
    list.scrollTop = 0;
    reveal();
}

function drawHeads() {
    const head = (name, by, meaning, place) => {
        const sorted = kind.sort.by === by;
        return element("button", {
            type: "button", title: meaning, class: place, "aria-pressed": String(sorted),
            "aria-label": `${name}${sorted ? kind.sort.down ? ", greatest first" : ", least first" : ""}. ${meaning}`,
            onclick: () => {
                kind.sort = { by, down: sorted ? !kind.sort.down : by >= 0 };
                arrange();
                heads.children[by + 1].focus();
            },
        }, name, element("span", { "aria-hidden": "true" }, sorted ? kind.sort.down ? "↓" : "↑" : ""));
    };
    heads.replaceChildren(
        head("No.", -1, `Number of the ${kind.name}.`, "number"),
        ...kind.columns.map((column, by) => head(column.name, by, column.meaning, "number")));
}

function showKind(next) {
    kind = next;
    label.textContent = kind === kinds.feature ? "Search features" : "Search latents";
    search.placeholder = kind === kinds.feature ? "A name or a number" : `A ${page.terms.row === "row" ? "label" : page.terms.row} or a number`;
    list.setAttribute("aria-label", `${capital(kind.name)}s`);
    index.style.setProperty("--columns", kind.columns.length);
    for (const link of document.querySelectorAll("nav a[data-kind]"))
        if (link.dataset.kind === kind.name) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
    arrange();
}

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
        element("h2", { tabindex: "-1" }, element("span", { class: "soft" }, `${capital(kind.name)} ${i} `), kind.labels[i]),
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

// ---- where one stands: the address says it, so that every latent can be linked to and Back goes back

const covers = () => getComputedStyle(detail).position === "fixed";
const title = () => detail.querySelector("h2");

function go(of, i) {
    const hash = `#${of.name}=${i}`;
    if (location.hash !== hash) history.pushState(null, "", hash);
    show();
    if (covers()) title().focus();
}

function back() {
    document.body.classList.remove("reading");
    list.focus();
}

// true: something was named, and is shown or said not to be there.
function show() {
    const [, name, text] = /^#([a-z]+)(?:=(.*))?$/.exec(location.hash) ?? [null, "latents", undefined];
    const wanted = Object.values(kinds).find(known => known.name === name || known.home === name) ?? kinds.latent;
    const i = /^\d{1,9}$/.test(text ?? "") ? Number(text) : null;
    const there = i !== null && i < wanted.labels.length;
    opened = there ? i : text === undefined && wanted === kinds.latent && wanted.labels.length ? (wanted === kind && wanted.order.length ? wanted.order[0] : 0) : null;
    if (wanted !== kind || count.textContent === "") {
        if (wanted !== kind) search.value = "";
        showKind(wanted);
    }
    const place = kind.order.indexOf(opened);
    if (place >= 0) active = place;
    // Who follows a link within the detail, or steps on, stands at the same place of the next one.
    const stood = detail.contains(document.activeElement);
    const step = [...detail.querySelectorAll(".step")].indexOf(document.activeElement);
    detail.replaceChildren(...(opened !== null ? kind.draw(opened)
        : text === undefined ? overview()
            : [element("div", { class: "heading" }, element("h2", { tabindex: "-1" }, `There is no ${wanted.name} ${text}`)),
                element("p", { class: "note" }, `They run from 0 to ${whole.format(wanted.labels.length - 1)}. Choose one from the list.`)]).filter(made => made !== null));
    detail.scrollTop = 0;
    document.body.classList.toggle("reading", text !== undefined);
    reveal();
    const next = detail.querySelectorAll(".step")[step];
    if (stood) (next?.href ? next : title()).focus();
}

addEventListener("hashchange", show);

// ---- keys

function move(to) {
    if (kind.order.length === 0) return;
    active = Math.min(kind.order.length - 1, Math.max(0, to));
    reveal();
    // Beside the list the latent is shown at once; where it would cover the list, Enter opens it.
    if (!covers()) {
        history.replaceState(null, "", `#${kind.name}=${kind.order[active]}`);
        show();
    }
}

list.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const screen = Math.max(1, Math.floor(list.clientHeight / rowHeight()) - 1);
    const steps = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + screen, PageUp: active - screen, Home: 0, End: kind.order.length - 1 };
    if (event.key in steps) move(steps[event.key]);
    else if (event.key === "Enter" && kind.order.length) {
        go(kind, kind.order[active]);
        title().focus();
    } else return;
    event.preventDefault();
});

search.addEventListener("input", arrange);
search.addEventListener("keydown", event => {
    if (event.key === "ArrowDown" || event.key === "Enter") {
        list.focus();
        move(event.key === "Enter" || kind.order[active] !== opened ? active : active + 1);
        event.preventDefault();
    }
});

addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && event.target !== search) {
        document.body.classList.remove("reading");
        search.focus();
        search.select();
        event.preventDefault();
    } else if (event.key === "Escape") {
        if (event.target === search && search.value !== "") {
            search.value = "";
            arrange();
        } else {
            back();
        }
        event.preventDefault();
    }
});

show();
