// Follow the browser's dark or light wish before anything is painted.
"use strict";
(() => {
  const light = window.matchMedia("(prefers-color-scheme: light)");
  const apply = () => { document.documentElement.dataset.bsTheme = light.matches ? "light" : "dark"; };
  light.addEventListener("change", apply);
  apply();
})();
