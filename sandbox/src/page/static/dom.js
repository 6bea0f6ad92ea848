// Builds elements. Text is always set as text, so that a message or mail cannot inject markup.

/** Builds an element: h("p", {class: "x", "aria-label": "y", onclick: f}, "text", node, null). */
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

/** Returns a symbol of index.html. It is decoration, so it is hidden from screen readers. */
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

/** Announces a sentence to screen readers. */
export function say(sentence) {
  byId("said").textContent = sentence;
}

/** Returns the address if it is a web address, otherwise null. */
export function safeLink(url) {
  try {
    const parsed = new URL(url);
    return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/**
 * Returns an address of the sandbox relative to the page. Attachments have the host 127.0.0.1. For a page opened as "localhost" that
 * is another origin, whose images its policy forbids.
 */
export function ownAddress(url) {
  const parsed = new URL(url, location.href);
  const own = ["127.0.0.1", "localhost", "[::1]"].includes(parsed.hostname) && parsed.port === location.port;
  return own ? parsed.pathname + parsed.search : url;
}

const COLOURS = ["#5865f2", "#3ba55c", "#b0642a", "#b8407a", "#8250c4", "#1f8b8b", "#c03537", "#4d6a8f"];

/** Returns a round avatar with initials, in a colour computed from the name. */
export function avatar(name, size = "") {
  const initials = name.split(/\s+/).filter(Boolean).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
  const element = h("span", { class: `avatar ${size}`, "aria-hidden": "true" }, initials);
  const sum = [...name].reduce((total, letter) => total * 31 + letter.codePointAt(0), 7);
  element.style.backgroundColor = COLOURS[sum % COLOURS.length];
  return element;
}

/** Returns the bot's avatar. */
export function botAvatar() {
  return h("img", { class: "avatar", src: "/_sandbox/static/icon.svg", alt: "", width: 40, height: 40 });
}
