/** A new person, a new group. */

import * as api from "./api.js";
import { $, face, make, toast } from "./dom.js";
import { languageOf } from "./words.js";

for (const button of document.querySelectorAll("dialog [data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
for (const dialog of document.querySelectorAll("dialog")) {
  // A click on the dialog itself, not on what is in it, is one on its backdrop.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

export function openPersonDialog(done) {
  const form = $("person-form");
  form.reset();
  form.elements.language.value = languageOf(document.documentElement.lang) === "zh" ? "zh-hans" : "en";
  open($("person"), form, async () => {
    const user = await api.createUser({ first_name: form.elements.name.value.trim(), language_code: form.elements.language.value });
    done(user);
  });
}

export function openGroupDialog(user, bot, done) {
  const form = $("group-form");
  form.reset();
  open($("group"), form, async () => {
    const type = form.elements.type.value;
    const forum = type === "forum";
    let chat = await api.group("", {
      title: form.elements.title.value.trim(), creator: user.id, type: forum ? "supergroup" : type, is_forum: forum,
    });
    if (form.elements.bot.checked) chat = await api.group("add", { chat: chat.id, as: "administrator", by: user.id });
    done(chat);
  });
}

/** Telegram's own list of chats, of those that a button of the bot's asks for. */
export function openPickDialog(title, chats, done) {
  const dialog = $("pick");
  $("pick-title").textContent = title;
  $("pick-none").hidden = chats.length > 0;
  $("pick-list").replaceChildren(...chats.map((chat) =>
    make("li", {}, make("button.picked", {
      type: "button",
      onclick: async () => {
        dialog.close();
        try {
          await done(chat);
        } catch (error) {
          toast(error.message, { wrong: true });
        }
      },
    }, face(chat.type === "channel" ? "channel" : "group", chat.id, chat.title), make("span", {}, chat.title))),
  ));
  dialog.showModal();
}

function open(dialog, form, send) {
  const wrong = form.querySelector(".wrong");
  wrong.hidden = true;
  form.onsubmit = async (event) => {
    event.preventDefault();
    const button = form.querySelector("button.main");
    button.disabled = true;
    try {
      await send();
      dialog.close();
    } catch (error) {
      wrong.textContent = error.message;
      wrong.hidden = false;
    }
    button.disabled = false;
  };
  dialog.showModal();
  form.querySelector("input")?.focus();
}
