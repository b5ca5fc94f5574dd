/** Rich messages: Telegram's blocks to DOM. Text only ever becomes text nodes, and names never become ids. */

import { make } from "./dom.js";
import { elementOf, expander } from "./richtext.js";
import { say, timeOf } from "./words.js";

const STYLES = new Set(["bold", "italic", "underline", "strikethrough", "spoiler", "code"]);
const MARKS = { marked: "mark", subscript: "sub", superscript: "sup" };
const LINKS = { url: "text_link", email_address: "email", phone_number: "phone_number", mention: "mention", bot_command: "bot_command", text_mention: "text_mention" };
const ALIGNMENTS = new Set(["left", "center", "right"]);
const VERTICAL = new Set(["top", "middle", "bottom"]);
const BUTTON_STYLES = new Set(["primary", "success", "danger", "link"]);

/** `context`: {message, busy, actions {press, open, command, picture}, picture: makes the element of a photo}. */
export function richOf(rich, context) {
  const root = make("div.rich", { dir: rich.is_rtl ? "rtl" : "auto" });
  const sizes = [...new Set(headingSizes(rich.blocks))].sort();
  root.append(...blocksOf(rich.blocks, { ...context, root, sizes }));
  return root;
}

const sizeOf = (block) => Math.min(6, Math.max(1, Number(block.size) || 1));

const headingSizes = (blocks) => (blocks ?? []).flatMap((block) => (block.type === "heading" ? [sizeOf(block)] : headingSizes(block.blocks)));

const blocksOf = (blocks, context) => (blocks ?? []).map((block) => blockOf(block, context)).filter(Boolean);

function blockOf(block, context) {
  const text = () => inline(block.text, context);
  switch (block.type) {
    case "paragraph": return make("p", { dir: "auto" }, text());
    case "footer": return make("footer", { dir: "auto" }, text());
    case "heading": return headingOf(block, context);
    case "divider": return make("hr");
    case "anchor": return make("span.anchor", { "data-anchor": block.name });
    case "pre": return make("pre", { tabindex: "0", "data-language": block.language }, text());
    case "list": return listOf(block, context);
    case "blockquote": return make("blockquote", {}, ...blocksOf(block.blocks, context), creditOf(block.credit, context));
    case "expandable_blockquote": return expandable(block, context);
    case "pullquote": return make("blockquote.pullquote", {}, make("p", {}, text()), creditOf(block.credit, context));
    case "photo": return figureOf(photoOf(block, context), block, context);
    case "collage": return figureOf(make("div.gallery", {}, ...photosOf(block, context)), block, context);
    case "slideshow": return figureOf(slides(block, context), block, context);
    case "table": return tableOf(block, context);
    case "details": return detailsOf(block, context);
    case "buttons": return make(`div.rich-keys.align-${known(block.align, ALIGNMENTS, "left")}`, {}, ...block.buttons.map((button) => keyOf(button, context)));
    default: return make("p.no-picture", {}, say("unknownBlock"));
  }
}

const known = (value, all, otherwise) => (all.has(value) ? value : otherwise);

/** The largest heading of a message is of the second level, below the chat's title, and no level is left out. */
function headingOf(block, context) {
  const size = sizeOf(block);
  return make(`h${Math.min(6, Math.max(0, context.sizes.indexOf(size)) + 2)}.size-${size}`, { dir: "auto" }, inline(block.text, context));
}

function listOf(block, context) {
  return make("ul.rich-list", {}, ...block.items.map((item) => {
    const mark = item.has_checkbox ? (item.is_checked ? "☑" : "☐") : item.label;
    return make("li", {}, make("span.label", {}, mark), make("div", {}, ...blocksOf(item.blocks, context)));
  }));
}

const creditOf = (credit, context) => (credit === undefined ? null : make("cite", {}, inline(credit, context)));

function expandable(block, context) {
  const quote = make("blockquote.expandable", {}, make("p", {}, inline(block.text, context)), creditOf(block.credit, context));
  quote.append(expander(quote));
  return quote;
}

function photoOf(block, context) {
  const largest = block.photo.at(-1);
  const shown = context.picture(`/sim/files/${largest.file_id}`, largest.width, largest.height);
  if (block.has_spoiler) {
    shown.classList.add("spoiled");
    shown.addEventListener("click", (event) => {
      if (shown.classList.replace("spoiled", "seen")) event.stopImmediatePropagation();
    }, { capture: true });
  }
  return shown;
}

const photosOf = (block, context) => block.blocks.filter((one) => one.type === "photo").map((one) => photoOf(one, context));

const slides = (block, context) =>
  make("div.slides", { role: "group", tabindex: "0", "aria-label": say("slides") }, ...photosOf(block, context));

function figureOf(content, { caption }, context) {
  if (!caption) return make("figure", {}, content);
  return make("figure", {}, content, make("figcaption", { dir: "auto" }, inline(caption.text, context), creditOf(caption.credit, context)));
}

function tableOf(block, context) {
  const rows = block.cells.map((row) => make("tr", {}, ...row.map((cell) => cellOf(cell, context))));
  const table = make("table", {}, block.caption === undefined ? null : make("caption", {}, inline(block.caption, context)), make("tbody", {}, ...rows));
  for (const name of ["bordered", "striped", "compact"]) table.classList.toggle(name, Boolean(block[`is_${name}`]));
  return make("div.table", { role: "group", tabindex: "0", "aria-label": say("table") }, table);
}

function cellOf(cell, context) {
  const place = `align-${known(cell.align, ALIGNMENTS, "left")}.valign-${known(cell.valign, VERTICAL, "top")}`;
  const spans = { colspan: cell.colspan ?? null, rowspan: cell.rowspan ?? null };
  return make(`${cell.is_header ? "th" : "td"}.${place}`, { ...spans, dir: "auto" }, cell.text === undefined ? "" : inline(cell.text, context));
}

function detailsOf(block, context) {
  return make("details", { open: Boolean(block.is_open) }, make("summary", { dir: "auto" }, inline(block.summary, context)), ...blocksOf(block.blocks, context));
}

/** A text as nodes: what is typed gets its element, everything else is plain. */
function inline(text, context) {
  const root = document.createDocumentFragment();
  if (typeof text === "string") root.append(text);
  else if (Array.isArray(text)) root.append(...text.map((part) => inline(part, context)));
  else if (text && typeof text === "object") root.append(typed(text, context));
  return root;
}

function typed(text, context) {
  const inside = () => inline(text.text, context);
  if (text.type === "button") return keyOf(text.button, context);
  if (text.type === "custom_emoji") return inline(text.alternative_text, context);
  if (text.type === "anchor") return make("span.anchor", { "data-anchor": text.name });
  if (text.type === "reference") return make("span", { "data-anchor": text.name }, inside());
  if (text.type === "anchor_link") return jump(text.anchor_name, inside(), context);
  if (text.type === "reference_link") return jump(text.reference_name, inside(), context);
  if (text.type === "date_time") return dateOf(text, inside());
  if (Object.hasOwn(MARKS, text.type)) return make(MARKS[text.type], {}, inside());
  if (STYLES.has(text.type)) return filled(elementOf({ type: text.type }, "", context.actions), inside());
  if (Object.hasOwn(LINKS, text.type)) return filled(elementOf({ type: LINKS[text.type], url: text.url }, plain(text.text), context.actions), inside());
  return make("span", {}, inside());
}

function filled(element, content) {
  element.append(content);
  return element;
}

function plain(text) {
  if (typeof text === "string") return text;
  return Array.isArray(text) ? text.map(plain).join("") : plain(text?.text ?? "");
}

function dateOf(text, content) {
  const date = new Date(text.unix_time * 1000);
  return make("time", { datetime: date.toISOString(), title: `${date.toLocaleDateString()} ${timeOf(date)}` }, content);
}

/** A link within the message; an empty name leads to its top. */
function jump(name, content, { root }) {
  const link = make("a", { href: "#", class: "jump" }, content);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const target = name ? [...root.querySelectorAll("[data-anchor]")].find((one) => one.dataset.anchor === name) : root;
    for (let box = target?.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    target?.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
  });
  return link;
}

function keyOf(button, { message, busy, actions }) {
  const kind = button.callback_data !== undefined ? "callback" : button.url !== undefined ? "url" : button.copy_text ? "copy" : "other";
  const view = { kind, data: button.callback_data, url: button.url, copy: button.copy_text?.text };
  const waiting = kind === "callback" && busy.has(`${message.message_id}:${view.data}`);
  const key = make(
    "button.rich-key", { type: "button", "aria-busy": waiting ? "true" : null, disabled: Boolean(button.disabled), onclick: () => actions.press(message, view) },
    plain(button.text),
  );
  if (BUTTON_STYLES.has(button.style)) key.classList.add(button.style);
  return key;
}
