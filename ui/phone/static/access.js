// How this phone gets its access: by the touchscreen's QR code, or by asking; and how it learns that it ended.

import { call, check, Refused } from "./api.js";
import { button, el, icon, say, show } from "./dom.js";
import * as memory from "./memory.js";
import { t } from "./words.js";

const LOOK_MS = 2000;

export const ownName = () => t(Math.min(screen.width, screen.height) >= 700 ? "tablet" : "phone");

// The secret behind the # of a scanned address; it leaves the address bar at once.
export function scanned() {
  const secret = location.pathname === "/pair" ? location.hash.slice(1) : "";
  if (location.pathname === "/pair") history.replaceState(null, "", "/");
  return secret;
}

export async function adopt(secret) {
  memory.save({ url: location.origin, name: memory.here()?.name || location.hostname, token: secret });
  if ((await check(secret)).status === "not_confirmed") await call("/token", { method: "PATCH", body: { name: ownName() }, token: secret }).catch(() => {});
}

export async function request() {
  const wish = { name: ownName(), app: "Wattward phone page", installation: memory.installation() };
  return call("/token", { method: "POST", body: wish });
}

export function welcome() {
  show(
    el("section", { class: "hero" },
      el("img", { src: "/static/icon.svg", alt: "", width: 96, height: 96 }),
      el("h2", {}, t("welcome")),
      el("p", {}, t("welcome_text")),
      button(t("ask"), async () => {
        try {
          await adoptNew();
        } catch (error) {
          say(error instanceof Refused ? error.message : t("token_unreachable"));
        }
      }, { class: "primary wide" }),
      el("a", { href: "#help", class: "quiet" }, t("help_title")),
    ),
  );
  return () => {};
}

async function adoptNew() {
  const made = await request();
  memory.save({ url: location.origin, name: memory.here()?.name || location.hostname, token: made.token });
  location.reload();
}

// Wait until somebody confirms; `go` is called then.
export function waiting(told, go) {
  const number = el("output", { class: "number" }, told.matching_number || "");
  show(
    el("section", { class: "hero" },
      el("div", { class: "spinner", "aria-hidden": "true" }),
      el("h2", {}, t("waiting")),
      el("p", {}, t("waiting_text")),
      el("p", { class: "quiet" }, t("matching_number")),
      number,
    ),
  );
  const timer = setInterval(async () => {
    const { status, told: now } = await check(memory.here()?.token);
    if (status === "valid") {
      clearInterval(timer);
      say(t("paired"));
      go();
    } else if (status === "not_confirmed") number.textContent = now.matching_number;
    else if (status !== "unreachable") {
      clearInterval(timer);
      go();
    }
  }, LOOK_MS);
  return () => clearInterval(timer);
}

export function lost(status) {
  show(
    el("section", { class: "hero" },
      icon("lost"),
      el("h2", {}, t("lost")),
      el("p", {}, t(`lost_${status}`)),
      button(t("ask_again"), () => adoptNew().catch((error) => say(error.message || t("token_unreachable"))), { class: "primary wide" }),
      el("a", { href: "#settings", class: "quiet" }, t("settings")),
    ),
  );
  return () => {};
}
