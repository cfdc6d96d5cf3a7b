// The two drawings: what flows now, and the curve of today.

import { el, svg } from "./dom.js";
import { power, powerParts, scale, t, time } from "./words.js";

const IDLE_W = 20;
const PLACES = { pv: [180, 52], grid: [54, 158], house: [306, 158], battery: [110, 268], car: [250, 268] };
const HUB = [180, 158];
const SHAPES = {
  pv: "M0-5.5a5.5 5.5 0 1 0 .01 0M0-11v2.5M0 8.5V11M-11 0h2.5M8.5 0H11M-7.8-7.8l1.8 1.8M6 6l1.8 1.8M-7.8 7.8L-6 6M6-6l1.8-1.8",
  grid: "M-5 11L0-11 5 11M-3.4 4h6.8M-2-3h4M-8-5h16M-6-8.5V-5M6-8.5V-5M-3.4 4L5 11M3.4 4L-5 11",
  house: "M-11 0L0-10 11 0M-8-2.5V10H8V-2.5M-2.5 10V3h5v7",
  battery: "M-10-6H7V6h-17zM10-2.5v5M-6-3v6M-2-3v6M2-3v6",
  car: "M-11 4v-3.5l2.8-1 2.4-5.5H5.5L8.5-.8 11 .2V4H-11M-7 4a2 2 0 1 0 4 0M3.5 4a2 2 0 1 0 4 0M-8-.5H8",
};

// How a node stands to the hub: positive flows into it.
function toNode(live, name) {
  const watts = { pv: live.pv_w, grid: live.grid_w, house: live.house_w, battery: live.battery_w, car: live.car_w }[name];
  if (watts === null || watts === undefined) return null;
  return name === "pv" || name === "grid" ? -watts : watts;
}

export function nodes(live) {
  const has = { pv: "pv", grid: "grid", battery: "battery", charger: "car" };
  const found = live.has.map((role) => has[role]).filter(Boolean);
  if (found.includes("grid")) found.push("house");
  return Object.keys(PLACES).filter((name) => found.includes(name));
}

function note(name, into) {
  if (into === null) return t("no_data");
  if (Math.abs(into) < IDLE_W) return t("rests");
  if (name === "grid") return into < 0 ? t("from_grid") : t("into_grid");
  if (name === "battery" || name === "car") return into > 0 ? t("charges") : t("discharges");
  return "";
}

export class Flow {
  constructor() {
    this.node = el("div", { class: "flow" });
    this.shown = "";
    this.parts = {};
  }

  tell(live) {
    const names = nodes(live);
    if (names.join() !== this.shown) this.build(names);
    for (const name of names) this.update(name, toNode(live, name));
  }

  // What was shown is too old: nobody knows.
  forget() {
    for (const name of Object.keys(this.parts)) this.update(name, null);
  }

  build(names) {
    this.parts = {};
    this.shown = names.join();
    const below = names.includes("car") || names.includes("battery");
    const drawing = svg("svg", { viewBox: `0 0 360 ${below ? 330 : 228}`, class: "drawing", "aria-hidden": "true" });
    const list = el("ul", { class: "sr" });
    for (const name of names) drawing.append(...this.line(name, names));
    drawing.append(svg("circle", { cx: HUB[0], cy: HUB[1], r: 5, class: "hub" }));
    for (const name of names) drawing.append(this.circle(name, names));
    for (const name of names) list.append((this.parts[name].text = el("li")));
    this.node.replaceChildren(drawing, list);
  }

  place(name, names) {
    const [x, y] = PLACES[name];
    const alone = (name === "car" && !names.includes("battery")) || (name === "battery" && !names.includes("car"));
    return alone ? [180, y] : [x, y];
  }

  line(name, names) {
    const [x, y] = this.place(name, names);
    const path = `M${x} ${y}L${HUB[0]} ${HUB[1]}`;
    const moving = svg("path", { d: path, class: `moving c-${name}` });
    this.parts[name] = { moving };
    return [svg("path", { d: path, class: "wire" }), moving];
  }

  circle(name, names) {
    const [x, y] = this.place(name, names);
    const part = this.parts[name];
    part.figure = svg("text", { y: 13, class: "figure" });
    part.note = svg("text", { y: 57, class: "note" });
    part.group = svg(
      "g", { transform: `translate(${x} ${y})`, class: `node c-${name}` },
      svg("circle", { r: 43, class: "ring" }),
      svg("path", { d: SHAPES[name], class: "shape", transform: "translate(0 -17)" }),
      part.figure,
      svg("text", { y: 27, class: "label" }, t(name)),
      part.note,
    );
    return part.group;
  }

  update(name, into) {
    const part = this.parts[name];
    const known = into !== null;
    const [figure, unit] = known ? powerParts(into) : ["–", ""];
    part.figure.replaceChildren(figure, svg("tspan", { class: "unit", dx: unit ? 2 : 0 }, unit));
    part.note.textContent = note(name, into);
    part.text.textContent = `${t(name)}: ${power(into)} ${note(name, into)}`;
    part.group.classList.toggle("unknown", !known);
    const moves = known && Math.abs(into) >= IDLE_W;
    part.moving.classList.toggle("on", moves);
    part.moving.classList.toggle("away", moves && into > 0);
    part.moving.style.animationDuration = moves ? `${Math.max(0.5, 2.4 - Math.log10(Math.abs(into) / 100) * 0.8)}s` : "";
  }
}

const WIDTH = 340;
const HEIGHT = 150;
const SERIES = ["house", "pv", "car"];

export function curve(history) {
  const kept = SERIES.filter((name) => history[`${name}_w`].some((watts) => watts !== null));
  const most = Math.max(1000, ...kept.flatMap((name) => history[`${name}_w`]).map((watts) => watts ?? 0));
  const step = [500, 1000, 2000, 5000, 10000, 20000, 50000].find((one) => most / one <= 5) || 100000;
  const top = Math.ceil(most / step) * step;
  const x = (at) => (at / history.house_w.length) * WIDTH;
  const y = (watts) => HEIGHT - (watts / top) * HEIGHT;
  const drawing = svg("svg", { viewBox: `-2 -14 ${WIDTH + 4} ${HEIGHT + 34}`, class: "curve", "aria-hidden": "true" });
  for (let watts = 0; watts <= top; watts += step) {
    drawing.append(svg("path", { d: `M0 ${y(watts)}H${WIDTH}`, class: "grid-line" }));
    if (watts) drawing.append(svg("text", { x: 2, y: y(watts) - 3, class: "axis" }, scale(watts)));
  }
  const [begin, perHour] = [new Date(history.begin).getTime(), 3600 / history.step_s];
  for (let hour = 6; hour * perHour < history.house_w.length; hour += 6) {
    drawing.append(svg("text", { x: x(hour * perHour), y: HEIGHT + 14, class: "axis middle" }, time(begin + hour * 3600000)));
  }
  for (const name of kept) for (const run of runs(history[`${name}_w`])) {
    const line = run.map(([at, watts]) => `${x(at + 0.5).toFixed(1)} ${y(Math.max(0, watts)).toFixed(1)}`).join("L");
    const ends = [x(run[0][0] + 0.5), x(run[run.length - 1][0] + 0.5)];
    drawing.append(svg("path", { d: `M${ends[0]} ${HEIGHT}L${line}L${ends[1]} ${HEIGHT}Z`, class: `area c-${name}` }));
    drawing.append(svg("path", { d: run.length > 1 ? `M${line}` : `M${line}h1.5`, class: `line c-${name}` }));
  }
  const legend = readable(drawing, history, kept, x);
  return kept.length ? el("div", {}, drawing, legend, table(history, kept)) : el("p", { class: "quiet" }, t("no_data"));
}

// The legend; where a finger or mouse points, it says the values of that moment.
function readable(drawing, history, kept, x) {
  const when = el("li", { class: "when" });
  const values = Object.fromEntries(kept.map((name) => [name, el("strong")]));
  const marker = svg("path", { class: "marker" });
  drawing.append(marker);
  const clear = () => {
    marker.removeAttribute("d");
    when.textContent = "";
    kept.forEach((name) => (values[name].textContent = ""));
  };
  const read = (event) => {
    const box = drawing.getBoundingClientRect();
    const part = ((event.clientX - box.left) / box.width) * (WIDTH + 4) - 2;
    const at = Math.floor((part / WIDTH) * history.house_w.length);
    if (!kept.some((name) => typeof history[`${name}_w`][at] === "number")) return clear();
    marker.setAttribute("d", `M${x(at + 0.5)} 0V${HEIGHT}`);
    when.textContent = time(new Date(history.begin).getTime() + at * history.step_s * 1000);
    kept.forEach((name) => (values[name].textContent = power(history[`${name}_w`][at], "–")));
  };
  drawing.addEventListener("pointermove", read);
  drawing.addEventListener("pointerdown", read);
  drawing.addEventListener("pointerleave", clear);
  return el("ul", { class: "legend" }, ...kept.map((name) => el("li", { class: `c-${name}` }, t(name), values[name])), when);
}

function runs(values) {
  const found = [[]];
  values.forEach((watts, at) => {
    if (watts !== null) found[found.length - 1].push([at, watts]);
    else if (found[found.length - 1].length) found.push([]);
  });
  return found.filter((run) => run.length);
}

// The same for who cannot see it.
function table(history, kept) {
  const begin = new Date(history.begin).getTime();
  const perHour = 3600 / history.step_s;
  const rows = [];
  for (let at = 0; at < history.house_w.length; at += perHour) {
    const means = kept.map((name) => mean(history[`${name}_w`].slice(at, at + perHour)));
    if (means.some((watts) => watts !== null)) {
      rows.push(el("tr", {}, el("th", { scope: "row" }, time(begin + at * history.step_s * 1000)), ...means.map((watts) => el("td", {}, watts === null ? "–" : power(watts)))));
    }
  }
  const head = el("tr", {}, el("th", { scope: "col" }, t("time")), ...kept.map((name) => el("th", { scope: "col" }, t(name))));
  return el("details", {}, el("summary", {}, t("curve_text")), el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows)));
}

function mean(values) {
  const known = values.filter((watts) => watts !== null);
  return known.length ? known.reduce((sum, watts) => sum + watts, 0) / known.length : null;
}
