// Forms: warn before typed things are lost, send once, and show dialogs as dialogs.
"use strict";
(() => {
  let changed = false;
  const watched = document.querySelectorAll("form[data-unsaved]");
  const values = (form) => new URLSearchParams(new FormData(form)).toString();
  const before = new Map([...watched].map((form) => [form, values(form)]));
  const look = (sent) => { changed = [...watched].some((form) => form !== sent && values(form) !== before.get(form)); };
  document.addEventListener("input", () => look());
  document.addEventListener("change", () => look());
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) { event.preventDefault(); return; }
    look(form);  // what was typed in another form is lost by this one, too
    if (form.hasAttribute("data-once")) {
      form.dataset.sent = "yes";
      window.setTimeout(() => { delete form.dataset.sent; }, 5000);
    }
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  const dialog = document.querySelector("dialog[data-close]");
  if (dialog) {
    dialog.removeAttribute("open");
    dialog.showModal();
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); window.location.assign(dialog.dataset.close); });
  }

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.dropdown-box[open]").forEach((box) => { if (!box.contains(event.target)) box.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.dropdown-box[open]").forEach((box) => { box.open = false; box.querySelector("summary").focus(); });
  });
})();
