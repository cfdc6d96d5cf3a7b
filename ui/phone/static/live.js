// Latest data: what flows now, what it came to today, and the curve of the day.

import { call } from "./api.js";
import { el, faults, again, show } from "./dom.js";
import { curve, Flow } from "./draw.js";
import { follow } from "./fresh.js";
import { energy, percent, t } from "./words.js";

const CURVE_EVERY_MS = 5 * 60 * 1000;
const TODAY_EVERY_MS = 60 * 1000;

export function latest() {
  const flow = new Flow();
  const wrong = el("div", { class: "faults", role: "alert" });
  const tiles = el("dl", { class: "tiles" });
  const drawn = el("section", { class: "card drawn", "aria-label": t("curve") });
  show(
    wrong,
    el("section", { class: "card now", "aria-label": t("latest") }, flow.node),
    el("section", { class: "card sums" }, el("h2", {}, t("today")), tiles),
    drawn,
  );
  const every = [again(() => today(tiles), TODAY_EVERY_MS), again(() => drawCurve(drawn), CURVE_EVERY_MS)];
  const stop = follow((figures) => {
    flow.tell(figures);
    faults(wrong, figures.faults);
  }, () => flow.forget());
  return () => {
    stop();
    every.forEach((end) => end());
  };
}

async function today(tiles) {
  const found = await call("/energy");
  const used = found.house_wh === null ? null : found.house_wh + (found.car_wh || 0);
  const shown = [
    ["used", energy(used), true],
    ["produced", energy(found.pv_wh), found.pv_wh !== null],
    ["bought", energy(found.grid_import_wh), true],
    ["sold", energy(found.grid_export_wh), found.pv_wh !== null],
    ["charged", energy(found.car_wh), found.car_wh !== null],
    ["self_sufficiency", percent(found.self_sufficiency), found.pv_wh !== null],
  ].filter(([, , wanted]) => wanted);
  tiles.replaceChildren(...shown.map(([name, figure]) => el("div", { class: `tile t-${name}` }, el("dt", {}, t(name)), el("dd", {}, figure))));
}

async function drawCurve(node) {
  const history = await call("/history?step_s=900");
  const opened = node.querySelector("details")?.open;
  node.replaceChildren(el("h2", {}, t("curve")), curve(history));
  if (opened && node.querySelector("details")) node.querySelector("details").open = true;
}
