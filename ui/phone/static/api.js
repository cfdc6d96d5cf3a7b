// Ask the appliance, with the token in the header and nowhere else.

import { here, installation } from "./memory.js";
import { language } from "./words.js";

let onLost = () => {};
export const whenLost = (action) => (onLost = action);

const FULL_MS = 5000; // so many pages of this phone are open that they take each other's place
const ENDED = ["revoked", "expired", "unknown", "bound_elsewhere", "malformed", "not_confirmed"];

export function headers(token = here()?.token) {
  const found = { "Wattward-Installation": installation(), "Accept-Language": language };
  return token ? { ...found, Authorization: `Bearer ${token}` } : found;
}

export class Refused extends Error {
  constructor(answer) {
    super(answer.message || "");
    this.answer = answer;
  }
}

// Raises Refused for what the appliance refuses, TypeError when it does not answer.
export async function call(path, { method = "GET", body, token } = {}) {
  const given = headers(token);
  if (body) given["Content-Type"] = "application/json";
  const found = await fetch(`/api/v1${path}`, { method, headers: given, body: body && JSON.stringify(body), cache: "no-store" });
  const answer = found.status === 204 ? {} : await found.json();
  if (found.ok) return answer;
  if (found.status === 401 && !token && ENDED.includes(answer.status)) onLost(answer.status);
  throw new Refused(answer);
}

// What a token is worth: valid, not_confirmed, revoked, expired, unknown … or unreachable. `told` has the rest.
export async function check(token) {
  try {
    const told = await call("/token", { token });
    return { status: told.status, told };
  } catch (error) {
    return error instanceof Refused ? { status: error.answer.status || "unreachable", told: error.answer } : { status: "unreachable", told: {} };
  }
}

// Live figures for as long as the page is seen. Calls `tell(figures)`, and `tell(null)` while there is no answer.
export function watch(tell) {
  let ended = false;
  let running = null;

  async function follow() {
    for (let pause = 1000; !ended; pause = Math.min(pause * 2, 15000)) {
      running = new AbortController();
      try {
        const found = await fetch("/api/v1/stream", { headers: headers(), signal: running.signal, cache: "no-store" });
        if (found.status === 401) return void call("/live").catch(() => {});
        if (!found.ok) throw new TypeError();
        for await (const figures of events(found.body)) {
          pause = 500;
          if (!ended) tell(figures);
        }
        if (!ended) await call("/live").then(tell); // it ended by itself: perhaps the token did
      } catch (error) {
        if (error instanceof Refused && error.answer.status) return;
      }
      if (ended || document.hidden) return;
      tell(null);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  function seen() {
    if (document.hidden) running?.abort();
    else follow();
  }

  document.addEventListener("visibilitychange", seen);
  follow();
  return () => {
    ended = true;
    running?.abort();
    document.removeEventListener("visibilitychange", seen);
  };
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const [name, data] = block.split("\n").map((line) => line.slice(line.indexOf(": ") + 2));
      if (name === "live") yield JSON.parse(data);
      else {
        if (JSON.parse(data).error === "full") await new Promise((resolve) => setTimeout(resolve, FULL_MS));
        return;
      }
    }
  }
}
