// Put new figures into the overview every two seconds, new curves every minute, until the window ends. Old ones look old.
"use strict";
(() => {
  const FIGURES_MS = 2000, CURVE_MS = 60000, ANSWER_MS = 5000, OLD_MS = 10000;
  const faults = document.getElementById("faults");
  const today = document.getElementById("today");
  const silent = document.getElementById("silent");
  let ended = false, heardAt = performance.now();
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
    putFlow(now);
    putFaults(now.faults);
  }

  function putFlow(now) {
    for (const wire of now.wires) {
      const found = document.querySelector(`[data-wire="${wire.key}"]`);
      if (!found) continue;
      found.dataset.way = wire.way;
      found.dataset.pace = wire.pace;
    }
    for (const part of document.querySelectorAll("[data-part]")) {
      const is = now.ring.find((one) => one.key === part.dataset.part);
      part.setAttribute("stroke-dasharray", `${is ? is.length : 0} 100`);
      part.setAttribute("stroke-dashoffset", is ? -is.begin : 0);
    }
  }

  function putCurve(now) {
    const chart = today.querySelector("[data-chart]");
    if (!chart) {  // the first readings of the day have come
      if (now.data.series.length) window.location.reload();
      return;
    }
    window.putChart(chart, now);
    for (const [key, figure] of Object.entries(now.sums)) put(today, `[data-sum="${key}"]`, figure);
  }

  async function look(address, use) {
    if (ended || document.hidden) return;
    try {
      const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
      if (answer.ok) use(await answer.json());
    } catch { /* the next look will tell */ }
  }

  function putAge() {
    if (document.hidden) return;
    const old = performance.now() - heardAt > OLD_MS;
    silent.hidden = ended || !old;
    document.body.classList.toggle("is-old", ended || old);
  }

  function hear(now) {
    heardAt = performance.now();
    putFigures(now);
    putAge();
  }

  const figures = () => look(faults.dataset.look, hear);
  setInterval(figures, FIGURES_MS);
  setInterval(putAge, FIGURES_MS);
  document.addEventListener("visibilitychange", figures);
  if (today) setInterval(() => look(today.dataset.look, putCurve), CURVE_MS);
})();
