// Settings and device configuration: the appliances this phone knows, and its access token for this one.

import { call, check, Refused } from "./api.js";
import { openConfirmation, request } from "./access.js";
import { ask, button, el, icon, say, show } from "./dom.js";
import * as memory from "./memory.js";
import { language, languages, load, t } from "./words.js";

const ADDRESS = /^https:\/\/[^\/\s?#]+$/;

let changed = () => {};
export const whenAccessChanged = (action) => (changed = action);

export function settings() {
  const chosen = el("select", { id: "language", onchange: async (event) => {
    memory.setLanguage(event.target.value);
    await load(event.target.value);
    location.reload();
  } }, ...Object.entries(languages()).map(([code, name]) => el("option", { value: code, selected: code === language }, name)));
  show(
    el("ul", { class: "list links" },
      link("#devices", "device", t("configuration"), t("configuration_text")),
      link("#install", "home", t("install"), t("install_short")),
      link("#certificate", "lock", t("certificate"), t("certificate_short")),
      link("#help", "help", t("help"), t("help_title")),
    ),
    el("label", { class: "card row between", for: "language" }, "Language · Sprache", chosen),
  );
  return () => {};
}

function link(to, name, title, text) {
  return el("li", {}, el("a", { href: to }, icon(name), el("span", {}, el("strong", {}, title), el("span", { class: "quiet" }, text))));
}

export function devices() {
  const list = el("div", { class: "devices" });
  show(list, button(t("add"), () => (location.hash = "#device=new"), { class: "quiet-button wide" }));
  const known = memory.appliances();
  const all = known.some((one) => one.url === location.origin) ? known : [{ url: location.origin, name: location.hostname, first: !known.length }, ...known];
  list.append(...all.map(card));
  return () => {};
}

// Only this page's own appliance can be reached from here; the others are bookmarks, opened by going there.
function card(one) {
  const status = el("p", { class: "quiet" }, t("token_none"));
  const badge = el("span", { class: "badge" }, t("inactive"));
  const head = el("div", { class: "row between" }, el("h2", {}, one.name));
  const badges = el("p", { class: "badges" }, badge, one.first && el("span", { class: "badge first" }, t("default")));
  const node = el("section", { class: "card device", "data-url": one.url }, head, el("p", { class: "quiet" }, one.url), badges, status);
  if (one.url !== location.origin) {
    status.remove();
    const remove = () => {
      memory.remove(one.url);
      devices();
    };
    node.append(el("div", { class: "row wrap" },
      el("a", { href: one.url, class: "button quiet-button" }, t("open_other")),
      !one.first && button(t("make_default"), () => openFirst(one), { class: "quiet-button" }),
      button(t("remove"), remove, { class: "quiet-button" })));
    return node;
  }
  call("/capabilities").then(() => {
    badge.textContent = t("active");
    badge.classList.add("active");
    head.append(gear(one));
  }).catch(() => {});
  if (one.token) check(one.token).then(({ status: found }) => (status.textContent = `${t("token")}: ${t(`token_${found}`)}`));
  return node;
}

function openFirst(one) {
  memory.save({ url: one.url, name: one.name });
  memory.openFirst(one.url);
  devices();
}

function gear(one) {
  const menu = el("div", { class: "menu", role: "menu", hidden: true },
    el("a", { href: `#device=${encodeURIComponent(one.url)}`, role: "menuitem" }, t("edit")),
    !one.first && button(t("make_default"), () => openFirst(one), { role: "menuitem", class: "plain" }),
  );
  const opener = el("button", { type: "button", class: "plain gear", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": t("gear", { name: one.name }) }, icon("gear"));
  const toggle = (open) => {
    menu.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) menu.firstElementChild.focus();
  };
  opener.addEventListener("click", () => toggle(menu.hidden));
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      toggle(false);
      opener.focus();
    }
  });
  return el("div", { class: "gear-place" }, opener, menu);
}

// One appliance, in edit mode. What was made here is kept by Save only; leaving without gives it back.
export function device(url) {
  const isNew = url === "new";
  const known = isNew ? null : memory.get(url);
  const own = url === location.origin;
  const now = { token: known?.token || "", made: false, changed: false };
  const name = el("input", { id: "name", value: known?.name || (isNew ? "" : location.hostname), maxlength: 40, required: true, autocomplete: "off" });
  const address = el("input", { id: "address", value: isNew ? "https://" : url, required: true, inputmode: "url", autocomplete: "off", readonly: own, spellcheck: "false" });
  const wrong = el("p", { class: "wrong", role: "alert" });
  const unsaved = el("p", { class: "quiet", hidden: true }, t("unsaved"));
  const change = () => {
    now.changed = true;
    unsaved.hidden = false;
  };
  const form = el("form", { class: "card form", novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    const to = own ? url : address.value.trim().replace(/\/+$/, "");
    wrong.textContent = ADDRESS.test(to) && name.value.trim() ? "" : t("bad_address");
    if (wrong.textContent) return;
    memory.save({ url: to, name: name.value.trim(), ...(own ? { token: now.token } : {}) }, isNew ? to : url);
    now.changed = now.made = false;
    unsaved.hidden = true;
    say(t("saved"));
    if (own) changed();
    else location.hash = "#devices";
  } }, el("label", { for: "name" }, t("name"), name), el("label", { for: "address" }, t("address"), address), wrong,
    own && tokenPart(now, change), unsaved, el("button", { class: "primary wide" }, t("save")));
  form.addEventListener("input", change);
  show(form);
  return () => {
    if (now.made) call("/token", { method: "DELETE", token: now.token }).catch(() => {});
  };
}

function tokenPart(now, change) {
  const status = el("p", { class: "token-status", role: "status" });
  const number = el("p", { class: "quiet" });
  const buttons = el("div", { class: "row wrap" });
  const hint = el("p", { class: "quiet hint" });
  const part = el("fieldset", {}, el("legend", {}, t("token")), status, number, buttons, hint);

  const look = async () => {
    const { status: found, told } = now.token ? await check(now.token) : { status: "none", told: {} };
    status.textContent = t(`token_${found}`);
    status.dataset.status = found;
    number.textContent = found === "not_confirmed" ? `${t("matching_number")}: ${told.matching_number}` : "";
    const ended = !["valid", "not_confirmed", "unreachable"].includes(found);
    buttons.replaceChildren(
      ...(ended ? [button(t("create"), create, { class: "primary" })] : []),
      ...(now.token ? [button(t("check"), look)] : []),
      ...(found === "not_confirmed" ? [button(t("open"), () => openConfirmation(now.token))] : []),
      ...(found === "valid" || found === "not_confirmed" ? [button(t("forget"), forget, { class: "quiet-button" })] : []),
    );
    hint.textContent = found === "not_confirmed" ? t("open_hint") : "";
  };
  const create = async () => {
    try {
      now.token = (await request()).token;
      now.made = true;
      change();
      await look();
    } catch (error) {
      say(error instanceof Refused ? error.message : t("token_unreachable"));
    }
  };
  const forget = async () => {
    if (!(await ask(t("forget_question"), t("forget"), t("cancel")))) return;
    await call("/token", { method: "DELETE", token: now.token }).catch(() => {});
    if (memory.here()?.token === now.token) {
      memory.save({ url: location.origin, token: "" });
      changed();
    }
    now.token = "";
    now.made = false;
    await look();
  };
  look();
  return part;
}
