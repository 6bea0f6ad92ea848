// Discord's timestamps, kept current, on the sandbox's clock (tests and trials may run it apart from the computer's).

import { h } from "./dom.js";
import { dateLocale } from "./words.js";

let ahead = 0;

/** Tells the page what time it is in the sandbox (ms since the epoch). */
export function setNow(now) {
  ahead = now - Date.now();
}

/** The sandbox's time, ms since the epoch. */
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

/** `<t:unix:style>` as an element that updates itself. */
export function timestamp(unix, style = "f") {
  const text = style === "R" ? relative(unix) : absolute(unix, style);
  const date = new Date(unix * 1000);
  if (Number.isNaN(date.getTime())) return document.createTextNode(`<t:${unix}:${style}>`);
  return h("time", { class: "stamp", datetime: date.toISOString(), title: absolute(unix, "F"), "data-unix": unix, "data-style": style }, text);
}

/** The small time beside a name: today only the hour. */
export function clock(ms) {
  const date = new Date(ms);
  const today = new Date(sandboxNow()).toDateString() === date.toDateString();
  const text = today ? absolute(ms / 1000, "t") : `${absolute(ms / 1000, "d")} ${absolute(ms / 1000, "t")}`;
  return h("time", { class: "clock", datetime: date.toISOString(), title: absolute(ms / 1000, "F") }, text);
}

/** Once a second: relative times count down. */
export function tick() {
  for (const element of document.querySelectorAll('time[data-style="R"]')) {
    const text = relative(Number(element.dataset.unix));
    if (element.textContent !== text) element.textContent = text;
  }
}
