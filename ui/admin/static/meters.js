// A search for meters, or registers that are being read: look again until they are there.
"use strict";
(() => {
  const LOOK_MS = 1000;
  const search = document.querySelector(".search-progress");
  if (!search) {
    if (document.querySelector("[data-reload]")) window.setTimeout(() => window.location.reload(), LOOK_MS);
    return;
  }
  async function look() {
    try {
      const answer = await fetch(search.dataset.look, { cache: "no-store" });
      if (answer.ok) {
        const now = await answer.json();
        search.querySelector("progress").value = now.percent;
        if (now.at) document.getElementById("search-at").textContent = now.at;
        if (now.over || now.found !== Number(search.dataset.found)) { window.location.reload(); return; }
      }
    } catch { /* the next look will tell */ }
    window.setTimeout(look, LOOK_MS);
  }
  window.setTimeout(look, LOOK_MS);
})();
