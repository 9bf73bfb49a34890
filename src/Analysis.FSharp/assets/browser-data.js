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
