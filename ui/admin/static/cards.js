// A card is waited for: count the seconds, and show what became of it.
"use strict";
(() => {
  const LOOK_MS = 1000;
  const waiting = document.querySelector("#card-waiting[data-look]");
  if (!waiting) return;
  async function look() {
    try {
      const answer = await fetch(waiting.dataset.look, { cache: "no-store" });
      if (answer.ok) {
        const now = await answer.json();
        if (now.over) { window.location.reload(); return; }
        document.getElementById("card-left").textContent = now.left_s;
      }
    } catch { /* the next look will tell */ }
    window.setTimeout(look, LOOK_MS);
  }
  window.setTimeout(look, LOOK_MS);
})();
