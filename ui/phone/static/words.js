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

export const power = (watts) => (watts === null ? t("no_data") : powerParts(watts).join(SPACE));

export function energy(wh) {
  if (wh === null) return "–";
  const kwh = wh / 1000;
  return number(kwh, Math.abs(kwh) < 10 ? 2 : Math.abs(kwh) < 1000 ? 1 : 0) + SPACE + "kWh";
}

export const percent = (share) => (share === null ? "–" : number(share * 100, 0) + SPACE + "%");
export const time = (moment) => new Intl.DateTimeFormat(texts.locale, { hour: "2-digit", minute: "2-digit", hour12: false }).format(moment);
export const seconds = (moment) => new Intl.DateTimeFormat(texts.locale, { timeStyle: "medium", hour12: false }).format(moment);
export const day = (moment) => new Intl.DateTimeFormat(texts.locale, { weekday: "short", day: "numeric", month: "short" }).format(moment);
