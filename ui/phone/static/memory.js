// What this phone remembers: its own name for the appliance, the appliances it knows, and its token for this one.

const KEY = "wattward";
const empty = () => ({ installation: "", language: "", appliances: [] });

function read() {
  try {
    return { ...empty(), ...JSON.parse(localStorage.getItem(KEY) || "{}") };
  } catch {
    return empty();
  }
}

function write(state) {
  localStorage.setItem(KEY, JSON.stringify(state));
}

export function installation() {
  const state = read();
  if (!state.installation) {
    const letters = crypto.getRandomValues(new Uint8Array(16));
    state.installation = `page-${Array.from(letters, (one) => one.toString(16).padStart(2, "0")).join("")}`;
    write(state);
  }
  return state.installation;
}

export const language = () => read().language;
export const setLanguage = (chosen) => write({ ...read(), language: chosen });

export const appliances = () => read().appliances;
export const here = () => appliances().find((one) => one.url === location.origin) || null;
export const get = (url) => appliances().find((one) => one.url === url) || null;
export const firstToOpen = () => appliances().find((one) => one.first) || null;

// Exactly one is opened first.
function kept(state) {
  if (state.appliances.length && state.appliances.filter((one) => one.first).length !== 1) {
    const first = state.appliances.find((one) => one.first) || state.appliances[0];
    state.appliances.forEach((one) => (one.first = one === first));
  }
  write(state);
}

export function save(appliance, before = appliance.url) {
  const state = read();
  const at = state.appliances.findIndex((one) => one.url === before);
  if (at >= 0) state.appliances[at] = { ...state.appliances[at], ...appliance };
  else state.appliances.push(appliance);
  kept(state);
}

export function openFirst(url) {
  const state = read();
  state.appliances.forEach((one) => (one.first = one.url === url));
  kept(state);
}

export function remove(url) {
  const state = read();
  state.appliances = state.appliances.filter((one) => one.url !== url);
  kept(state);
}
