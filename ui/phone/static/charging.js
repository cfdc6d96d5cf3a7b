// Charging: each charging point with what it does, and start and stop for whom this phone stands for.

import { call, Refused } from "./api.js";
import { again, ask, button, el, faults, say, show } from "./dom.js";
import { follow } from "./fresh.js";
import { duration, energy, power, t, time } from "./words.js";

const WHOSE_EVERY_MS = 60 * 1000;

export function charging() {
  const list = el("div", { class: "points" });
  const wrong = el("div", { class: "faults", role: "alert" });
  const whose = el("p", { class: "quiet whose" });
  show(wrong, list, whose);
  const end = again(async () => {
    const told = await call("/token");
    whose.textContent = told.role === "read" ? t("read_only") : told.user ? t("for_user", { name: told.user }) : t("for_nobody");
  }, WHOSE_EVERY_MS);
  const cards = new Map();
  const stop = follow((figures) => {
    faults(wrong, figures.faults);
    const now = new Date(figures.at);
    for (const point of figures.points) {
      if (!cards.has(point.id)) cards.set(point.id, new PointCard(point));
      cards.get(point.id).tell(point, now);
    }
    const shown = figures.points.map((point) => cards.get(point.id).node);
    if (!shown.length) list.replaceChildren(el("p", { class: "empty" }, t("no_points")));
    else if (shown.length !== list.children.length || shown.some((node, at) => node !== list.children[at])) list.replaceChildren(...shown);
  }, () => cards.forEach((card) => card.forget()));
  return () => {
    stop();
    end();
  };
}

function tile(name, value) {
  return el("div", { class: "tile" }, el("dt", {}, t(name)), value);
}

class PointCard {
  constructor(point) {
    this.point = point;
    this.state = el("p", { class: "state" });
    this.power = el("dd");
    this.energy = el("dd");
    this.about = el("p", { class: "quiet" });
    this.start = button(t("start"), () => this.order("start"), { class: "primary wide" });
    this.stop = button(t("stop"), () => this.order("stop"), { class: "danger wide" });
    this.figures = el("dl", { class: "tiles two" }, tile("power", this.power), tile("energy", this.energy));
    this.node = el(
      "section", { class: "card point", "aria-label": point.name },
      el("div", { class: "row between wrap" }, el("h2", {}, point.name), this.state),
      el("div", { class: "belt", "aria-hidden": "true" }), this.figures, this.about, this.start, this.stop,
    );
  }

  tell(point, now) {
    this.point = point;
    const began = point.session_began_at && new Date(point.session_began_at);
    this.says(point.state, t(`state_${point.state}`));
    this.figures.hidden = !began;
    this.power.textContent = power(point.power_w, "–");
    this.energy.textContent = energy(point.session_energy_wh);
    const busy = began || !["idle", "locked", "fault"].includes(point.state);
    const whose = point.user || (busy && !point.may_stop ? t("somebody") : "");
    this.about.textContent = busy ? [whose, began && t("since", { time: time(began) }), began && duration(now - began)].filter(Boolean).join(" · ") : point.may_start ? t("plug_in") : "";
    this.start.hidden = !point.may_start;
    this.stop.hidden = !point.may_stop;
  }

  forget() {
    this.says("unknown", t("no_data"));
    this.figures.hidden = this.start.hidden = this.stop.hidden = true;
    this.about.textContent = "";
  }

  says(state, text) {
    this.node.dataset.state = state;
    if (this.state.textContent !== text) this.state.textContent = text;
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
