/** Formatted text: entities to DOM, and marks that a person types to entities. Text only ever becomes text nodes. */

import { say } from "./words.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", spoiler: "span",
};
const LINKS = new Set(["text_link", "url", "email", "phone_number", "bot_command", "text_mention", "mention"]);

/** A fragment with the text as its entities say. Offsets are UTF-16 units, as JavaScript counts. */
export function render(text, entities, actions) {
  const root = document.createDocumentFragment();
  const known = (entities ?? [])
    .filter((one) => one.length > 0 && one.offset >= 0 && one.offset + one.length <= text.length)
    .filter((one) => Object.hasOwn(TAGS, one.type) || LINKS.has(one.type))
    .sort((one, two) => one.offset - two.offset || two.length - one.length);
  const cuts = new Set([0, text.length]);
  for (const one of known) cuts.add(one.offset).add(one.offset + one.length);
  const places = [...cuts].sort((one, two) => one - two);

  let open = [];  // [entity, element], the outermost first
  for (let number = 0; number + 1 < places.length; number += 1) {
    const [start, end] = [places[number], places[number + 1]];
    const active = known.filter((one) => one.offset <= start && end <= one.offset + one.length);
    let same = 0;
    while (same < open.length && same < active.length && open[same][0] === active[same]) same += 1;
    open = open.slice(0, same);
    for (const entity of active.slice(same)) {
      const element = elementOf(entity, text.substr(entity.offset, entity.length), actions);
      (open.at(-1)?.[1] ?? root).append(element);
      open.push([entity, element]);
    }
    (open.at(-1)?.[1] ?? root).append(text.slice(start, end));
  }
  trimAroundBlocks(root);
  return root;
}

export function elementOf(entity, covered, actions) {
  if (LINKS.has(entity.type)) return linkOf(entity, covered, actions);
  const element = document.createElement(TAGS[entity.type]);
  if (entity.type === "spoiler") {
    element.className = "spoiler";
    element.role = "button";
    element.tabIndex = 0;
    element.setAttribute("aria-label", say("spoiler"));
    const show = () => {
      element.classList.add("shown");
      element.removeAttribute("role");
      element.removeAttribute("aria-label");
      element.removeAttribute("tabindex");
    };
    element.addEventListener("click", show);
    element.addEventListener("keydown", (event) => (event.key === "Enter" || event.key === " ") && show());
  }
  if (entity.type === "expandable_blockquote") {
    element.className = "expandable";
    element.append(expander(element));
  }
  if (entity.type === "pre" && entity.language) element.dataset.language = entity.language;
  return element;
}

/** The button that opens a long quote. */
export function expander(element) {
  const more = document.createElement("button");
  more.type = "button";
  more.className = "expand";
  more.textContent = "⌄";
  more.setAttribute("aria-label", say("showMore"));
  more.setAttribute("aria-expanded", "false");
  more.addEventListener("click", () => more.setAttribute("aria-expanded", String(element.classList.toggle("open"))));
  return more;
}

function linkOf(entity, covered, actions) {
  const address = addressOf(entity, covered);
  if (entity.type === "bot_command") {
    const command = document.createElement("a");
    command.href = "#";
    command.className = "command";
    command.addEventListener("click", (event) => {
      event.preventDefault();
      actions.command(covered);
    });
    return command;
  }
  if (!address) return document.createElement("span");
  const link = document.createElement("a");
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  if (entity.type === "text_link") link.title = address;
  link.addEventListener("click", (event) => {
    if (actions.open(address)) event.preventDefault();
  });
  return link;
}

function addressOf(entity, covered) {
  if (entity.type === "text_link") return safeUrl(entity.url);
  if (entity.type === "url") return safeUrl(/^[a-z][a-z0-9+.-]*:/i.test(covered) ? covered : `https://${covered}`);
  if (entity.type === "email") return `mailto:${encodeURIComponent(covered).replaceAll("%40", "@")}`;
  if (entity.type === "mention") return `https://t.me/${encodeURIComponent(covered.slice(1))}`;
  return null;
}

/** The address when it is one of the web, else null. */
export function safeUrl(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:", "tg:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A block breaks the line by itself: the line breaks next to it would be empty lines. */
function trimAroundBlocks(root) {
  for (const block of root.querySelectorAll("pre, blockquote")) {
    const [before, after] = [block.previousSibling, block.nextSibling];
    if (before?.nodeType === Node.TEXT_NODE) before.data = before.data.replace(/\n$/, "");
    if (after?.nodeType === Node.TEXT_NODE) after.data = after.data.replace(/^\n/, "");
  }
}

const MARKS = [
  [/\*\*(?=\S)([^\n]+?)(?<=\S)\*\*/u, "bold"],
  [/__(?=\S)([^\n]+?)(?<=\S)__/u, "italic"],
  [/~~(?=\S)([^\n]+?)(?<=\S)~~/u, "strikethrough"],
  [/\|\|(?=\S)([^\n]+?)(?<=\S)\|\|/u, "spoiler"],
  [/`([^`\n]+)`/u, "code"],
  [/\[([^\][\n]+)\]\((https?:\/\/[^\s()]+)\)/u, "text_link"],
];

/** "**bold**, __italic__" as text and entities, the way Telegram's apps read them. */
export function parse(written) {
  let text = written;
  const entities = [];
  for (;;) {
    const found = MARKS.map(([pattern, type]) => ({ match: pattern.exec(text), type }))
      .filter((one) => one.match && !inCode(entities, one.match.index))
      .sort((one, two) => one.match.index - two.match.index)[0];
    if (!found) break;
    const { match, type } = found;
    const lead = match[0].indexOf(match[1]);
    const tail = match[0].length - lead - match[1].length;
    text = text.slice(0, match.index) + match[1] + text.slice(match.index + match[0].length);
    // What was found before and reaches over this place has lost the marks within it.
    for (const one of entities) {
      const end = one.offset + one.length;
      if (one.offset > match.index) one.offset -= lead;
      else if (end >= match.index + match[0].length) one.length -= lead + tail;
    }
    entities.push({ type, offset: match.index, length: match[1].length, ...(match[2] ? { url: match[2] } : {}) });
  }
  return { text, entities: entities.sort((one, two) => one.offset - two.offset) };
}

const inCode = (entities, place) =>
  entities.some((one) => one.type === "code" && one.offset <= place && place < one.offset + one.length);

const WRAPS = { bold: ["**", "**"], italic: ["__", "__"], strike: ["~~", "~~"], code: ["`", "`"], link: ["[", "](https://)"] };

/** Puts marks around what is selected in a text field, or takes them away again. */
export function toggleMark(field, mark) {
  const [before, after] = WRAPS[mark];
  const { selectionStart: start, selectionEnd: end, value } = field;
  const chosen = value.slice(start, end);
  if (value.slice(0, start).endsWith(before) && value.slice(end).startsWith(after)) {
    field.setRangeText(chosen, start - before.length, end + after.length, "select");
  } else {
    field.setRangeText(before + chosen + after, start, end, "end");
    const inner = start + before.length;
    if (mark === "link" && chosen) field.setSelectionRange(inner + chosen.length + 2, inner + chosen.length + 10);
    else field.setSelectionRange(inner, inner + chosen.length);
  }
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}
