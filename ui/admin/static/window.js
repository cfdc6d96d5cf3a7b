// The time until the web admin closes: counted here, corrected by the appliance, warned of at 1:00.
"use strict";
(() => {
  const shown = document.getElementById("time-left");
  if (!shown) return;
  const WARN_S = 60, LOOK_MS = 15000;
  let endsAt = performance.now() + Number(shown.dataset.remainingS) * 1000;

  function show() {
    const left = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
    shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    document.getElementById("closing").hidden = left > WARN_S || left === 0;
    document.getElementById("closed").hidden = left > 0;
    shown.parentElement.classList.toggle("is-short", left <= WARN_S);
    if (left === 0) document.dispatchEvent(new Event("window-closed"));
  }

  async function look() {
    try {
      const answer = await fetch(shown.dataset.look, { cache: "no-store" });
      if (answer.ok) endsAt = performance.now() + (await answer.json()).remaining_s * 1000;
      else if (answer.status === 401 || answer.status === 503) endsAt = performance.now();
    } catch { /* the port is closed or the network is gone: the countdown goes on */ }
  }

  setInterval(show, 250);
  setInterval(look, LOOK_MS);
  show();
})();
