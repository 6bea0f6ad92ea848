// The channel: messages, embeds, attachments. Only changed messages are redrawn, so that focus and scroll position stay.

import { avatar, botAvatar, byId, h, icon, ownAddress, safeLink } from "./dom.js";
import { rows } from "./components.js";
import { inline, markdown } from "./markdown.js";
import { clock, sandboxNow } from "./time.js";
import { word } from "./words.js";

/** Pixels above the end within which the newest messages count as seen. */
const NEAR_END = 120;

/** Drawn messages: id -> {signature, element}. */
const drawn = new Map();
/** Failures under a message until it changes or is used again: message id -> sentence. */
const failures = new Map();
/** Local lines, such as a command in flight or a failed one. */
let local = [];
let localCount = 0;

export function addLocal(text, kind) {
  localCount += 1;
  local.push({ id: `local-${localCount}`, local: kind, text, created_at: sandboxNow() });
  return `local-${localCount}`;
}

export function removeLocal(id) {
  local = local.filter((line) => line.id !== id);
}

export function fail(message, sentence) {
  if (sentence) failures.set(message, sentence);
  else failures.delete(message);
}

export function forgetAll() {
  drawn.clear();
  failures.clear();
  local = [];
  byId("messages").replaceChildren();
}

/** Draws the messages for the person with the displayed name `me`. `actions` has press, select, dismiss and dismissLocal. */
export function drawMessages(messages, me, actions) {
  const log = byId("messages");
  const scroll = byId("scroll");
  const wasAtEnd = isAtEnd(scroll);
  let changed = false;
  const all = [...messages, ...local].sort((a, b) => a.created_at - b.created_at);
  const keep = new Set(all.map((message) => message.id));
  for (const [id, { element }] of drawn) {
    if (keep.has(id)) continue;
    element.remove();
    drawn.delete(id);
    failures.delete(id);
  }
  all.forEach((message, index) => {
    const signature = JSON.stringify([message, failures.get(message.id), document.documentElement.lang]);
    let known = drawn.get(message.id);
    if (known?.signature !== signature) {
      const element = message.local ? drawLocal(message, actions) : drawMessage(message, me, actions);
      const focus = known && focusIn(known.element);
      if (known) known.element.replaceWith(element);
      known = { signature, element };
      drawn.set(message.id, known);
      changed = true;
      if (focus) refocus(element, focus);
    }
    if (log.children[index] !== known.element) log.insertBefore(known.element, log.children[index] ?? null);
  });
  if (changed && wasAtEnd) toEnd();
  showPresent();
}

const isAtEnd = (scroll) => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END;

/** Shows "Jump to present" while the newest messages are out of sight. */
export function showPresent() {
  byId("present").hidden = isAtEnd(byId("scroll"));
}

/** Scrolls to the newest message. */
export function toEnd() {
  const scroll = byId("scroll");
  scroll.scrollTop = scroll.scrollHeight;
  // Scroll again after loading, because an image has no height before.
  for (const image of document.querySelectorAll("#messages > :last-child img")) {
    if (!image.complete) image.addEventListener("load", () => (scroll.scrollTop = scroll.scrollHeight), { once: true });
  }
}

/** Returns the focus position inside an element before its replacement. */
function focusIn(element) {
  const active = document.activeElement;
  const key = active.dataset.key ?? active.dataset.lastKey;
  return element.contains(active) && (key || active !== element) ? { key } : null;
}

/**
 * Focuses the same control, or else the first enabled one of the rows, or else the message. While the same control is disabled, the
 * message has the focus and remembers the control.
 */
function refocus(element, { key }) {
  const same = key && element.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const first = element.querySelector(".rows [data-key]:enabled, .rows a[data-key]");
  if (same?.disabled) element.dataset.lastKey = key;
  const target = same?.disabled ? element : same || first || element;
  target.focus({ preventScroll: true });
}

/** Focuses the message that a closed form came from. */
export function focusMessage(id) {
  const known = drawn.get(id);
  if (known && document.activeElement === document.body) refocus(known.element, {});
}

function drawMessage(message, me, actions) {
  const body = h("div", { class: "body" });
  body.append(
    h(
      "div",
      { class: "by" },
      h("strong", { class: "name" }, message.author.name),
      message.author.bot && h("span", { class: "app" }, icon("check"), word("app")),
      clock(message.created_at),
    ),
  );
  // A command without an answer shows only its failure.
  const alone = message.id.startsWith("failed-");
  if (alone) {
    body.append(failure(word("noAnswer")));
  } else if (message.thinking) {
    body.append(h("p", { class: "thinking" }, dots(), `${message.author.name} ${word("thinking")}`));
  } else {
    if (message.content) body.append(markdown(message.content));
    if (message.edited_at) markEdited(body, message);
    for (const embed of message.embeds) body.append(drawEmbed(embed));
    for (const file of message.attachments) body.append(drawFile(file));
    if (message.components.length) body.append(rows(message, actions));
  }
  const trouble = failures.get(message.id) ?? (message.failed && !alone && word("failed"));
  if (trouble) body.append(failure(trouble));
  if (message.ephemeral) body.append(onlyYou(() => actions.dismiss(message)));
  return h(
    "li",
    { class: message.ephemeral ? "message ephemeral" : "message", tabindex: -1, "data-message": message.id, "data-revision": message.revision },
    message.via && used(message, me),
    h("div", { class: "row" }, message.author.bot ? botAvatar() : avatar(message.author.name), body),
  );
}

/** Names the command that a message answers. Its user is known only for an ephemeral answer. */
function used(message, me) {
  const who = message.ephemeral ? [avatar(me, "tiny"), h("strong", {}, me), ` ${word("used")} `] : [];
  return h("div", { class: "used" }, icon("reply"), who, h("span", { class: "mention" }, message.via));
}

const failure = (sentence) => h("p", { class: "failure" }, icon("warning"), sentence);

function onlyYou(dismiss) {
  return h("p", { class: "only-you" }, icon("eye"), `${word("onlyYou")} • `, h("button", { type: "button", class: "textlink", "data-key": "dismiss", onclick: dismiss }, word("dismiss")));
}

function markEdited(body, message) {
  const mark = h("span", { class: "edited", title: `${word("editedAt")} ${new Date(message.edited_at).toLocaleString(document.documentElement.lang)}` }, word("edited"));
  // Like Discord, mark an edit only on a message with text.
  const last = body.querySelector(".markdown > p:last-child");
  if (last) last.append(" ", mark);
}

const dots = () => h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));

function drawLocal(line, actions) {
  const dismiss = () => actions.dismissLocal(line.id);
  return h(
    "li",
    { class: line.local === "sending" ? "message local" : "message local ephemeral", tabindex: -1 },
    h(
      "div",
      { class: "row" },
      botAvatar(),
      h("div", { class: "body" }, h("p", { class: line.local }, line.local === "sending" ? dots() : line.local === "failure" && icon("warning"), line.text), line.local !== "sending" && onlyYou(dismiss)),
    ),
  );
}

function drawEmbed(embed) {
  const box = h("article", { class: "embed" });
  if (embed.color !== undefined && embed.color !== null) box.style.borderLeftColor = `#${embed.color.toString(16).padStart(6, "0")}`;
  const main = h("div", { class: "embed-main" });
  if (embed.author) main.append(h("p", { class: "embed-author" }, embed.author.name));
  if (embed.title) main.append(h("h3", { class: "embed-title" }, titled(embed)));
  if (embed.description) main.append(markdown(embed.description));
  if (embed.fields?.length) main.append(drawFields(embed.fields));
  box.append(main);
  if (embed.thumbnail && safeLink(embed.thumbnail.url)) box.append(h("img", { class: "thumbnail", src: ownAddress(embed.thumbnail.url), alt: "" }));
  if (embed.image && safeLink(embed.image.url)) box.append(h("img", { class: "embed-image", src: ownAddress(embed.image.url), alt: embed.image.description ?? word("image") }));
  if (embed.footer || embed.timestamp) {
    const stamp = embed.timestamp && clock(Date.parse(embed.timestamp));
    box.append(h("p", { class: "embed-footer" }, embed.footer?.text, embed.footer && stamp && " • ", stamp));
  }
  return box;
}

function titled(embed) {
  const href = embed.url && safeLink(embed.url);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, embed.title) : embed.title;
}

/** Groups up to three inline fields in a line, as Discord does. */
function drawFields(fields) {
  const grid = h("dl", { class: "fields" });
  fields.forEach((field, index) => {
    const cell = h("div", {}, h("dt", {}, inline(field.name)), h("dd", {}, markdown(field.value)));
    if (field.inline) {
      let first = index;
      while (first > 0 && fields[first - 1].inline) first -= 1;
      let end = index;
      while (end < fields.length && fields[end].inline) end += 1;
      const start = index - ((index - first) % 3);
      const share = Math.min(3, end - start);
      cell.style.setProperty("--span", 12 / Math.max(share, 1));
    } else {
      cell.style.setProperty("--span", 12);
    }
    grid.append(cell);
  });
  return grid;
}

function drawFile(file) {
  const url = ownAddress(file.url);
  const there = { href: url, target: "_blank", rel: "noopener noreferrer" };
  if (!file.content_type.startsWith("image/")) return h("a", { class: "file", ...there }, file.name);
  return h("a", { class: "picture", ...there }, h("img", { src: url, alt: file.description || file.name, width: file.width, height: file.height }));
}
