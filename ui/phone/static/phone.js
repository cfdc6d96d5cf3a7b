// The phone page: which view is seen, and the tabs below it.

import { adopt, lost, scanned, waiting, welcome } from "./access.js";
import { call, check, whenLost } from "./api.js";
import { charging } from "./charging.js";
import * as devices from "./devices.js";
import { $, el, icon, show } from "./dom.js";
import { whenSeen } from "./fresh.js";
import { certificate, help, install } from "./guides.js";
import { latest } from "./live.js";
import * as memory from "./memory.js";
import { sessions } from "./sessions.js";
import { load, t } from "./words.js";

const VIEWS = {
  latest: { title: "latest", icon: "latest", tab: true, make: latest },
  charging: { title: "charge", icon: "charger", tab: true, make: charging, only: "charging" },
  sessions: { title: "sessions", icon: "sessions", tab: true, make: sessions, only: "charging" },
  settings: { title: "settings", icon: "settings", tab: true, make: devices.settings, open: true },
  devices: { title: "configuration", make: devices.devices, open: true, back: "settings" },
  device: { title: "edit", make: devices.device, open: true, back: "devices" },
  certificate: { title: "certificate", make: certificate, open: true, back: "settings" },
  install: { title: "install", make: install, open: true, back: "settings" },
  help: { title: "help", make: help, open: true, back: "settings" },
};

let leave = () => {};
let has = {};
let access = { status: "none", told: {} };

function wanted() {
  const [name, rest = ""] = location.hash.slice(1).split("=");
  const known = Object.hasOwn(VIEWS, name) && (!VIEWS[name].only || has[VIEWS[name].only]) ? name : "latest";
  try {
    return [known, decodeURIComponent(rest)];
  } catch {
    return ["latest", ""]; // an address somebody cut off
  }
}

function tabs(current) {
  const isOpen = (name) => VIEWS[name].open || name === "latest" || access.status === "valid"; // latest leads to the access, too
  const seen = Object.entries(VIEWS).filter(([name, view]) => view.tab && (!view.only || has[view.only]) && isOpen(name));
  $("tabs").hidden = false;
  $("tabs").replaceChildren(...seen.map(([name, view]) => el("a", { href: `#${name}`, "aria-current": name === current && "page" }, icon(view.icon), el("span", {}, t(view.title)))));
}

function route() {
  const [name, rest] = wanted();
  const view = VIEWS[name];
  const isOpen = view.open || access.status === "valid";
  leave();
  document.body.dataset.view = isOpen ? name : "access";
  $("title").textContent = isOpen && name !== "latest" ? t(view.title) : has.name || "Wattward";
  document.title = `${t(view.title)} – ${has.name || "Wattward"}`;
  $("back").hidden = !view.back;
  $("back").onclick = () => (location.hash = `#${view.back}`);
  tabs(isOpen ? name : "");
  leave = isOpen ? view.make(rest) : without();
  window.scrollTo(0, 0);
}

function without() {
  switch (access.status) {
    case "none": return welcome();
    case "not_confirmed": return waiting(access.told, start);
    case "unreachable": return waitForAnswer();
    default: return lost(access.status);
  }
}

function waitForAnswer() {
  show(el("section", { class: "hero" }, icon("away"), el("p", { role: "status" }, access.told.message || t("reconnecting")), el("div", { class: "spinner small", "aria-hidden": "true" })));
  const timer = setTimeout(start, 3000);
  return () => clearTimeout(timer);
}

// Learn what the access of this phone is worth now.
async function look() {
  const token = memory.here()?.token;
  access = token ? await check(token) : { status: "none", told: {} };
  if (access.status !== "valid") return;
  has = await call("/appliance").catch(() => has);
  if (has.name && memory.here()?.name === location.hostname) memory.save({ url: location.origin, name: has.name });
}

async function start() {
  await look();
  route();
}

// The charger comes and goes with the charging point, also on a page that is open.
function notice(figures) {
  if (Boolean(has.charging) === figures.points.length > 0) return;
  has = { ...has, charging: figures.points.length > 0 };
  tabs(wanted()[0]);
}

async function main() {
  await load(memory.language());
  const secret = scanned();
  if (secret) await adopt(secret);
  const first = memory.firstToOpen();
  const isBack = sessionStorage.getItem("here"); // from there: it may not have answered
  sessionStorage.setItem("here", "1");
  if (first && first.url !== location.origin && !location.hash && !isBack) return location.assign(first.url);
  whenSeen(notice);
  whenLost((status) => {
    if (access.status === "valid") {
      access = { status, told: {} };
      start();
    }
  });
  devices.whenAccessChanged(async () => {
    await look();
    tabs(wanted()[0]);
  });
  addEventListener("hashchange", () => (location.hash === "#content" ? null : route()));
  await start();
}

main();
