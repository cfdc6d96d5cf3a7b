// How this phone gets its access: by the touchscreen's QR code, or by asking; and how it learns that it ended.

import { call, check, Refused } from "./api.js";
import { ask, button, el, icon, say, show } from "./dom.js";
import * as memory from "./memory.js";
import { t } from "./words.js";

const LOOK_MS = 2000;
const GOOD = ["valid", "not_confirmed"];

export const ownName = () => t(Math.min(screen.width, screen.height) >= 700 ? "tablet" : "phone");

// The secret behind the # of a scanned address; it leaves the address bar at once.
export function scanned() {
  const secret = location.pathname === "/pair" ? location.hash.slice(1) : "";
  if (location.pathname === "/pair") history.replaceState(null, "", "/");
  return secret;
}

// Take over a scanned token. An access that works is given up for a good one only, and after a question.
export async function adopt(secret) {
  const before = memory.here()?.token;
  if (before === secret) return;
  const { status } = await check(secret);
  if (before && !GOOD.includes(status)) return say(t(`token_${status}`));
  if (before && (await check(before)).status === "valid" && !(await ask(t("replace_question"), t("replace"), t("cancel")))) return;
  keep(secret);
  if (status === "not_confirmed") await call("/token", { method: "PATCH", body: { name: ownName() }, token: secret }).catch(() => {});
}

function keep(secret) {
  memory.save({ url: location.origin, name: memory.here()?.name || location.hostname, token: secret });
}

let asked = null;

// A token of this phone; a second tap before the answer asks for no second one.
export function request() {
  const wish = { name: ownName(), app: "Wattward phone page", installation: memory.installation() };
  asked ??= call("/token", { method: "POST", body: wish }).finally(() => (asked = null));
  return asked;
}

// Ask for a token and begin anew with it; what is in the way is said.
async function askForAccess() {
  try {
    keep((await request()).token);
    location.reload();
  } catch (error) {
    say(error instanceof Refused ? error.message : t("token_unreachable"));
  }
}

// The page of the web admin where a token is confirmed, in a window of its own; says so when it is closed.
export async function openConfirmation(token) {
  const where = await call("/token/confirmation", { token }).catch(() => null);
  if (!where?.open) return say(t("open_closed"));
  window.open(`https://${location.hostname}:${where.port}${where.path}`, "_blank", "noopener");
}

export function welcome() {
  show(
    el("section", { class: "hero" },
      el("img", { src: "/static/icon.svg", alt: "", width: 96, height: 96 }),
      el("h2", {}, t("welcome")),
      el("p", {}, t("welcome_text")),
      button(t("ask"), askForAccess, { class: "primary wide" }),
      el("a", { href: "#help", class: "quiet" }, t("help_title")),
    ),
  );
  return () => {};
}

// Wait until somebody confirms; `go` is called then.
export function waiting(told, go) {
  const token = memory.here()?.token;
  const number = el("output", { class: "number" }, told.matching_number || "");
  const silent = el("p", { class: "quiet", role: "status" });
  const withdraw = async () => {
    await call("/token", { method: "DELETE", token }).catch(() => {});
    memory.save({ url: location.origin, token: "" });
    go();
  };
  show(
    el("section", { class: "hero" },
      el("div", { class: "spinner", "aria-hidden": "true" }),
      el("h2", {}, t("waiting")),
      el("p", {}, t("waiting_text")),
      el("p", { class: "quiet" }, t("matching_number")),
      number,
      silent,
      button(t("open_admin"), () => openConfirmation(token), { class: "wide" }),
      button(t("withdraw"), withdraw, { class: "quiet-button wide" }),
    ),
  );
  const timer = setInterval(async () => {
    const { status, told: now } = await check(token);
    silent.textContent = status === "unreachable" ? now.message || t("reconnecting") : "";
    if (status === "unreachable") return;
    if (status === "not_confirmed") return void (number.textContent = now.matching_number);
    clearInterval(timer);
    if (status === "valid") say(t("paired"));
    go();
  }, LOOK_MS);
  return () => clearInterval(timer);
}

export function lost(status) {
  show(
    el("section", { class: "hero" },
      icon("lost"),
      el("h2", {}, t("lost")),
      el("p", {}, t(`lost_${status}`)),
      button(t("ask_again"), askForAccess, { class: "primary wide" }),
      el("a", { href: "#help", class: "quiet" }, t("help_title")),
    ),
  );
  return () => {};
}
