// Building elements. Text is only ever set as text, so nothing a message or mail says can become markup.

/** h("p", {class: "x", "aria-label": "y", onclick: f}, "text", node, null) */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** One of the symbols at the end of index.html; decoration, so hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

export const byId = (id) => document.getElementById(id);

/** Hands a sentence to screen readers. */
export function say(sentence) {
  byId("said").textContent = sentence;
}

/** A link is only followed to the web; anything else stays text. */
export function safeLink(url) {
  try {
    const parsed = new URL(url);
    return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/**
 * An address of the sandbox itself as the page reached it. Discord's attachments carry 127.0.0.1, and to a page that was opened as
 * "localhost" that is another origin, whose pictures its policy forbids.
 */
export function ownAddress(url) {
  const parsed = new URL(url, location.href);
  const ours = ["127.0.0.1", "localhost", "[::1]"].includes(parsed.hostname) && parsed.port === location.port;
  return ours ? parsed.pathname + parsed.search : url;
}

const COLOURS = ["#5865f2", "#3ba55c", "#b0642a", "#b8407a", "#8250c4", "#1f8b8b", "#c03537", "#4d6a8f"];

/** A round avatar with initials, its colour a function of the name. */
export function avatar(name, size = "") {
  const initials = name.split(/\s+/).filter(Boolean).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
  const element = h("span", { class: `avatar ${size}`, "aria-hidden": "true" }, initials);
  const sum = [...name].reduce((total, letter) => total * 31 + letter.codePointAt(0), 7);
  element.style.backgroundColor = COLOURS[sum % COLOURS.length];
  return element;
}

/** The bot's avatar. */
export function botAvatar() {
  return h("img", { class: "avatar", src: "/_sandbox/static/icon.svg", alt: "", width: 40, height: 40 });
}
