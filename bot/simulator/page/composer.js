/** Where a person writes: text, a picture or another file, the bot's commands, formatting. */

import { $, make, toast } from "./dom.js";
import { parse, toggleMark } from "./richtext.js";
import { say } from "./words.js";

const LARGEST_SIDE = 1280;

export class Composer {
  /** `send({text, entities, picture, file})`; the picture is a data: address, the file {name, data} with such a one. */
  constructor(send) {
    this.send = send;
    this.commands = [];
    this.picture = this.file = null;
    this.chosen = -1;
    this.input = $("input");
    this.list = $("commands");
    $("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("paste", (event) => this.take(event, event.clipboardData?.files));
    $("pane").addEventListener("dragover", (event) => event.preventDefault());
    $("pane").addEventListener("drop", (event) => this.take(event, event.dataTransfer?.files));
    $("slash").addEventListener("click", () => (this.list.hidden ? this.showCommands("") : this.hideCommands()));
    $("format").addEventListener("click", () => this.showFormats($("formats").hidden));
    for (const button of $("formats").querySelectorAll("button")) {
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => this.mark(button.dataset.mark));
    }
    $("attach").addEventListener("click", () => $("file").click());
    $("file").addEventListener("change", () => this.attach($("file").files[0]));
    $("attached-remove").addEventListener("click", () => this.detach());
    document.addEventListener("click", (event) => {
      if (!event.target.closest("#composer")) this.hideCommands();
    });
    this.changed();
  }

  submit() {
    const written = this.input.value.trim();
    if (!written && !this.picture && !this.file) return;
    const message = written.startsWith("/") ? { text: written, entities: [] } : parse(written);
    this.send({ ...message, picture: this.picture, file: this.file });
    this.input.value = "";
    this.detach();
    this.hideCommands();
    this.changed();
  }

  key(event) {
    if (event.isComposing) return;
    if (!this.list.hidden && this.listKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.submit();
    } else if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      const mark = { b: "bold", i: "italic", k: "link" }[event.key.toLowerCase()];
      if (!mark) return;
      event.preventDefault();
      this.mark(mark);
    }
  }

  mark(mark) {
    toggleMark(this.input, mark);
    this.showFormats(true);
  }

  showFormats(on) {
    $("formats").hidden = !on;
    $("format").setAttribute("aria-expanded", String(on));
  }

  changed() {
    const { input } = this;
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 180)}px`;
    $("send").disabled = !input.value.trim() && !this.picture && !this.file;
    const command = /^\/([a-z0-9_]*)$/i.exec(input.value);
    if (command) this.showCommands(command[1]);
    else if (!this.list.hidden) this.hideCommands();
  }

  // The command menu

  setCommands(commands) {
    this.commands = commands;
    $("slash").hidden = commands.length === 0;
    if (!this.list.hidden) this.changed();
  }

  showCommands(beginning) {
    const fitting = this.commands.filter((one) => one.command.startsWith(beginning.toLowerCase()));
    this.chosen = beginning && fitting.length ? 0 : -1;
    this.list.replaceChildren(
      ...fitting.map((one, number) =>
        make(
          "li", {
            id: `command-${number}`, role: "option", "data-command": one.command,
            onclick: () => this.run(one.command), onmousedown: (event) => event.preventDefault(),
          },
          make("b", {}, `/${one.command}`), make("span", {}, one.description),
        ),
      ),
    );
    if (!fitting.length) this.list.replaceChildren(make("li.none", {}, say("noCommand")));
    this.list.hidden = !this.commands.length || (!fitting.length && beginning.length > 32);
    $("slash").setAttribute("aria-expanded", String(!this.list.hidden));
    this.point();
    if (!this.list.hidden) this.input.focus();
  }

  hideCommands() {
    this.list.hidden = true;
    this.input.removeAttribute("aria-activedescendant");
    $("slash").setAttribute("aria-expanded", "false");
  }

  point() {
    const options = [...this.list.querySelectorAll("[data-command]")];
    for (const [number, one] of options.entries()) one.setAttribute("aria-selected", String(number === this.chosen));
    const chosen = options[this.chosen];
    if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
    else this.input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  /** True when the key was for the list. */
  listKey(event) {
    const options = [...this.list.querySelectorAll("[data-command]")];
    if (event.key === "Escape") {
      this.hideCommands();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.chosen = this.chosen < 0 && step < 0 ? options.length - 1 : (this.chosen + step + options.length) % options.length;
      this.point();
    } else if (event.key === "Tab" && !event.shiftKey && options.length) {
      this.input.value = `/${options[Math.max(0, this.chosen)].dataset.command} `;
      this.changed();
    } else if (event.key === "Enter" && !event.shiftKey && this.chosen >= 0) {
      this.run(options[this.chosen].dataset.command);
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  run(command) {
    this.input.value = `/${command}`;
    this.hideCommands();
    this.submit();
    this.input.focus();
  }

  // A picture, or another file

  take(event, files) {
    const given = [...(files ?? [])];
    const taken = given.find((file) => file.type.startsWith("image/")) ?? given[0];
    if (!taken) return;
    event.preventDefault();
    this.attach(taken);
  }

  async attach(file) {
    $("file").value = "";
    if (!file) return;
    this.picture = this.file = null;
    try {
      if (file.type.startsWith("image/")) this.picture = await shrunk(file);
      else this.file = { name: file.name, data: await encoded(file) };
    } catch {
      this.detach();
      toast(say("badFile"), { wrong: true });
      return;
    }
    $("attached-image").hidden = !this.picture;
    if (this.picture) $("attached-image").src = this.picture;
    $("attached-name").textContent = file.name;
    $("attached").hidden = false;
    this.input.placeholder = say("caption");
    this.changed();
    this.input.focus();
  }

  detach() {
    this.picture = this.file = null;
    $("attached").hidden = true;
    $("attached-image").removeAttribute("src");
    this.input.placeholder = say("write");
    this.changed();
  }
}

/** A data: address that holds the file's bytes. */
function encoded(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/** As Telegram's apps do: a JPEG of at most 1280 pixels a side. */
async function shrunk(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, LARGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = make("canvas", { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) });
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.87);
}
