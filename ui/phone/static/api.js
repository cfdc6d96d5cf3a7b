// Ask the appliance, with the token in the header and nowhere else.

import { here, installation } from "./memory.js";
import { language } from "./words.js";

let onLost = () => {};
export const whenLost = (action) => (onLost = action);

const ANSWER_MS = 10000; // a phone out of the Wi-Fi waits no longer
const SILENT_MS = 6000; // the stream speaks each second: so long without a word, and it is dead
const FULL_MS = 5000; // pause while others have all places of the stream
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

// Raises Refused for what the appliance refuses, another error when it does not answer.
export async function call(path, { method = "GET", body, token } = {}) {
  const given = headers(token);
  if (body) given["Content-Type"] = "application/json";
  const sent = { method, headers: given, body: body && JSON.stringify(body), cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) };
  const found = await fetch(`/api/v1${path}`, sent);
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

// Live figures for as long as the page is seen. Calls `tell(figures)`, and `tell(null, why)` while there are none.
export function watch(tell) {
  let turn = 0; // of those who follow, only the newest does
  let running = null;

  async function follow() {
    const mine = ++turn;
    const goesOn = () => mine === turn;
    for (let pause = 1000; goesOn(); pause = Math.min(pause * 2, 15000)) {
      running = new AbortController();
      const heard = (figures) => {
        pause = 500;
        if (goesOn()) tell(figures);
      };
      try {
        const why = await listen(running, heard);
        if (goesOn()) heard(await call("/live")); // perhaps the token ended, perhaps there was no place
        if (why === "full") pause = FULL_MS;
      } catch (error) {
        if (error instanceof Refused && error.answer.status) return;
        if (goesOn()) tell(null, error instanceof Refused ? error.message : "");
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  function end() {
    turn += 1;
    running?.abort();
  }

  function begin() {
    end();
    if (!document.hidden) follow();
  }

  document.addEventListener("visibilitychange", begin);
  window.addEventListener("online", begin);
  begin();
  return () => {
    end();
    document.removeEventListener("visibilitychange", begin);
    window.removeEventListener("online", begin);
  };
}

// One stream, for as long as it speaks; its answer is why it ended. Raises what fetch raises.
async function listen(running, heard) {
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => running.abort(), SILENT_MS);
  };
  wait();
  try {
    const found = await fetch("/api/v1/stream", { headers: headers(), signal: running.signal, cache: "no-store" });
    if (!found.ok) return (await found.json()).error;
    for await (const [name, told] of events(found.body)) {
      wait();
      if (name !== "live") return told.error;
      heard(told);
    }
    return "";
  } finally {
    clearTimeout(timer);
  }
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
      yield [name, JSON.parse(data)];
    }
  }
}
