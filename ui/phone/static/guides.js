// Guides: how to get access, how to put the page on the home screen, and how to end the browser's warning.

import { el, show } from "./dom.js";
import { t } from "./words.js";

const STEPS = { help: 5, iphone: 2, android: 2 };
const SYSTEMS = ["android", "iphone", "windows", "mac", "firefox"];

function steps(name, count) {
  return el("ol", { class: "steps" }, ...Array.from({ length: count }, (_, at) => el("li", {}, t(`${name}_${at + 1}`))));
}

export function help() {
  show(el("section", { class: "card" }, el("h2", {}, t("help_title")), steps("help", STEPS.help), el("p", {}, t("help_6"))));
  return () => {};
}

export function install() {
  const guide = (name) => el("section", { class: "card" }, el("h2", {}, t(`on_${name}`)), steps(`install_${name}`, STEPS[name]));
  show(el("p", {}, t("install_text")), guide("iphone"), guide("android"), el("p", { class: "quiet" }, t("install_own")));
  return () => {};
}

export function certificate() {
  const guide = (name) => el("details", {}, el("summary", {}, t(`on_${name}`)), el("p", {}, t(`certificate_${name}`)));
  show(
    el("section", { class: "card" },
      el("p", {}, t("certificate_text")),
      el("a", { href: "/authority.crt", download: true, class: "button primary wide" }, t("certificate_get"))),
    el("section", { class: "card" }, el("h2", {}, t("certificate_how")), ...SYSTEMS.map(guide)),
  );
  return () => {};
}
