// Build the page from elements, never from text: what a meter or person is called is shown and cannot run.

const SVG = "http://www.w3.org/2000/svg";
const SOON_MS = 3000;

export const $ = (id) => document.getElementById(id);

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

export function icon(name) {
  return el("span", { class: `icon i-${name}`, "aria-hidden": "true" });
}

export function button(text, action, attributes = {}) {
  return el("button", { type: "button", onclick: action, ...attributes }, text);
}

export function show(...children) {
  $("content").replaceChildren(...children);
}

export function say(text) {
  const said = $("said");
  said.textContent = text;
  said.classList.toggle("seen", Boolean(text));
  clearTimeout(say.timer);
  if (text) say.timer = setTimeout(() => say(""), 5000);
}

// What keeps figures from coming, above them; nothing while they come.
export function away(sentence) {
  if ($("away").textContent !== sentence) $("away").textContent = sentence;
}

// Ask before something is undone; the safe answer has the focus.
export function ask(text, yes, no) {
  const dialog = $("question");
  $("question-text").textContent = text;
  const [left, right] = dialog.querySelectorAll("button");
  left.textContent = no;
  right.textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  left.focus();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

// Do it now and every so often, while the page is seen; what fails is tried again soon.
export function again(action, everyMs) {
  let newest = 0; // of the turns, only the newest goes on
  let timer = 0;
  async function turn() {
    const mine = ++newest;
    clearTimeout(timer);
    if (document.hidden) return; // begins anew when it is seen
    const pause = await action().then(() => everyMs, () => SOON_MS);
    if (mine === newest) timer = setTimeout(turn, pause);
  }
  turn();
  document.addEventListener("visibilitychange", turn);
  window.addEventListener("online", turn);
  return () => {
    newest += 1;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", turn);
    window.removeEventListener("online", turn);
  };
}

// What is wrong, in the sentences of the appliance; untouched while they stay the same.
export function faults(node, texts) {
  if (node.dataset.told === texts.join()) return;
  node.dataset.told = texts.join();
  node.replaceChildren(...texts.map((text) => el("p", { class: "fault" }, icon("fault"), el("span", {}, text))));
}
