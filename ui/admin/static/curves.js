// Draw charts with uPlot where set-up fetched it; elsewhere the server's drawing stays. Colours are the page's own.
"use strict";
(() => {
  const charts = new Map(); // box -> { plot, data }
  const language = document.documentElement.lang;
  const NAME_WIDTH = 46; // what a name below needs (pixels)
  const BAR = 0.72, HALF = 0.5, WIDEST = 90; // a bar fills so much of its place, and is never wider (pixels)

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const seen = (hex, share) => `${hex}${Math.round(share * 255).toString(16).padStart(2, "0")}`;
  const tint = { own: "pv", fed: "pv" };
  const hue = (key) => colour(tint[key] || key);

  function figure(value, unit) {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value), places = unit === "kW" ? (size < 9.995 ? 2 : 1) : size < 10 ? 2 : 1;
    const format = { minimumFractionDigits: places, maximumFractionDigits: places };
    return `${value.toLocaleString(language, format)}\u202f${unit}`;
  }

  // Values of bars on top of each other: what each reaches up (or down) to, the outermost first, so that it is painted behind.
  function stacked(data) {
    const up = [], down = [];
    for (const one of data.series) {
      const pile = one.below ? down : up, sign = one.below ? -1 : 1;
      const base = pile.length ? pile[pile.length - 1].tops : one.values.map(() => 0);
      pile.push({ ...one, tops: one.values.map((value, i) => base[i] + sign * (value || 0)) });
    }
    return [...up.reverse(), ...down.reverse()].map((one) => ({ ...one, shown: one.tops.map((top, i) => (one.values[i] === null ? null : top)) }));
  }

  function series(data) {
    if (data.kind === "lines") {
      return data.series.map((one) => ({
        values: one.values, stroke: hue(one.key), width: one.key === "grid" ? 1.5 : 2.5, dash: one.key === "grid" ? [6, 5] : undefined,
        fill: one.key === "grid" ? undefined : seen(hue(one.key), 0.16), points: { show: false },
      }));
    }
    const bars = uPlot.paths.bars({ size: [BAR, WIDEST], radius: [0.12, 0] });
    const found = stacked(data).map((one) => ({
      values: one.shown, stroke: hue(one.key), width: 0, fill: one.key === "fed" ? seen(hue("pv"), 0.45) : hue(one.key), paths: bars, points: { show: false },
    }));
    if (data.before) found.push({ values: data.before.values, stroke: colour("text"), width: 3, paths: dashes, points: { show: false } });
    return found;
  }

  // A short line across each bar: where the period before was.
  function dashes(plot, number, first, last) {
    const path = new Path2D(), values = plot.data[number], room = Math.min(WIDEST * window.devicePixelRatio, (plot.valToPos(1, "x", true) - plot.valToPos(0, "x", true)) * BAR) * HALF;
    for (let i = first; i <= last; i += 1) {
      if (values[i] === null || values[i] === undefined) continue;
      const x = plot.valToPos(plot.data[0][i], "x", true), y = plot.valToPos(values[i], "y", true);
      path.moveTo(x - room, y);
      path.lineTo(x + room, y);
    }
    return { stroke: path, fill: null, clip: null, band: null, gaps: null, flags: 1 };
  }

  function readout(box, data, at) {
    const line = box.nextElementSibling;
    if (!line || !line.classList.contains("readout")) return;
    line.hidden = false;
    if (at === null || at === undefined || data.names[at] === undefined) { line.textContent = "\u00a0"; return; }
    const parts = data.series.map((one) => `${one.name} ${figure(one.values[at], data.unit)}`);
    if (data.before) parts.push(`${data.before.name} ${figure(data.before.values[at], data.unit)}`);
    line.textContent = `${data.names[at]} · ${parts.join(" · ")}`;
  }

  function options(box, place, data, shown) {
    const count = data.names.length, middle = data.kind === "lines" ? 0 : HALF, quiet = colour("quiet"), line = colour("line");
    const every = Math.ceil((NAME_WIDTH * data.ticks.length) / Math.max(1, place.clientWidth - 60));
    const ticks = data.ticks.filter((_tick, i) => i % every === 0);
    const font = `13px ${getComputedStyle(document.body).fontFamily}`;
    const places = data.lines.every((value) => Number.isInteger(value)) ? 0 : data.lines.every((value) => Number.isInteger(value * 10)) ? 1 : 2;
    return {
      width: Math.max(200, place.clientWidth), height: place.clientHeight, legend: { show: false }, padding: [10, 22, 0, 0],
      cursor: { y: false, drag: { x: false, y: false }, points: { show: data.kind === "lines" } },
      scales: { x: { time: false, range: () => [0, count] }, y: { range: () => [Math.min(...data.lines), Math.max(...data.lines)] } },
      axes: [
        { stroke: quiet, font, size: 26, gap: 6, grid: { show: false }, ticks: { show: false }, splits: () => ticks.map(([at]) => at + middle), values: () => ticks.map(([, name]) => name) },
        { stroke: quiet, font, gap: 6, size: (_plot, values) => 14 + 7.5 * Math.max(0, ...(values || []).map((text) => text.length)), grid: { stroke: line, width: 1 }, ticks: { show: false }, splits: () => [...data.lines].reverse(),
          values: (_plot, splits) => splits.map((value) => `${value.toLocaleString(language, { minimumFractionDigits: places, maximumFractionDigits: places })}\u202f${data.unit}`) },
      ],
      series: [{}, ...shown.map(({ values, ...look }) => ({ spanGaps: false, ...look }))],
      hooks: { setCursor: [(plot) => readout(box, data, plot.cursor.left < 0 ? null : Math.min(count - 1, Math.floor(plot.posToVal(plot.cursor.left, "x"))))] },
    };
  }

  function draw(box, data) {
    const place = box.querySelector(".chart-place"), known = charts.get(box), shown = series(data);
    if (known) known.plot.destroy();
    box.classList.add("is-drawn");
    const xs = data.names.map((_name, i) => i + HALF);
    const plot = new uPlot(options(box, place, data, shown), [xs, ...shown.map((one) => one.values)], place);
    charts.set(box, { plot, data });
    readout(box, data, null);
  }

  // Put new figures into a chart; without uPlot new paths into the server's drawing.
  function put(box, now) {
    if (window.uPlot) { draw(box, now.data); return; }
    for (const [key, d] of Object.entries(now.lines)) box.querySelector(`[data-line="${key}"]`)?.setAttribute("d", d);
    for (const [key, d] of Object.entries(now.areas)) box.querySelector(`[data-area="${key}"]`)?.setAttribute("d", d);
    box.querySelectorAll("[data-value]").forEach((text, row) => { text.textContent = now.values[row]; });
    box.querySelector("[data-zero]").setAttribute("d", `M0 ${now.zero_y}H960`);
  }
  window.putChart = put;

  if (!window.uPlot) return;
  const again = () => charts.forEach(({ data }, box) => draw(box, data));
  for (const box of document.querySelectorAll("[data-chart]")) draw(box, JSON.parse(box.querySelector("script").textContent));
  const room = new ResizeObserver((entries) => {
    for (const { target } of entries) charts.get(target.parentElement)?.plot.setSize({ width: Math.max(200, target.clientWidth), height: target.clientHeight });
  });
  document.querySelectorAll(".chart-place").forEach((place) => room.observe(place));
  window.matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => window.requestAnimationFrame(again));
})();
