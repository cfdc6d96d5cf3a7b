// Texts and figures as people of the chosen language write them.

let texts = { locale: "en-GB", languages: {}, words: {} };
export let language = document.documentElement.lang || "en";

export async function load(chosen) {
  const wanted = chosen || (navigator.languages || []).map((one) => one.slice(0, 2)).find((one) => one === "de" || one === "en");
  language = wanted || language;
  texts = await (await fetch(`/texts/${language}.json`)).json();
  document.documentElement.lang = language;
}

export const languages = () => texts.languages;

export function t(name, values = {}) {
  return (texts.words[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

const SPACE = "\u202f";
const number = (value, places) =>
  new Intl.NumberFormat(texts.locale, { minimumFractionDigits: places, maximumFractionDigits: places }).format(value);

export function powerParts(watts) {
  const size = Math.abs(watts);
  if (size < 999.5) return [number(Math.round(size), 0), "W"];
  return [number(size / 1000, size < 9995 ? 2 : 1), "kW"];
}

export const power = (watts, none = t("no_data")) => (watts === null ? none : powerParts(watts).join(SPACE));
export const scale = (watts) => (watts < 1000 ? number(watts, 0) + SPACE + "W" : number(watts / 1000, watts % 1000 ? 1 : 0) + SPACE + "kW");

export function energy(wh) {
  if (wh === null) return "–";
  const kwh = wh / 1000;
  return number(kwh, Math.abs(kwh) < 10 ? 2 : Math.abs(kwh) < 1000 ? 1 : 0) + SPACE + "kWh";
}

export const percent = (share) => (share === null ? "–" : number(share * 100, 0) + SPACE + "%");
export const duration = (ms) => `${Math.floor(Math.max(0, ms) / 3600000)}:${String(Math.floor(Math.max(0, ms) / 60000) % 60).padStart(2, "0")}${SPACE}h`;
export const month = (moment) => new Intl.DateTimeFormat(texts.locale, { month: "long", year: "numeric" }).format(moment);
export const time = (moment) => new Intl.DateTimeFormat(texts.locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(moment);
export const seconds = (moment) => new Intl.DateTimeFormat(texts.locale, { timeStyle: "medium", hourCycle: "h23" }).format(moment);
export const day = (moment) => new Intl.DateTimeFormat(texts.locale, { weekday: "short", day: "numeric", month: "short" }).format(moment);
