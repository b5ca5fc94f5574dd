/** The chat page: who is chatting, where, and what comes in. */

import * as api from "./api.js";
import { Clock } from "./clock.js";
import { Composer } from "./composer.js";
import { openGroupDialog, openPersonDialog, openPickDialog } from "./dialogs.js";
import { $, face, make, reconcile, showAlert, sleep, toast } from "./dom.js";
import { InlineList } from "./inline.js";
import { clientEntries, groupEntries, privateEntries, toggleMenu } from "./menu.js";
import { brief, bubble, pendingBubble, typingBubble } from "./messages.js";
import { safeUrl } from "./richtext.js";
import { restoreTheme } from "./theme.js";
import { dayOf, fillWords, languageOf, say, setLanguage, startOfDay, whenOf } from "./words.js";

const TYPING_MS = 5000;
const JOINED_SECONDS = 300;
const PEOPLE_SHOWN = 40;
const HEADROOM = 38;

const state = {
  users: [], bot: null, user: null, chats: [], chat: null, thread: 0,
  messages: new Map(), nodes: new Map(), pending: [], busy: new Set(), typing: new Map(),
  commands: null, payload: null, following: null, unseen: 0, stick: true, arrived: null, late: new Set(),
};
const clock = new Clock(() => {
  if (!state.chat) return;
  showChats();
  showMessages();
});
const composer = new Composer((message) => deliver(message));
const inline = new InlineList({
  ask: (text, offset) => api.inline({ user: state.user.id, chat: state.chat.id, text, offset }),
  choose: (query, result) => sendInline(query, result),
  open: (address) => openLink(address),
});
const actions = {
  press: (message, button) => press(message, button),
  open: (address) => openHere(address),
  command: (text) => deliver({ text, entities: [] }),
  picture: (address) => {
    $("picture-image").src = address;
    $("picture").showModal();
  },
};

// People

async function begin() {
  restoreTheme();
  setLanguage(navigator.language);
  fillWords();
  const asked = new URLSearchParams(location.search);
  await reach(loadUsers);
  if (!state.users.length) await reach(() => api.createUser(somebody()).then(loadUsers));
  const wanted = asked.get("user");
  const known = state.users.find((one) => String(one.id) === wanted);
  if (wanted && !known) toast(say("gone", wanted), { wrong: true });
  clock.load();
  await become(known ?? state.users[0], asked.get("start"));
}

const somebody = () => {
  const chinese = languageOf(navigator.language) === "zh";
  return { first_name: chinese ? "小读" : "Reader", language_code: chinese ? "zh-hans" : "en" };
};

/** Does it, however long the simulator takes to come back. */
async function reach(action, signal) {
  for (let tries = 0; ; tries += 1) {
    try {
      const result = await action();
      if (tries) connected(true);
      return result;
    } catch (error) {
      if (signal?.aborted || error instanceof api.Refused) throw error;
      connected(false);
      await sleep(Math.min(500 * 2 ** tries, 4000), signal);
    }
  }
}

async function loadUsers() {
  const { users, bot } = await api.users();
  state.bot = bot;
  inline.username = bot.username ?? "";
  state.users = users.filter((one) => !one.is_bot);
}

/** Opens the page as somebody, in the chat with the bot. `payload`: of a start link. */
async function become(user, payload = null) {
  state.following?.abort();
  const following = new AbortController();
  Object.assign(state, { user, chats: [], chat: null, pending: [], payload, following });
  state.typing.clear();
  setLanguage(user.language_code ?? navigator.language);
  fillWords();
  composer.detach();
  remember();
  showPeople();
  clock.show();
  try {
    await follow(user.id, following.signal);
  } catch (error) {
    if (following.signal.aborted) return;
    if (!(error instanceof api.Refused)) throw error;
    // A simulator started anew doesn't know this person.
    await reach(loadUsers);
    if (!state.users.length) await reach(() => api.createUser(somebody()).then(loadUsers));
    await sleep(300);
    await become(state.users.find((one) => one.id === user.id) ?? state.users[0]);
  }
}

function remember() {
  history.replaceState(null, "", `?user=${state.user.id}`);
}

function showPeople() {
  const first = state.users.slice(0, PEOPLE_SHOWN);
  const people = first.some((one) => one.id === state.user.id) ? first : [...first, state.user];
  const shown = people.map((one) =>
    make(
      "button.person", {
        type: "button", "aria-pressed": String(one.id === state.user.id), title: one.first_name,
        onclick: () => one.id !== state.user.id && become(one),
      },
      face("person", one.id, one.first_name), make("span", {}, one.first_name),
    ),
  );
  const add = make(
    "button.person.add", { type: "button", id: "new-person", onclick: () => openPersonDialog(created) },
    make("span.face", { "aria-hidden": "true" }, "＋"), make("span", {}, say("newPerson")),
  );
  $("people").replaceChildren(...shown, add);
}

async function created(user) {
  await loadUsers();
  await become(state.users.find((one) => one.id === user.id) ?? user);
}

// What comes in

/** Loads all, then follows the events until the signal ends it. */
async function follow(user, signal) {
  let after = await reload(user, signal);
  for (;;) {
    try {
      const answer = await api.events(user, after, 25, signal);
      if (signal.aborted) return;
      if (answer.reset || (after === 0 && answer.seq > 0)) after = await reload(user, signal);
      else {
        after = answer.seq;
        if (after === 0) await sleep(500, signal);
        for (const event of answer.events) apply(event);
        if (answer.events.length) showChats();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof api.Refused && error.status < 500) throw error;
      connected(false);
      await sleep(800, signal);
      if (signal.aborted) return;
      after = await reload(user, signal);
      connected(true);
    }
  }
}

async function reload(user, signal) {
  const { seq } = await reach(() => api.events(user, 0, 0, signal), signal);
  await reach(loadChats, signal);
  if (signal.aborted) return seq;
  const present = state.chats.find((one) => one.id === state.chat?.id) ?? state.chats.find((one) => one.type === "private");
  await reach(() => openChat(present, state.chat?.id === present.id ? state.thread : 0), signal);
  clock.load();
  return seq;
}

function apply(event) {
  const here = state.chat && event.chat === state.chat.id;
  const chat = state.chats.find((one) => one.id === event.chat);
  if (event.type === "typing") {
    startTyping(event);
  } else if (event.type === "commands") {
    if (event.chat === null || here) loadCommands();
  } else if (event.type === "answer") {
    // A press of this page has its answer from /sim/press, unless the bot took too long.
    if (state.late.delete(event.message_id)) showAnswer(event);
  } else if (event.type === "chat" || !chat) {
    chatsChanged();
  } else {
    took(event, chat, here);
  }
}

function took({ type, message }, chat, here) {
  if (type === "message") {
    chat.last_message = message;
    if (!message.outgoing) {
      if (message.from?.id === state.bot.id) stopTyping(chat.id);
      if (!here || document.hidden) chat.unread += 1;
      else markRead();
    }
    state.chats.sort((one, two) => (two.last_message?.date ?? 0) - (one.last_message?.date ?? 0));
    clock.loadSoon();
  } else if (chat.last_message?.message_id === message.message_id) {
    if (type === "deleted") chatsChanged();
    else chat.last_message = message;
  }
  if (here) {
    const fresh = type === "message" && !message.outgoing;
    store(message, fresh);
    if (fresh && state.stick) state.arrived = message.message_id;
    showMessages();
    showWelcome();
  }
}

let changing = null;
function chatsChanged() {
  clearTimeout(changing);
  changing = setTimeout(async () => {
    try {
      await loadUsers();
      await loadChats();
      state.user = state.users.find((one) => one.id === state.user.id) ?? state.user;
      const present = state.chats.find((one) => one.id === state.chat?.id);
      if (!present) await openChat(state.chats[0]);
      else state.chat = present;
      showBar();
      showWelcome();
    } catch (error) {
      toast(error.message, { wrong: true });
    }
  }, 120);
}

function connected(yes) {
  if (yes === connected.last) return;
  connected.last = yes;
  clearTimeout(connected.timer);
  $("notice").textContent = say(yes ? "again" : "lost");
  $("notice").classList.toggle("good", yes);
  $("notice").hidden = false;
  if (yes) connected.timer = setTimeout(() => ($("notice").hidden = true), 2500);
}
connected.last = true;

// Chats

async function loadChats() {
  const { chats } = await api.chats(state.user.id);
  if (!chats.some((one) => one.type === "private")) {
    chats.unshift({ id: state.user.id, type: "private", title: state.bot.first_name, unread: 0, last_message: null, topics: [], status: "member", bot: "member", members: 2 });
  }
  state.chats = chats;
  showChats();
}

function showChats() {
  const now = clock.now();
  $("chats").replaceChildren(...state.chats.filter((one) => one.status !== "left" && one.status !== "kicked").map((one) => {
    const open = one.id === state.chat?.id;
    const last = one.last_message;
    return make("li", {}, make(
      "button.chat", { type: "button", "aria-current": open ? "true" : null, onclick: () => chooseChat(one) },
      face(faceOf(one), one.id, one.title),
      make("span.chat-title", {}, one.title),
      make("time.chat-time", {}, last ? whenOf(new Date(last.date * 1000), now) : ""),
      make("span.chat-last", {}, last?.outgoing && !last.service ? make("span.mine", {}, `${say("you")}: `) : null, brief(last)),
      one.unread ? make("span.unread", { "aria-label": say("unread", one.unread) }, String(one.unread)) : null,
    ));
  }));
  const unread = state.chats.reduce((sum, one) => sum + one.unread, 0);
  document.title = `${unread ? `(${unread}) ` : ""}${state.user.first_name} · ${state.bot.first_name}`;
}

const faceOf = (chat) => (chat.type === "private" ? "bot" : chat.type === "channel" ? "channel" : "group");

async function chooseChat(chat) {
  view("chat");
  try {
    await openChat(chat);
    focusInput();
  } catch (error) {
    toast(error.message, { wrong: true });
  }
}

async function openChat(chat, thread = 0) {
  const changed = chat.id !== state.chat?.id || thread !== state.thread;
  Object.assign(state, { chat, thread });
  if (changed) {
    state.messages.clear();
    state.nodes.clear();
    Object.assign(state, { stick: true, arrived: null, unseen: 0 });
    $("log").replaceChildren();
  }
  const { messages } = await api.messages(state.user.id, chat.id, chat.is_forum ? thread : undefined);
  if (state.chat !== chat) return;
  if (!changed) state.messages.clear();
  for (const message of messages) store(message, false);
  // What was there before is neither read out nor animated.
  $("log").setAttribute("aria-live", "off");
  showMessages({ still: true });
  requestAnimationFrame(() => $("log").setAttribute("aria-live", "polite"));
  showBar();
  showChats();
  showWelcome();
  markRead();
  await loadCommands();
}

async function loadCommands() {
  const { chat, user } = state;
  try {
    const commands = await api.commands(user.id, chat.id);
    if (state.chat?.id !== chat.id || state.user !== user) return;
    state.commands = commands;
    composer.setCommands(commands.commands);
  } catch (error) {
    if (!(error instanceof api.Refused)) throw error;
    composer.setCommands([]);
  }
  showWelcome();
}

function markRead() {
  const { chat } = state;
  if (!chat || document.hidden || document.body.dataset.view === "list") return;
  if (chat.unread) showChats(chat.unread = 0);
  api.read(state.user.id, chat.id).catch(() => {});
}

const view = (name) => (document.body.dataset.view = name);

function showBar() {
  const { chat } = state;
  const old = $("bar-face");
  const fresh = face(faceOf(chat), chat.id, chat.title);
  fresh.id = "bar-face";
  old.replaceWith(fresh);
  $("bar-title").textContent = chat.title;
  showStatus();
  const forum = chat.is_forum && chat.topics.length > 0;
  $("topics").hidden = !forum;
  if (forum) showTopics(chat);
  showReplyKeys(chat);
}

/** The keyboard that the bot put below the chat. */
function showReplyKeys(chat) {
  const rows = chat.keyboard ?? [];
  $("reply-keys").hidden = rows.length === 0;
  $("reply-keys").replaceChildren(...rows.map((row) => make("div.keys", {}, ...row.map((key) =>
    make("button.key", { type: "button", onclick: () => useReplyKey(key) }, make("span", {}, key.text)),
  ))));
}

async function useReplyKey(key) {
  if (!key.request) {
    await deliver({ text: key.text, entities: [] });
    return;
  }
  const user = state.user.id;
  const { chats } = await api.shareable(user, key.request.request_id);
  openPickDialog(key.text, chats, (shared) => api.share({ user, shared: shared.id, request_id: key.request.request_id }));
}

function showTopics(chat) {
  const topics = chat.topics.some((one) => one.thread === 0) ? chat.topics : [{ thread: 0, name: say("general") }, ...chat.topics];
  $("topics").replaceChildren(...topics.map((one) =>
    make(
      "button.topic", { type: "button", role: "tab", "aria-selected": String(one.thread === state.thread), onclick: () => openChat(chat, one.thread) },
      `${one.closed ? "🔒 " : ""}${one.thread === 0 ? say("general") : one.name}`,
    ),
  ));
}

function showStatus() {
  const { chat } = state;
  const typing = state.typing.get(chat.id);
  const kinds = { private: () => say("bot"), channel: () => say("subscribers", chat.members) };
  $("bar-status").textContent = typing ? say(typing.action.includes("photo") ? "photoSending" : "typing") : (kinds[chat.type] ?? (() => say("members", chat.members)))();
  $("bar-status").classList.toggle("live", Boolean(typing));
}

// Typing

function startTyping({ chat, action }) {
  stopTyping(chat);
  state.typing.set(chat, { action, timer: setTimeout(() => stopTyping(chat), TYPING_MS) });
  typingChanged(chat);
}

function stopTyping(chat) {
  clearTimeout(state.typing.get(chat)?.timer);
  if (state.typing.delete(chat)) typingChanged(chat);
}

function typingChanged(chat) {
  if (chat !== state.chat?.id) return;
  showStatus();
  showMessages();
}

// Messages

function store(message, fresh) {
  if (state.chat.is_forum && (message.message_thread_id ?? 0) !== state.thread) return;
  if (message.deleted) {
    state.messages.delete(message.message_id);
    return;
  }
  const known = state.messages.get(message.message_id);
  if (known && known.seq > message.seq) return;
  state.messages.set(message.message_id, message);
  if (fresh && !known && !state.stick) state.unseen += 1;
}

const typingNode = typingBubble();

function showMessages({ still = false } = {}) {
  const messages = [...state.messages.values()].sort((one, two) => one.order - two.order);
  const named = state.chat.type !== "private";
  // Each day is a section, so that its date stays in sight as long as the day does.
  const days = [];
  let before = null;
  for (const message of messages) {
    const date = new Date(message.date * 1000);
    if (!before || startOfDay(date) !== startOfDay(new Date(before.date * 1000))) {
      days.push({ section: sectionOf(date), wanted: [separator(date)] });
      before = null;
    }
    const node = nodeOf(message, named);
    node.classList.toggle("joined", joins(before, message));
    if (still) node.classList.add("still");
    days.at(-1).wanted.push(node);
    before = message;
  }
  const last = state.pending.filter((one) => one.chat === state.chat.id && one.thread === state.thread).map((one) => one.node);
  if (state.typing.has(state.chat.id)) last.push(typingNode);
  for (const id of state.nodes.keys()) if (typeof id === "number" && !state.messages.has(id)) state.nodes.delete(id);
  reconcile($("log"), [...days.map((day) => day.section), ...last]);
  for (const { section, wanted } of days) reconcile(section, wanted);
  followBottom();
}

function sectionOf(date) {
  const key = `section:${startOfDay(date)}`;
  if (!state.nodes.has(key)) state.nodes.set(key, make("div.messages"));
  return state.nodes.get(key);
}

const joins = (before, message) =>
  Boolean(before && !before.service && !message.service && before.from?.id === message.from?.id && message.date - before.date < JOINED_SECONDS);

function separator(date) {
  const day = startOfDay(date);
  const key = `day:${day}`;
  const text = dayOf(date, clock.now());
  let node = state.nodes.get(key);
  if (!node) state.nodes.set(key, (node = make("p.day", {}, make("span", {}))));
  if (node.textContent !== text) node.firstChild.textContent = text;
  return node;
}

function nodeOf(message, named) {
  const busy = [...state.busy].filter((key) => key.startsWith(`${message.message_id}:`)).join();
  const mark = `${message.seq}/${message.edit_date ?? 0}/${message.rich}/${busy}/${document.documentElement.lang}`;
  const known = state.nodes.get(message.message_id);
  if (known?.mark === mark) return known.node;
  const node = bubble(message, { named, bot: state.bot, busy: state.busy, actions });
  if (known) {
    node.classList.add("still");
    keepFocus(known.node, node);
  }
  state.nodes.set(message.message_id, { mark, node });
  return node;
}

/** A pressed button keeps the focus when its message is drawn anew. */
function keepFocus(old, fresh) {
  if (!old.contains(document.activeElement)) return;
  const place = [...old.querySelectorAll("button")].indexOf(document.activeElement);
  const keys = [...old.querySelectorAll("button")].map((one) => one.textContent);
  queueMicrotask(() => {
    const buttons = [...fresh.querySelectorAll("button")];
    (buttons.find((one) => one.textContent === keys[place]) ?? buttons[Math.min(place, buttons.length - 1)])?.focus({ preventScroll: true });
  });
}

const scroll = $("scroll");

/** Keeps the newest in sight; of a message taller than the window its beginning, as that is read first. */
function followBottom() {
  if (state.stick) {
    const bottom = scroll.scrollHeight - scroll.clientHeight;
    const node = state.nodes.get(state.arrived)?.node;
    const top = node?.isConnected ? scroll.scrollTop + node.getBoundingClientRect().top - scroll.getBoundingClientRect().top - HEADROOM : bottom;
    scroll.scrollTop = Math.min(bottom, top);
    state.stick = isAtBottom();
  }
  showDown();
}

const isAtBottom = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;

function showDown() {
  $("down").hidden = state.stick;
  $("down-count").hidden = !state.unseen;
  $("down-count").textContent = String(state.unseen);
}

scroll.addEventListener("scroll", () => {
  state.stick = isAtBottom();
  if (state.stick) state.unseen = 0;
  showDown();
});
// Pictures that arrive late and a composer that grows must not push the newest message out of sight.
const sizes = new ResizeObserver(() => followBottom());
sizes.observe($("log"));
sizes.observe(scroll);
$("down").addEventListener("click", () => {
  state.arrived = null;
  scroll.scrollTo({ top: scroll.scrollHeight, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
});

/** The empty chat, the start button of a link, and who may not write. */
function showWelcome() {
  const { chat, user, commands } = state;
  const empty = state.messages.size === 0 && state.pending.length === 0;
  const own = chat.type === "private";
  $("welcome").hidden = !empty;
  $("welcome").classList.toggle("plain", !own);
  $("welcome-title").textContent = own ? say("welcome", state.bot.first_name) : chat.title;
  $("welcome-text").textContent = own ? commands?.description || say("welcomeText") : say("welcomeGroup");
  $("start").textContent = say("start");
  const stopped = own && user.blocked;
  const linked = own && !empty && state.payload !== null;
  $("start-bar").hidden = !(stopped || linked);
  $("start-again").textContent = stopped ? say("unblock") : say("start");
  const reader = chat.type === "channel" && !["creator", "administrator"].includes(chat.status);
  $("no-writing").hidden = !(reader || stopped);
  $("no-writing").textContent = stopped ? say("blocked") : say("readOnly");
  $("form").hidden = reader || stopped;
}

function start() {
  const payload = state.payload;
  state.payload = null;
  deliver({ text: payload ? `/start ${payload}` : "/start", entities: [] });
  showWelcome();
  focusInput();
}

/** Where there is a keyboard already: on a phone it would cover half of what came. */
function focusInput() {
  if (matchMedia("(pointer: fine)").matches) composer.input.focus({ preventScroll: true });
}

$("start").addEventListener("click", start);
$("start-again").addEventListener("click", () => (state.user.blocked ? setBlocked(false) : start()));

async function deliver({ text, entities, picture = null, file = null }) {
  const one = { user: state.user.id, chat: state.chat.id, thread: state.thread, text, entities, picture, file, wrong: null };
  state.pending.push(one);
  Object.assign(state, { stick: true, arrived: null });
  await attempt(one);
}

async function attempt(one) {
  one.wrong = null;
  draw(one);
  const { user, chat, text, entities, picture, file } = one;
  const place = { user, chat, ...(state.chat.is_forum && one.thread ? { thread: one.thread } : {}) };
  const caption = text ? { caption: text, entities } : {};
  const content = picture
    ? { photo: bytesOf(picture), ...caption }
    : file
      ? { document: bytesOf(file.data), name: file.name, ...caption }
      : { text, ...(entities.length ? { entities } : {}) };
  try {
    const message = await api.sayAs({ ...place, ...content });
    state.pending = state.pending.filter((other) => other !== one);
    if (state.user.id === user && state.chat.id === chat) store(message, false);
  } catch (error) {
    one.wrong = error.message;
    draw(one);
    return;
  }
  showMessages();
  showWelcome();
}

/** What a data: address holds, in base64. */
function bytesOf(address) {
  return address.split(",", 2)[1] ?? "";
}

function draw(one) {
  one.node = pendingBubble(one, () => attempt(one));
  showMessages();
  showWelcome();
}

// Buttons and links

async function press(message, button) {
  if (button.kind === "url") {
    openLink(button.url);
    return;
  }
  if (button.kind === "copy") {
    await navigator.clipboard?.writeText(button.copy).catch(() => {});
    toast(say("copied"));
    return;
  }
  if (button.kind === "inline") {
    inline.begin(button.query);
    return;
  }
  if (button.kind !== "callback") return;
  const key = `${message.message_id}:${button.data}`;
  if (state.busy.has(key)) return;
  state.busy.add(key);
  showMessages();
  try {
    const answer = await api.press({ user: state.user.id, chat: state.chat.id, message: message.message_id, data: button.data });
    if (answer.answered) showAnswer(answer);
    else noAnswer(message);
  } catch (error) {
    if (error.status === 504) noAnswer(message);
    else toast(error.message, { wrong: true });
  } finally {
    state.busy.delete(key);
    showMessages();
  }
}

async function sendInline(query, result) {
  Object.assign(state, { stick: true, arrived: null });
  try {
    await api.chooseInline({ user: state.user.id, chat: state.chat.id, thread: state.thread, query, result });
  } catch (error) {
    toast(error.message, { wrong: true });
  }
}

function noAnswer(message) {
  state.late.add(message.message_id);
  toast(say("noAnswer"), { wrong: true });
}

function showAnswer({ text, show_alert: alert, url }) {
  if (text && alert) showAlert(text);
  else if (text) toast(text);
  if (url) openLink(url);
}

function openLink(address) {
  const safe = safeUrl(address);
  if (safe && !openHere(safe)) window.open(safe, "_blank", "noopener,noreferrer");
}

/** Opens what belongs to this page within it; false for every other address. */
function openHere(address) {
  let url;
  try {
    url = new URL(address, location.href);
  } catch {
    return false;
  }
  const name = state.bot.username?.toLowerCase();
  if (url.origin === location.origin && url.pathname === "/" && url.searchParams.has("start")) {
    const user = state.users.find((one) => String(one.id) === url.searchParams.get("user")) ?? state.user;
    openStart(url.searchParams.get("start"), user);
    return true;
  }
  const web = ["t.me", "telegram.me"].includes(url.host) && url.pathname.slice(1).toLowerCase() === name;
  const app = url.protocol === "tg:" && url.searchParams.get("domain")?.toLowerCase() === name;
  if (!web && !app) return false;
  if (url.searchParams.has("startgroup")) openGroupDialog(state.user, state.bot, chatsChangedTo);
  else openStart(url.searchParams.get("start"), state.user);
  return true;
}

async function openStart(payload, user) {
  if (user.id !== state.user.id) {
    become(user, payload);
    return;
  }
  await chooseChat(state.chats.find((one) => one.type === "private"));
  if (payload !== null) {
    state.payload = payload;
    start();
  }
}

// The menu

async function setBlocked(on) {
  try {
    state.user = await api.block(state.user.id, on);
    chatsChanged();
    showWelcome();
  } catch (error) {
    toast(error.message, { wrong: true });
  }
}

async function chatsChangedTo(chat) {
  await loadChats();
  await chooseChat(state.chats.find((one) => one.id === chat.id) ?? state.chats[0]);
}

/** The person uses another app from now on: all messages may look different. */
async function clientChanged(user) {
  state.user = user;
  await loadUsers();
  await loadChats();
  await openChat(state.chats.find((one) => one.id === state.chat.id) ?? state.chats[0], state.thread);
}

$("more").addEventListener("click", () => {
  const { chat, user } = state;
  const entries = chat.type === "private"
    ? privateEntries(user, setBlocked)
    : groupEntries(chat, user, state.bot, chatsChanged);
  toggleMenu($("more"), $("more-menu"), [...entries, ...clientEntries(user, clientChanged)]);
});
$("new-group").addEventListener("click", () => openGroupDialog(state.user, state.bot, chatsChangedTo));
$("back").addEventListener("click", () => view("list"));
document.addEventListener("visibilitychange", () => state.chat && markRead());
addEventListener("pagehide", () => state.following?.abort());

begin().catch((error) => {
  console.error(error);
  toast(String(error.message ?? error), { wrong: true });
});
