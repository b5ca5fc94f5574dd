/** Making elements. Text is always text: there is no innerHTML anywhere on this page. */

export const $ = (id) => document.getElementById(id);

/** make("button.round.small", {type: "button"}, "text", child, null) */
export function make(what, attributes = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/page/icons.svg#${name}`);
  drawing.append(use);
  return drawing;
}

/** A round face: the bot's picture, a group's sign or the first letter of a name on a colour of its own. */
export function face(kind, id, name) {
  if (kind === "bot") return make("img.face", { src: "/page/bot.svg", alt: "", "aria-hidden": "true" });
  const circle = make(`span.face.tint-${Math.abs(Number(id)) % 7}`, { "aria-hidden": "true" });
  if (kind === "group" || kind === "channel") circle.append(icon(kind));
  else circle.append([...new Intl.Segmenter().segment(name || "?")][0]?.segment.toUpperCase() ?? "?");
  return circle;
}

/** Makes the children of `parent` be `wanted`, moving only what must be moved. */
export function reconcile(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  let place = parent.firstElementChild;
  for (const child of wanted) {
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
}

export const sleep = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

/** A short text that goes away by itself, or when the next one comes. */
export function toast(text, { wrong = false } = {}) {
  for (const old of $("toasts").querySelectorAll(".toast:not(.wrong)")) old.remove();
  const one = make(wrong ? "p.toast.wrong" : "p.toast", {}, text);
  $("toasts").append(one);
  setTimeout(() => one.remove(), Math.min(9000, 2800 + text.length * 55));
}

export function showAlert(text) {
  $("alert-text").textContent = text;
  if (!$("alert").open) $("alert").showModal();
}
