/** The demo's clock, and the button that moves it to the next digest. */

import * as api from "./api.js";
import { $, toast } from "./dom.js";
import { dayOf, momentOf, say, startOfDay, timeOf } from "./words.js";

export class Clock {
  /** `jumped()` is called when the time is suddenly another one. */
  constructor(jumped) {
    this.jumped = jumped;
    this.ahead = 0;
    this.next = null;
    this.there = null;
    this.working = false;
    $("clock-button").addEventListener("click", () => this.move());
    setInterval(() => this.show(), 1000);
    setInterval(() => this.load(), 15_000);
  }

  /** The time in the demo; the real one where there is no demo's clock. */
  now() {
    return new Date(Date.now() + this.ahead);
  }

  async load() {
    if (this.there === false || this.working) return;
    try {
      const { now, next } = await api.clock();
      this.there = true;
      this.set(now);
      this.next = next ? new Date(next) : null;
    } catch (error) {
      if (error instanceof api.Refused && error.status === 404) this.there = false;
    }
    this.show();
  }

  set(now) {
    const before = this.ahead;
    this.ahead = new Date(now) - Date.now();
    if (Math.abs(this.ahead - before) > 60_000) this.jumped();
  }

  /** Soon, once: what is due may have changed with a message. */
  loadSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.load(), 600);
  }

  show() {
    $("clock").hidden = !this.there;
    if (!this.there) return;
    const now = this.now();
    write($("clock-now"), momentOf(now));
    write($("clock-next"), this.next ? say("next", whenNext(this.next, now)) : say("nextNone"));
  }

  async move() {
    if (this.working) return;
    this.busy(true);
    try {
      const { now, moved } = await api.nextMoment();
      this.set(now);
      toast(moved ? say("moved", momentOf(new Date(now))) : say("notMoved"));
    } catch (error) {
      toast(error.message, { wrong: true });
    }
    this.busy(false);
    await this.load();
  }

  busy(on) {
    this.working = on;
    $("clock-button").disabled = on;
    $("clock-button").setAttribute("aria-busy", String(on));
    $("working").hidden = !on;
    $("working").setAttribute("aria-label", say("going"));
  }
}

function whenNext(next, now) {
  if (startOfDay(next) === startOfDay(now)) return timeOf(next);
  const tomorrow = new Date(now);
  tomorrow.setDate(tomorrow.getDate() + 1);
  return startOfDay(next) === startOfDay(tomorrow) ? `${say("tomorrow")} ${timeOf(next)}` : `${dayOf(next, now)} ${timeOf(next)}`;
}

/** Only when it differs, so that nothing is announced or selected away each second. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
