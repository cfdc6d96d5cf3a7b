// What was typed and not saved when the web admin closed: kept in this browser, offered again after the next sign-in.
// Never a password, a code or a token; never for somebody else; never for longer than half a day.
"use strict";
(() => {
  const PREFIX = "kept ", LEAVING = "leaving", KEPT_MS = 12 * 3600 * 1000;
  const SECRET = /pass|pin|code|token|secret|key|seal/i;
  const KINDS = ["text", "search", "email", "number", "date", "time", "tel", "url", "checkbox", "radio", "select-one", "textarea"];
  const here = document.getElementById("kept");
  const noted = sessionStorage.getItem(LEAVING);  // the page before this one was left or sent
  sessionStorage.removeItem(LEAVING);
  if (!here) return;  // nobody is signed in: what was left then was not by choice
  const { who, opening } = here.dataset;

  const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const all = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  for (const key of all()) if (!(Date.now() - read(key)?.at < KEPT_MS)) localStorage.removeItem(key);
  if (noted && !document.querySelector("[data-refused]")) localStorage.removeItem(noted);

  const fields = (form) => [...form.elements].filter((one) => one.name && !one.readOnly && KINDS.includes(one.type)
    && !SECRET.test(one.name) && !one.hasAttribute("data-secret"));
  const value = (one) => one.type === "checkbox" || one.type === "radio" ? one.checked : one.value;
  const values = (form) => fields(form).map((one) => [one.name, one.value, value(one)]);
  const forms = [...document.querySelectorAll("form[data-unsaved]")].map((form, number) => {
    return { form, key: `${PREFIX}${who} ${window.location.pathname} ${number}`, before: values(form) };
  });

  function putBack(form, kept) {
    for (const one of fields(form)) {
      const found = kept.find(([name, was]) => name === one.name && (!["checkbox", "radio"].includes(one.type) || was === one.value));
      if (!found) continue;
      if (typeof found[2] === "boolean") one.checked = found[2]; else one.value = found[2];
      one.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  function watch({ form, key, before }) {
    if (noted && noted !== key && form.querySelector("[data-refused]") && read(noted)) {  // sent from the page before
      localStorage.setItem(key, JSON.stringify({ ...read(noted), path: window.location.pathname, title: document.title }));
      localStorage.removeItem(noted);
    }
    const kept = read(key);
    const typedBefore = kept?.opening === opening ? kept.values.map(([name]) => name) : [];  // its saving was refused
    const isTyped = (one, number) => JSON.stringify(one) !== JSON.stringify(before[number]) || typedBefore.includes(one[0]);
    const note = () => {  // what was left as it was shown is not kept: it may be another by the next sign-in
      const typed = values(form).filter(isTyped);
      if (typed.length === 0) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify({ at: Date.now(), opening, path: window.location.pathname, title: document.title, values: typed }));
    };
    if (kept && kept.opening !== opening) {
      putBack(form, kept.values);
      note();
      form.before(here);
      here.hidden = false;
      here.querySelector("button").addEventListener("click", () => { localStorage.removeItem(key); form.reset(); here.hidden = true; form.dispatchEvent(new Event("change", { bubbles: true })); });
    }
    form.addEventListener("input", note);
    form.addEventListener("change", note);
    window.addEventListener("pagehide", () => { if (read(key)) sessionStorage.setItem(LEAVING, key); });
  }
  forms.forEach(watch);

  const elsewhere = document.getElementById("kept-elsewhere");
  const lost = all().filter((key) => key.startsWith(`${PREFIX}${who} `) && !forms.some((one) => one.key === key))
    .map(read).filter((one) => one.opening !== opening);
  for (const one of lost) {
    const link = document.createElement("a");
    link.href = one.path;
    link.textContent = one.title;
    const row = document.createElement("li");
    row.append(link);
    elsewhere.querySelector("ul").append(row);
  }
  elsewhere.hidden = lost.length === 0;
  elsewhere.querySelector("button").addEventListener("click", () => {
    for (const key of all()) if (read(key).opening !== opening) localStorage.removeItem(key);
    elsewhere.hidden = true;
  });

  document.querySelector("form[data-sign-out]")?.addEventListener("submit", () => all().forEach((key) => localStorage.removeItem(key)));
})();
