// Sessions: what was charged, month by month with the sum of each.

import { call, Refused } from "./api.js";
import { again, away, el, show } from "./dom.js";
import { day, energy, month, t, time } from "./words.js";

const EVERY_MS = 30 * 1000;
const MOST = 200;

export function sessions() {
  const list = el("div", { class: "months" });
  show(list);
  const put = ({ sessions: found, more }) => {
    const months = grouped(found);
    const cut = more && months[months.length - 1];
    const shown = months.map((one) => section(one, one !== cut));
    list.replaceChildren(...(shown.length ? shown : [el("p", { class: "empty" }, t("no_sessions"))]));
  };
  let left = false;
  const tell = (sentence) => left || away(sentence);
  const end = again(async () => {
    try {
      put(await call(`/sessions?limit=${MOST}`));
      tell("");
    } catch (error) {
      tell(error instanceof Refused ? error.message : t("reconnecting"));
      throw error;
    }
  }, EVERY_MS);
  return () => {
    end();
    away("");
    left = true;
  };
}

// [[month, its sessions], …], newest first.
function grouped(found) {
  const months = new Map();
  for (const one of found) {
    const name = month(new Date(one.began_at));
    months.set(name, [...(months.get(name) || []), one]);
  }
  return [...months];
}

function section([name, found], whole) {
  const known = found.filter((one) => one.energy_wh !== null);
  const sum = whole && known.length ? energy(known.reduce((all, one) => all + one.energy_wh, 0)) : "";
  return el("section", {}, el("div", { class: "row between month" }, el("h2", {}, name), el("strong", {}, sum)), el("ul", { class: "list" }, ...found.map(session)));
}

function session(one) {
  const began = new Date(one.began_at);
  const until = one.ended_at ? time(new Date(one.ended_at)) : t("running");
  const figure = one.energy_wh === null ? (one.ended_at ? t("unknown_energy") : "…") : energy(one.energy_wh);
  const about = [one.user, one.end_reason && t(`end_${one.end_reason}`)].filter(Boolean).join(" · ");
  return el(
    "li", { class: one.ended_at ? "" : "running" },
    el("div", {}, el("strong", {}, day(began)), el("span", { class: "quiet" }, `${time(began)} – ${until} · ${one.point}`), el("span", { class: "quiet" }, about)),
    el("strong", { class: "right" }, figure),
  );
}
