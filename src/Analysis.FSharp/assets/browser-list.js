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
