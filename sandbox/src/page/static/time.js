// Discord's timestamps by the sandbox's clock, which can differ from the computer's clock in tests.

import { h } from "./dom.js";
import { dateLocale } from "./words.js";

let ahead = 0;

/** Sets the sandbox's time, in ms since the epoch. */
export function setNow(now) {
  ahead = now - Date.now();
}

/** Returns the sandbox's time, in ms since the epoch. */
export const sandboxNow = () => Date.now() + ahead;

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

const STEPS = [
  ["year", 365 * 86400],
  ["month", 30 * 86400],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

function relative(unix) {
  const seconds = unix - sandboxNow() / 1000;
  const format = new Intl.RelativeTimeFormat(dateLocale(), { numeric: "always" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size || unit === "second") return format.format(Math.round(seconds / size), unit);
  }
  return "";
}

function absolute(unix, style) {
  return new Intl.DateTimeFormat(dateLocale(), STYLES[style] ?? STYLES.f).format(new Date(unix * 1000));
}

/** Returns `<t:unix:style>` as an element, which tick() updates. */
export function timestamp(unix, style = "f") {
  const text = style === "R" ? relative(unix) : absolute(unix, style);
  const date = new Date(unix * 1000);
  if (Number.isNaN(date.getTime())) return document.createTextNode(`<t:${unix}:${style}>`);
  return h("time", { class: "stamp", datetime: date.toISOString(), title: absolute(unix, "F"), "data-unix": unix, "data-style": style }, text);
}

/** Returns the small time beside a name. Today's times have no date. */
export function clock(ms) {
  const date = new Date(ms);
  const today = new Date(sandboxNow()).toDateString() === date.toDateString();
  const text = today ? absolute(ms / 1000, "t") : `${absolute(ms / 1000, "d")} ${absolute(ms / 1000, "t")}`;
  return h("time", { class: "clock", datetime: date.toISOString(), title: absolute(ms / 1000, "F") }, text);
}

/** Updates relative times. Called once a second. */
export function tick() {
  for (const element of document.querySelectorAll('time[data-style="R"]')) {
    const text = relative(Number(element.dataset.unix));
    if (element.textContent !== text) element.textContent = text;
  }
}
