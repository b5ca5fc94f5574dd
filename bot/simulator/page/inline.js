/** What comes of typing the bot's name and words: results to choose from, above the field. */

import { $, make } from "./dom.js";
import { safeUrl } from "./richtext.js";
import { say } from "./words.js";

const PAUSE_MS = 200;

export class InlineList {
  /** `ask(text, offset)` returns the answer, `choose(query, result)` sends one, `open(address)` opens a link. */
  constructor({ ask, choose, open }) {
    Object.assign(this, { ask, choose, open, username: "", asked: 0, chosen: -1, answer: null, timer: null });
    this.list = $("inline");
    this.input = $("input");
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.key(event), { capture: true });
    this.list.addEventListener("scroll", () => this.more());
    document.addEventListener("click", (event) => {
      if (!event.target.closest("#composer")) this.hide();
    });
  }

  /** The words behind the bot's name, null where something else is typed. */
  words() {
    const [name, ...rest] = this.input.value.split(/\s/);
    if (!this.username || name.toLowerCase() !== `@${this.username.toLowerCase()}` || !rest.length) return null;
    return rest.join(" ").trim();
  }

  /** Types for the person, as a button that leads to inline mode does. */
  begin(words) {
    this.input.value = `@${this.username} ${words}`;
    this.input.dispatchEvent(new Event("input"));
    this.input.focus();
  }

  changed() {
    clearTimeout(this.timer);
    const words = this.words();
    this.asked += 1;
    if (words === null) this.hide();
    else this.timer = setTimeout(() => this.show(words), PAUSE_MS);
  }

  hide() {
    this.asked += 1;
    this.answer = null;
    this.list.hidden = true;
    this.input.removeAttribute("aria-activedescendant");
  }

  async show(words, offset = "") {
    const asked = (this.asked += 1);
    let answer;
    try {
      answer = await this.ask(words, offset);
    } catch {
      answer = { answered: false, results: [], next_offset: "", button: null };
    }
    // Whoever typed on has asked something else by now.
    if (asked !== this.asked || this.words() === null) return;
    this.answer = answer;
    const items = answer.results.map((result) => this.item(result, answer));
    if (offset) this.list.append(...items);
    else this.list.replaceChildren(...this.above(answer), ...items);
    this.chosen = -1;
    this.list.hidden = false;
    if (!offset) this.list.scrollTop = 0;
  }

  above({ button, results, answered }) {
    if (button) {
      const open = () => (this.hide(), this.open(button.url));
      return [make("li.inline-button", { onclick: open, onmousedown: (event) => event.preventDefault() }, button.text)];
    }
    return results.length ? [] : [make("li.none", {}, say(answered ? "inlineNone" : "noAnswer"))];
  }

  item(result, answer) {
    const address = result.thumbnail_url ? safeUrl(result.thumbnail_url) : null;
    const letter = make("span.inline-letter", { "aria-hidden": "true" }, [...result.title][0] ?? "?");
    const image = address ? make("img", { src: sample(address), alt: "", referrerpolicy: "no-referrer" }) : letter;
    image.addEventListener("error", () => image.replaceWith(letter));
    return make(
      "li.inline-result", {
        id: `inline-${answer.query}-${result.id}`, role: "option",
        onclick: () => this.take(answer, result), onmousedown: (event) => event.preventDefault(),
      },
      image, make("span", {}, make("b", {}, result.title), make("small", {}, result.description)),
    );
  }

  more() {
    const { list, answer } = this;
    const words = this.words();
    if (!answer?.next_offset || words === null || list.scrollTop + list.clientHeight < list.scrollHeight - 60) return;
    const { next_offset: offset } = answer;
    answer.next_offset = "";
    this.show(words, offset);
  }

  take(answer, result) {
    this.hide();
    this.input.value = "";
    this.input.dispatchEvent(new Event("input"));
    this.choose(answer.query, result.id);
  }

  key(event) {
    if (this.list.hidden || event.isComposing) return;
    const options = [...this.list.querySelectorAll(".inline-result")];
    if (event.key === "Escape") this.hide();
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.chosen = this.chosen < 0 && step < 0 ? options.length - 1 : (this.chosen + step + options.length) % options.length;
      for (const [number, one] of options.entries()) one.setAttribute("aria-selected", String(number === this.chosen));
      this.input.setAttribute("aria-activedescendant", options[this.chosen].id);
      options[this.chosen].scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && this.chosen >= 0) options[this.chosen].click();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}

/** Where a picture of the sample posts is: with the simulator. */
function sample(address) {
  const found = /^https?:\/\/pictures\.example\/([\w-]+\.jpg)$/.exec(address);
  return found ? `/pictures/${found[1]}` : address;
}
