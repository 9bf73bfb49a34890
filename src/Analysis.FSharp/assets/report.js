"use strict";
// Each chart's data stands beside it as JSON. A chart is drawn when it comes within a screen of the reader's own, so that
// a page of a hundred opens at once; printing draws what is left.
const waiting = new Set(document.querySelectorAll(".chart"));

function draw(chart) {
    if (!waiting.delete(chart)) return;
    const { data, layout, frames } = JSON.parse(chart.nextElementSibling.textContent);
    Plotly.newPlot(chart, data, layout, { responsive: true, displayModeBar: false });
    const controls = chart.closest("figure").querySelector(".steps");
    if (controls) steps(chart, frames, ...controls.children);
}

function drawAll() {
    waiting.forEach(draw);
}

// A figure that is stepped through: by the slider, or a step every so often from play to pause.
function steps(chart, frames, play, slider, name) {
    let playing = 0;
    const show = () => {
        const frame = frames[slider.value];
        name.value = frame.name;
        Plotly.animate(chart, frame, { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: false } });
    };
    const pause = () => {
        clearInterval(playing);
        playing = 0;
        play.textContent = "Play";
    };
    const advance = () => {
        slider.valueAsNumber += 1;
        show();
        if (slider.value === slider.max) pause();
    };
    slider.addEventListener("input", () => { pause(); show(); });
    play.addEventListener("click", () => {
        if (playing) return pause();
        if (slider.value === slider.max) slider.value = 0;
        play.textContent = "Pause";
        playing = setInterval(advance, Math.max(40, 6000 / frames.length));
        show();
    });
}

addEventListener("beforeprint", drawAll);

if ("IntersectionObserver" in window) {
    const observer = new IntersectionObserver(entries => {
        for (const entry of entries) {
            if (!entry.isIntersecting) continue;
            observer.unobserve(entry.target);
            draw(entry.target);
        }
    }, { rootMargin: "100% 0px" });
    waiting.forEach(chart => observer.observe(chart));
} else {
    drawAll();
}
