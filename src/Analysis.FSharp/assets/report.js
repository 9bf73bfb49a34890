"use strict";
// Each chart's data stands beside it as JSON; drawing is all that is left to do here.
for (const chart of document.querySelectorAll(".chart")) {
    const { data, layout } = JSON.parse(chart.nextElementSibling.textContent);
    Plotly.newPlot(chart, data, layout, { responsive: true, displayModeBar: false });
}
