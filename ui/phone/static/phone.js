// The phone page: which view is seen, and the tabs below it.

import { adopt, lost, scanned, waiting, welcome } from "./access.js";
import { call, check, whenLost } from "./api.js";
import * as devices from "./devices.js";
import { $, el, icon } from "./dom.js";
import { charging, latest, sessions } from "./live.js";
import * as memory from "./memory.js";
import { load, t } from "./words.js";

const VIEWS = {
  latest: { title: "latest", icon: "latest", tab: true, make: latest },
  charging: { title: "charge", icon: "charger", tab: true, make: charging, only: "charging" },
  sessions: { title: "sessions", icon: "sessions", tab: true, make: sessions, only: "charging" },
  settings: { title: "settings", icon: "settings", tab: true, make: devices.settings, open: true },
  devices: { title: "configuration", make: devices.devices, open: true, back: "settings" },
  device: { title: "edit", make: devices.device, open: true, back: "devices" },
  certificate: { title: "appearance", make: devices.certificate, open: true, back: "settings" },
  help: { title: "help", make: devices.help, open: true, back: "settings" },
};

let leave = () => {};
let has = {};
let access = { status: "none", told: {} };

function tabs(current) {
  const seen = Object.entries(VIEWS).filter(([, view]) => view.tab && (!view.only || has[view.only]) && (view.open || access.status === "valid"));
  $("tabs").hidden = seen.length < 2;
  document.body.classList.toggle("tabbed", seen.length >= 2);
  $("tabs").replaceChildren(...seen.map(([name, view]) => el("a", { href: `#${name}`, "aria-current": name === current && "page" }, icon(view.icon), el("span", {}, t(view.title)))));
}

function route() {
  const [name, rest] = location.hash.slice(1).split("=");
  let view = VIEWS[name] || VIEWS.latest;
  if (view.only && !has[view.only]) view = VIEWS.latest;
  leave();
  const isOpen = view.open || access.status === "valid";
  $("title").textContent = isOpen && view !== VIEWS.latest ? t(view.title) : has.name || "Wattward";
  document.title = `${t(view.title)} – ${has.name || "Wattward"}`;
  $("back").hidden = !view.back;
  $("back").onclick = () => (location.hash = `#${view.back}`);
  tabs(Object.keys(VIEWS).find((one) => VIEWS[one] === view));
  leave = isOpen ? view.make(decodeURIComponent(rest || "")) : without();
  window.scrollTo(0, 0);
}

function without() {
  const settingsTab = el("a", { href: "#settings" }, icon("settings"), el("span", {}, t("settings")));
  $("tabs").replaceChildren(settingsTab);
  $("tabs").hidden = false;
  document.body.classList.add("tabbed");
  if (access.status === "none") return welcome();
  if (access.status === "not_confirmed") return waiting(access.told, start);
  if (access.status === "unreachable") return waitForAnswer();
  return lost(access.status);
}

function waitForAnswer() {
  $("content").replaceChildren(el("p", { class: "empty" }, t("reconnecting")));
  const timer = setTimeout(start, 3000);
  return () => clearTimeout(timer);
}

async function start() {
  const token = memory.here()?.token;
  access = token ? await check(token) : { status: "none", told: {} };
  if (access.status === "valid") {
    has = await call("/appliance").catch(() => has);
    if (has.name && memory.here()?.name === location.hostname) memory.save({ url: location.origin, name: has.name });
  }
  route();
}

async function main() {
  await load(memory.language());
  const secret = scanned();
  if (secret) await adopt(secret);
  const first = memory.firstToOpen();
  if (first && first.url !== location.origin && !location.hash && !sessionStorage.getItem("here")) return location.replace(first.url);
  sessionStorage.setItem("here", "1");
  whenLost((status) => {
    if (access.status === "valid") {
      access = { status, told: {} };
      start();
    }
  });
  addEventListener("hashchange", () => (location.hash === "#content" ? null : route()));
  await start();
}

main();
