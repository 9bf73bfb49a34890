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
