// Follow the live figures, and never let old ones look new: their time, a sentence when none come, and dashes at last.

import { watch } from "./api.js";
import { $, away } from "./dom.js";
import { seconds, t } from "./words.js";

const LATE_MS = 4000; // figures come each second
const OLD_MS = 60 * 1000; // nobody wants to read them after so long

let seen = () => {};
export const whenSeen = (action) => (seen = action);

// Calls `tell(figures)` for each look, and `forget()` when the last is too old to be shown. Ends with what it returns.
export function follow(tell, forget) {
  let last = null;
  let at = Date.now();
  let why = null; // a sentence while there is no answer
  const look = () => show(last, Date.now() - at, why, forget);
  const stop = watch((figures, reason) => {
    why = figures ? null : reason || t("reconnecting");
    if (figures) {
      last = figures;
      at = Date.now();
      seen(figures);
      tell(figures);
    }
    look();
  });
  const timer = setInterval(look, 1000);
  document.addEventListener("visibilitychange", look);
  return () => {
    stop();
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
    show(null, 0, null);
  };
}

function show(last, age, why, forget) {
  const late = Boolean(last) && (why !== null || age > LATE_MS);
  const text = last ? seconds(new Date(last.at)) : "";
  $("fresh").textContent = late ? t("as_of", { time: text }) : text;
  $("fresh").classList.toggle("old", late);
  document.body.classList.toggle("stale", late);
  away(why ?? (late ? t("reconnecting") : ""));
  if (last && age > OLD_MS) forget();
}
