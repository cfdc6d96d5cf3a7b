// Work that is followed: look again until it is over; an appliance that restarts does not answer for a while.
"use strict";
(() => {
  const LOOK_MS = 1000;
  const task = document.querySelector("#task[data-look]");
  if (!task) return;
  async function look() {
    try {
      const answer = await fetch(task.dataset.look, { cache: "no-store" });
      if (answer.status === 404) { window.location.reload(); return; }
      if (answer.ok) {
        const now = await answer.json();
        if (now.over) { window.location.reload(); return; }
        task.querySelector("p").textContent = now.said;
        if (now.percent !== null) task.querySelector("progress").value = now.percent;
      }
    } catch { /* the next look will tell */ }
    window.setTimeout(look, LOOK_MS);
  }
  window.setTimeout(look, LOOK_MS);
})();
