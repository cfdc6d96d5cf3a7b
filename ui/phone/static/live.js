// Latest data, charging and sessions: what the household looks at.

import { call, watch, Refused } from "./api.js";
import { $, ask, button, el, icon, say, show } from "./dom.js";
import { curve, Flow } from "./draw.js";
import { day, energy, percent, power, seconds, t, time } from "./words.js";

const CURVE_EVERY_MS = 5 * 60 * 1000;
const TODAY_EVERY_MS = 60 * 1000;

function fresh(figures) {
  $("fresh").textContent = figures ? seconds(new Date(figures.at)) : "";
  document.body.classList.toggle("stale", !figures);
  if (!figures) say(t("reconnecting"));
}

fresh.away = () => {
  $("fresh").textContent = "";
  document.body.classList.remove("stale");
};

function faults(node, figures) {
  node.replaceChildren(...figures.faults.map((text) => el("p", { class: "fault" }, icon("fault"), el("span", {}, text))));
}

export function latest() {
  const flow = new Flow();
  const wrong = el("div", { class: "faults", role: "alert" });
  const tiles = el("dl", { class: "tiles" });
  const drawn = el("section", { class: "card", "aria-label": t("curve") });
  show(
    wrong,
    el("section", { class: "card", "aria-label": t("latest") }, flow.node),
    el("section", { class: "card" }, el("h2", {}, t("today")), tiles),
    drawn,
  );
  const every = [again(() => today(tiles), TODAY_EVERY_MS), again(() => drawCurve(drawn), CURVE_EVERY_MS)];
  const stop = watch((figures) => {
    fresh(figures);
    if (!figures) return;
    flow.tell(figures);
    faults(wrong, figures);
  });
  return () => {
    stop();
    every.forEach((end) => end());
    fresh.away();
  };
}

function again(action, everyMs) {
  const quietly = () => document.hidden || action().catch(() => {});
  quietly();
  const timer = setInterval(quietly, everyMs);
  document.addEventListener("visibilitychange", quietly);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", quietly);
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
  if (opened) node.querySelector("details").open = true;
}

export function charging() {
  const list = el("div", { class: "points" });
  const wrong = el("div", { class: "faults", role: "alert" });
  const whose = el("p", { class: "quiet" });
  show(wrong, list, whose);
  call("/token").then((told) => {
    whose.textContent = told.role === "read" ? t("read_only") : told.user ? t("for_user", { name: told.user }) : t("for_nobody");
  }).catch(() => {});
  const cards = new Map();
  const stop = watch((figures) => {
    fresh(figures);
    if (!figures) return;
    faults(wrong, figures);
    for (const point of figures.points) {
      if (!cards.has(point.id)) {
        cards.set(point.id, new PointCard(point));
        list.append(cards.get(point.id).node);
      }
      cards.get(point.id).tell(point);
    }
    if (!figures.points.length) list.replaceChildren(el("p", { class: "empty" }, t("no_points")));
  });
  return () => {
    stop();
    fresh.away();
  };
}

class PointCard {
  constructor(point) {
    this.point = point;
    this.state = el("p", { class: "state" });
    this.power = el("dd");
    this.energy = el("dd");
    this.since = el("p", { class: "quiet" });
    this.start = button(t("start"), () => this.order("start"), { class: "primary wide" });
    this.stop = button(t("stop"), () => this.order("stop"), { class: "danger wide" });
    this.node = el(
      "section", { class: "card point" },
      el("div", { class: "row between" }, el("h2", {}, point.name), this.state),
      el("dl", { class: "tiles" }, el("div", { class: "tile" }, el("dt", {}, t("power")), this.power), el("div", { class: "tile" }, el("dt", {}, t("energy")), this.energy)),
      this.since, this.start, this.stop,
    );
  }

  tell(point) {
    this.point = point;
    this.node.dataset.state = point.state;
    if (this.state.textContent !== t(`state_${point.state}`)) this.state.textContent = t(`state_${point.state}`);
    this.power.textContent = power(point.power_w);
    this.energy.textContent = energy(point.session_energy_wh);
    const since = point.session_began_at ? t("since", { time: time(new Date(point.session_began_at)) }) : "";
    this.since.textContent = [point.user, since].filter(Boolean).join(" · ");
    this.start.hidden = !point.may_start;
    this.stop.hidden = !point.may_stop;
  }

  async order(what) {
    if (what === "stop" && !(await ask(t("stop_question", { point: this.point.name }), t("stop"), t("cancel")))) return;
    this.start.disabled = this.stop.disabled = true;
    try {
      await call(`/points/${this.point.id}/${what}`, { method: "POST" });
      say(t(what === "start" ? "released" : "stopped"));
    } catch (error) {
      say(error instanceof Refused ? error.message : t("reconnecting"));
    } finally {
      this.start.disabled = this.stop.disabled = false;
    }
  }
}

export function sessions() {
  const list = el("ul", { class: "list" });
  show(list);
  return again(async () => {
    const found = (await call("/sessions?limit=100")).sessions;
    list.replaceChildren(...found.map(session));
    if (!found.length) show(el("p", { class: "empty" }, t("no_sessions")));
  }, TODAY_EVERY_MS);
}

function session(one) {
  const began = new Date(one.began_at);
  const until = one.ended_at ? time(new Date(one.ended_at)) : t("running");
  const figure = one.energy_wh === null ? (one.ended_at ? t("unknown_energy") : "…") : energy(one.energy_wh);
  return el(
    "li", { class: one.ended_at ? "" : "running" },
    el("div", {}, el("strong", {}, day(began)), el("span", { class: "quiet" }, `${time(began)} – ${until} · ${one.point}`)),
    el("div", { class: "right" }, el("strong", {}, figure), el("span", { class: "quiet" }, one.user || (one.end_reason ? t(`end_${one.end_reason}`) : ""))),
  );
}
