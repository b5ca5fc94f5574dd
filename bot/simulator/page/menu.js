/** The ⋮ menu: what a person may do with a chat. */

import * as api from "./api.js";
import { make, toast } from "./dom.js";
import { chooseTheme, isDark } from "./theme.js";
import { say } from "./words.js";

/** Each entry: [label, action]. */
export function privateEntries(user, setBlocked) {
  return [
    [say(user.blocked ? "unblock" : "block"), () => setBlocked(!user.blocked)],
    copyEntry(user.id),
  ];
}

export function groupEntries(chat, user, bot, changed) {
  const act = (action, body) => () =>
    api.group(action, { chat: chat.id, by: user.id, ...body }).then(changed, (error) => toast(error.message, { wrong: true }));
  const inside = ["member", "administrator"].includes(chat.bot);
  const entries = [];
  if (!inside) entries.push([say("addBot"), act("add", { as: chat.type === "channel" ? "administrator" : "member" })]);
  else {
    const admin = chat.bot === "administrator";
    entries.push([say(admin ? "botNoAdmin" : "botAdmin"), act("admin", { on: !admin })]);
    entries.push([say("removeBot"), act("remove", {})]);
  }
  if (chat.is_forum) {
    entries.push([say("newTopic"), () => {
      const name = prompt(say("topicName"))?.trim();
      if (name) act("topic", { name })();
    }]);
  }
  return [...entries, copyEntry(chat.id)];
}

/** What belongs to the person's app rather than to the chat. */
export function clientEntries(user, changed) {
  const shows = user.rich === "shown";
  const use = () => api.createUser({ id: user.id, rich: shows ? "unsupported" : "shown" }).then(changed, (error) => toast(error.message, { wrong: true }));
  return [
    [say(shows ? "hideRich" : "showRich"), use],
    [say(isDark() ? "themeLight" : "themeDark"), () => chooseTheme(isDark() ? "light" : "dark")],
  ];
}

const copyEntry = (id) => [say("copyId", id), () => navigator.clipboard?.writeText(String(id)).then(() => toast(say("copied")), () => {})];

export function toggleMenu(button, menu, entries) {
  if (!menu.hidden) return close(button, menu);
  menu.replaceChildren(...entries.map(([label, action]) =>
    make("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: () => (close(button, menu), action()) }, label),
  ));
  menu.hidden = false;
  button.setAttribute("aria-expanded", "true");
  menu.firstElementChild?.focus();
  menu.onkeydown = (event) => {
    const items = [...menu.children];
    const place = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items[(place + step + items.length) % items.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") close(button, menu);
    else return;
    event.preventDefault();
  };
  const outside = (event) => {
    if (menu.contains(event.target) || button.contains(event.target)) return;
    document.removeEventListener("pointerdown", outside);
    close(button, menu, false);
  };
  document.addEventListener("pointerdown", outside);
}

function close(button, menu, focus = true) {
  menu.hidden = true;
  button.setAttribute("aria-expanded", "false");
  if (focus) button.focus();
}
