/** One message as a bubble. */

import { face, icon, make } from "./dom.js";
import { richOf } from "./rich.js";
import { render, safeUrl } from "./richtext.js";
import { say, timeOf } from "./words.js";

const PICTURE = /\.(jpe?g|png|webp|gif|avif|svg)$/i;

/**
 * `context`: {bot, named (show who wrote), busy (Set of "id:data"), actions {press, open, command, picture, copy}}
 */
export function bubble(message, context) {
  if (message.service) return make("p.service", { "data-id": message.message_id }, message.service);
  const { actions } = context;
  const text = message.text ?? message.caption ?? "";
  const entities = message.entities ?? message.caption_entities;
  const media = mediaOf(message, actions);
  const preview = message.preview && !media ? previewOf(message.preview, actions) : null;
  const above = preview && message.preview.above;
  const meta = metaOf(message);
  const parts = [
    nameOf(message, context), viaOf(message), replyOf(message), above ? preview : null,
    message.show_caption_above_media ? null : media,
    text ? make("div.text", { dir: "auto" }, render(text, entities, actions)) : null,
    message.rich ? richBody(message, context) : null,
    message.show_caption_above_media ? media : null,
    preview && !above ? preview : null, meta,
  ];
  const box = make("div.bubble", {}, ...parts);
  box.classList.toggle("with-picture", Boolean(media?.matches(".photo") || preview?.matches(".photo")));
  box.classList.toggle("picture-only", Boolean(media?.matches(".photo") && !text));
  if (!preview || above) box.classList.add("meta-inside");
  const buttons = message.buttons?.length ? keyboardOf(message, context) : null;
  const column = make("div.column", {}, box, buttons);
  const article = make(
    message.outgoing ? "article.message.out" : "article.message.in",
    { "data-id": message.message_id }, context.named && !message.outgoing ? whoseFace(message, context) : null, column,
  );
  return article;
}

/** What the person's client makes of a rich message. */
function richBody(message, { busy, actions }) {
  if (message.rich === "blank") return make("span.blank");
  if (message.rich !== "shown") return make("span.text.unsupported", {}, say("unsupported"));
  const shown = (address, width, height) => picture(address, actions, width, height, say("badPicture"));
  return richOf(message.rich_message, { message, busy, actions, picture: shown });
}

function whoseFace(message, context) {
  const from = message.from ?? message.sender_chat ?? {};
  return face(from.id === context.bot.id ? "bot" : "person", from.id ?? 0, from.first_name ?? from.title);
}

function nameOf(message, context) {
  if (message.outgoing || !message.from || !context.named) {
    return make("span.hidden", {}, `${message.outgoing ? say("you") : message.from?.first_name ?? ""}: `);
  }
  return make(`p.name.ink-${Math.abs(message.from.id) % 7}`, {}, [message.from.first_name, message.from.last_name].filter(Boolean).join(" "));
}

const viaOf = (message) => (message.via_bot ? make("p.via", {}, say("via", message.via_bot.username)) : null);

function replyOf(message) {
  const to = message.reply_to_message;
  if (!to || to.forum_topic_created) return null;
  return make("p.reply", {}, make("b", {}, to.from?.first_name ?? ""), to.text ?? to.caption ?? say("photo"));
}

function metaOf(message) {
  const time = new Date(message.date * 1000);
  const edited = message.edited || (message.edit_date && message.edited !== false);
  return make(
    "span.meta", {},
    message.ephemeral ? make("span.only-you", {}, `👁 ${say("onlyYou")}`) : null,
    message.pinned ? make("span", { title: say("pinned") }, "📌") : null,
    message.silent ? make("span", { title: say("silent") }, "🔕") : null,
    edited ? make("span.edited", {}, say("edited")) : null,
    make("time", { datetime: time.toISOString(), title: time.toLocaleString() }, timeOf(time)),
  );
}

function mediaOf(message, actions) {
  if (message.photo_url) {
    const largest = message.photo?.at(-1);
    return picture(message.photo_url, actions, largest?.width, largest?.height, say("badPicture"));
  }
  if (!message.file) return null;
  const size = message.file.size > 999_999 ? `${(message.file.size / 1e6).toFixed(1)} MB` : `${Math.ceil(message.file.size / 1000)} kB`;
  return make(
    "a.file", { href: ownFile(message.file.url), download: message.file.name, rel: "noopener" },
    make("span.file-sign", { "aria-hidden": "true" }, message.file.name.split(".").at(-1).slice(0, 4)),
    make("span", {}, make("b", {}, message.file.name), make("small", {}, size)),
  );
}

/** Where a file is: with the simulator, which also serves the pictures of the sample posts, or on the web. */
function ownFile(address) {
  if (/^\/sim\/files\/[\w-]+$/.test(address)) return address;
  const sample = /^https?:\/\/pictures\.example\/([\w-]+\.jpg)$/.exec(address);
  return sample ? `/pictures/${sample[1]}` : safeUrl(address);
}

/** A picture that opens large. What can't be loaded leaves a line that says so. */
function picture(address, actions, width, height, otherwise) {
  const source = ownFile(address);
  const image = make("img", { alt: say("picture"), loading: "eager", decoding: "async", referrerpolicy: "no-referrer" });
  const button = make(
    "button.photo", { type: "button", "aria-label": say("openPicture"), onclick: () => actions.picture(source) }, image,
  );
  if (width && height) image.style.aspectRatio = ratioOf(width, height);
  image.addEventListener("load", () => {
    button.classList.add("loaded");
    image.style.aspectRatio = ratioOf(image.naturalWidth, image.naturalHeight);
  });
  image.addEventListener("error", () => {
    const instead = typeof otherwise === "string" ? make("p.no-picture", {}, otherwise) : otherwise;
    button.closest(".bubble")?.classList.remove("with-picture", "picture-only");
    button.replaceWith(instead);
  });
  image.src = source ?? "";
  return button;
}

/** Telegram cuts what is very tall or very wide; what is in between it shows as it is. */
const ratioOf = (width, height) => String(Math.min(2.6, Math.max(0.74, width / height)));

function previewOf(preview, actions) {
  const address = safeUrl(preview.url);
  if (!address) return null;
  const url = new URL(address);
  const card = () =>
    make(
      "a.card", {
        href: address, target: "_blank", rel: "noopener noreferrer",
        onclick: (event) => actions.open(address) && event.preventDefault(),
      },
      make("b", {}, url.host.replace(/^www\./, "") || url.protocol), make("span", {}, decoded(url.pathname + url.search)),
    );
  if (!preview.photo_url && !PICTURE.test(url.pathname)) return card();
  const shown = picture(preview.photo_url ?? address, actions, preview.width ?? 16, preview.height ?? 9, preview.large ? card() : make("span"));
  if (preview.large) return shown;
  shown.classList.add("small");
  return make("div.with-thumb", {}, card(), shown);
}

function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function keyboardOf(message, { busy, actions }) {
  const rows = message.buttons.map((row) =>
    make("div.keys", {}, ...row.map((button) => keyOf(message, button, busy, actions))),
  );
  return make("div.keyboard", {}, ...rows);
}

const SIGNS = { url: "out", copy: "copy" };

function keyOf(message, button, busy, actions) {
  const waiting = busy.has(`${message.message_id}:${button.data}`);
  const key = make(
    "button.key", { type: "button", "aria-busy": waiting ? "true" : null, onclick: () => actions.press(message, button) },
    make("span", {}, button.text), Object.hasOwn(SIGNS, button.kind) ? icon(SIGNS[button.kind]) : null,
  );
  if (["primary", "success", "danger"].includes(button.style)) key.classList.add(button.style);
  if (button.kind === "url") key.title = say("opened", safeUrl(button.url) ? new URL(button.url).host : "");
  return key;
}

/** A message on its way, or one that did not get through. */
export function pendingBubble(one, retry) {
  const meta = one.wrong
    ? make("span.meta.wrong", {}, `${say("failed")}: ${one.wrong} `, make("button.retry", { type: "button", onclick: retry }, say("retry")))
    : make("span.meta", { "aria-label": say("sending") }, make("span.wait", { "aria-hidden": "true" }));
  const image = one.picture ? make("span.photo.loaded", {}, make("img", { src: one.picture, alt: "" })) : null;
  const file = one.file ? make("b", {}, one.file.name) : null;
  const text = one.text ? make("div.text", { dir: "auto" }, render(one.text, one.entities, {})) : null;
  const box = make("div.bubble.meta-inside", {}, image, file, text, meta);
  box.classList.toggle("with-picture", Boolean(image));
  return make("article.message.out.pending", {}, make("div.column", {}, box));
}

export function typingBubble() {
  return make(
    "div.message.in.typing", { "aria-hidden": "true" },
    make("div.column", {}, make("div.bubble", {}, make("span.dot"), make("span.dot"), make("span.dot"))),
  );
}

/** One line about a message, for the chat list. */
export function brief(message) {
  if (!message) return say("noMessages");
  if (message.service) return message.service;
  if (message.rich && message.rich !== "shown") return say("unsupported");
  const text = (message.text ?? message.caption ?? message.rich_text ?? "").replace(/\s+/g, " ").trim();
  const sign = message.photo || message.photo_url ? "🖼 " : message.file ? "📎 " : "";
  return sign + (text.slice(0, 120) || say(message.file ? "file" : "photo"));
}
