// Put new figures into the overview every two seconds, new curves every minute, until the window ends.
"use strict";
(() => {
  const FIGURES_MS = 2000, CURVE_MS = 60000;
  const faults = document.getElementById("faults");
  const today = document.getElementById("today");
  let ended = false;
  document.addEventListener("window-closed", () => { ended = true; });

  const put = (parent, selector, text) => {
    const found = parent.querySelector(selector);
    if (found && found.textContent !== text) found.textContent = text;
  };

  function putFaults(sentences) {
    const shown = [...faults.children].map((one) => one.textContent);
    if (shown.join("\n") === sentences.join("\n")) return;
    faults.replaceChildren(...sentences.map((sentence) => {
      const line = document.createElement("p");
      line.className = "notice notice-danger";
      line.setAttribute("role", "alert");
      line.textContent = sentence;
      return line;
    }));
  }

  function putFigures(now) {
    for (const [key, card] of Object.entries(now.cards)) {
      const found = document.querySelector(`[data-card="${key}"]`);
      if (!found) continue;
      put(found, "[data-figure]", card.figure);
      put(found, "[data-note]", card.note);
      found.classList.toggle("is-unknown", !card.known);
    }
    for (const point of now.points) {
      const found = document.querySelector(`[data-point="${point.id}"]`);
      if (!found) continue;
      found.dataset.state = point.state;
      put(found, "[data-state-text]", point.state_text);
      put(found, "[data-user]", point.user);
      put(found, "[data-power]", point.power);
      put(found, "[data-energy]", point.energy);
    }
    putFaults(now.faults);
  }

  function putCurve(now) {
    for (const [key, d] of Object.entries(now.lines)) today.querySelector(`[data-line="${key}"]`)?.setAttribute("d", d);
    for (const [key, d] of Object.entries(now.areas)) today.querySelector(`[data-area="${key}"]`)?.setAttribute("d", d);
    today.querySelectorAll("[data-value]").forEach((text, row) => { text.textContent = now.values[row]; });
    document.getElementById("zero").setAttribute("d", `M0 ${now.zero_y}H960`);
  }

  async function look(address, use) {
    if (ended || document.hidden) return;
    try {
      const answer = await fetch(address, { cache: "no-store" });
      if (answer.ok) use(await answer.json());
    } catch { /* the next look will tell */ }
  }

  setInterval(() => look(faults.dataset.look, putFigures), FIGURES_MS);
  setInterval(() => look(today.dataset.look, putCurve), CURVE_MS);
})();
