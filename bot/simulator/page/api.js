/** The person's side of the simulator (see bot/simulator/person/routes.py). */

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function call(path, options = {}) {
  const answer = await fetch(path, { ...options, cache: "no-store", credentials: "same-origin" });
  let body = null;
  try {
    body = await answer.json();
  } catch {
    // Not the simulator's answer, or cut short: the status says it.
  }
  if (!answer.ok) throw new Refused(answer.status, body?.error ?? `${answer.status} ${answer.statusText}`);
  if (body === null) throw new TypeError("an answer without content");
  return body;
}

const query = (values) =>
  new URLSearchParams(Object.entries(values).filter(([, value]) => value !== undefined && value !== null)).toString();

const get = (path, values = {}, signal = undefined) => call(`/sim/${path}?${query(values)}`, { signal });

const post = (path, body = {}) =>
  call(`/sim/${path}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });

export const users = () => get("users");
export const createUser = (body) => post("users", body);
export const chats = (user) => get("chats", { user });
export const messages = (user, chat, thread) => get("messages", { user, chat, thread });
export const events = (user, after, wait, signal) => get("events", { user, after, wait }, signal);
export const commands = (user, chat) => get("commands", { user, chat });
export const sayAs = (body) => post("say", body);
export const inline = (body) => post("inline", body);
export const chooseInline = (body) => post("inline/choose", body);
export const share = (body) => post("share", body);
export const shareable = (user, request) => get("share", { user, request_id: request });
export const press = (body) => post("press", body);
export const read = (user, chat) => post("read", { user, chat });
export const block = (user, on) => post(on ? "block" : "unblock", { user });
export const group = (action, body) => post(action ? `groups/${action}` : "groups", body);
export const clock = () => get("clock");
export const nextMoment = () => post("clock/next");
