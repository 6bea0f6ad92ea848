// Renders the part of Discord's markdown that bots use.

import { h, safeLink } from "./dom.js";
import { timestamp } from "./time.js";
import { word } from "./words.js";

/** Names for mentions, from the state. */
const names = { people: new Map(), roles: new Map(), channels: new Map() };

export function setNames(people, roles, channels) {
  names.people = new Map(people.map((person) => [person.id, person.display]));
  names.roles = new Map(roles.map((role) => [role.id, role.name]));
  names.channels = new Map(channels.map((channel) => [channel.id, channel.name]));
}

const mention = (text) => h("span", { class: "mention" }, text);

function link(url, children, title) {
  const href = safeLink(url);
  if (!href) return children;
  return h("a", { href, target: "_blank", rel: "noopener noreferrer", title }, children);
}

// Pairs of an anchored pattern and its element. Longer marks come first.
const INLINE = [
  [/^\\([^0-9A-Za-z\s])/, (m) => m[1]],
  [/^(`+)([^]*?[^`])\1(?!`)/, (m) => h("code", {}, m[2].trim())],
  [/^<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, (m) => timestamp(Number(m[1]), m[2])],
  [/^<@!?(\d+)>/, (m) => mention(`@${names.people.get(m[1]) ?? m[1]}`)],
  [/^<@&(\d+)>/, (m) => mention(`@${names.roles.get(m[1]) ?? m[1]}`)],
  [/^<#(\d+)>/, (m) => mention(`#${names.channels.get(m[1]) ?? m[1]}`)],
  [/^<\/([^:>]+):\d+>/, (m) => mention(`/${m[1]}`)],
  [/^<a?(:\w+:)\d+>/, (m) => m[1]],
  [/^@(?:everyone|here)/, (m) => mention(m[0])],
  [/^\[((?:[^[\]\\]|\\.)+)\]\(<?([^\s)>]+)>?(?:\s+"([^"]*)")?\)/, (m) => link(m[2], inline(m[1]), m[3])],
  [/^<(https?:\/\/[^\s>]+)>/, (m) => link(m[1], [m[1]])],
  [/^https?:\/\/[^\s<]*[^\s<.,:;"'\])}!?*_~|]/, (m) => link(m[0], [m[0]])],
  [/^\*\*\*([^]+?)\*\*\*(?!\*)/, (m) => h("strong", {}, h("em", {}, inline(m[1])))],
  [/^\*\*([^]+?)\*\*(?!\*)/, (m) => h("strong", {}, inline(m[1]))],
  [/^__([^]+?)__(?!_)/, (m) => h("u", {}, inline(m[1]))],
  [/^~~([^]+?)~~/, (m) => h("s", {}, inline(m[1]))],
  [/^\|\|([^]+?)\|\|/, (m) => spoiler(m[1])],
  [/^\*(?=\S)([^*]*[^\s*])\*(?!\*)/, (m) => h("em", {}, inline(m[1]))],
];
// Checked separately, because an underscore inside a word is not a mark: the letter before it decides.
const UNDERSCORE = /^_(?=\S)([^_]*[^\s_])_(?!\w)/;

function spoiler(text) {
  const box = h("button", { type: "button", class: "spoiler", "aria-label": word("spoiler") }, h("span", {}, text));
  box.addEventListener("click", () => box.replaceWith(h("span", { class: "spoiler shown" }, inline(text))));
  return box;
}

/** Renders marks within a line. */
export function inline(text) {
  const out = [];
  let plain = "";
  const flush = () => {
    if (plain) out.push(plain);
    plain = "";
  };
  let rest = text;
  while (rest) {
    const before = plain.at(-1) ?? "";
    let found = null;
    let make = null;
    for (const [pattern, maker] of INLINE) {
      if (pattern.source.startsWith("^https") && /\w/.test(before)) continue;
      found = pattern.exec(rest);
      if (found) {
        make = maker;
        break;
      }
    }
    if (!found && !/\w/.test(before)) {
      found = UNDERSCORE.exec(rest);
      make = (m) => h("em", {}, inline(m[1]));
    }
    if (found) {
      const made = make(found);
      if (typeof made === "string") plain += made;
      else {
        flush();
        out.push(made);
      }
      rest = rest.slice(found[0].length);
    } else if (rest.startsWith("\n")) {
      flush();
      out.push(h("br"));
      rest = rest.slice(1);
    } else {
      const [letter] = rest;
      plain += letter;
      rest = rest.slice(letter.length);
    }
  }
  flush();
  return out;
}

const LIST = /^(\s*)(?:([-*])|(\d{1,3})\.)\s+(.*)$/;

function list(lines) {
  const root = h(LIST.exec(lines[0])[2] ? "ul" : "ol");
  const open = [{ depth: LIST.exec(lines[0])[1].length, element: root }];
  for (const line of lines) {
    const [, space, bullet, number, text] = LIST.exec(line);
    while (open.length > 1 && space.length < open.at(-1).depth) open.pop();
    if (space.length > open.at(-1).depth + 1 && open.at(-1).element.lastElementChild) {
      const inner = h(bullet ? "ul" : "ol");
      open.at(-1).element.lastElementChild.append(inner);
      open.push({ depth: space.length, element: inner });
    }
    const item = h("li", {}, inline(text));
    if (number) item.setAttribute("value", number);
    open.at(-1).element.append(item);
  }
  return root;
}

/** Renders a whole text: headings, quotes, lists, code blocks and lines. */
export function markdown(text) {
  const box = h("div", { class: "markdown" });
  // Odd pieces are the content of ``` blocks.
  text.split(/```(?:[a-z0-9+#-]*\n)?([^]*?)```/).forEach((piece, index) => {
    if (index % 2) box.append(h("pre", {}, h("code", {}, piece.replace(/\n$/, ""))));
    else if (piece) box.append(...blocks(index ? piece.replace(/^\n/, "") : piece));
  });
  return box;
}

function blocks(text) {
  const out = [];
  const lines = text.replace(/\n$/, "").split("\n");
  let at = 0;
  const takeWhile = (test) => {
    const from = at;
    while (at < lines.length && test(lines[at])) at += 1;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at];
    const heading = /^(#{1,3})\s+(.*)$/.exec(line);
    if (heading) {
      // Headings of a message start at level 3, because the page uses levels 1 and 2.
      out.push(h(`h${heading[1].length + 2}`, { class: `size-${heading[1].length}` }, inline(heading[2])));
      at += 1;
    } else if (/^-#\s+/.test(line)) {
      out.push(h("p", { class: "subtext" }, inline(line.replace(/^-#\s+/, ""))));
      at += 1;
    } else if (line.startsWith(">>> ")) {
      out.push(h("blockquote", {}, blocks([line.slice(4), ...lines.slice(at + 1)].join("\n"))));
      at = lines.length;
    } else if (line.startsWith("> ")) {
      const quoted = takeWhile((each) => each.startsWith("> "));
      out.push(h("blockquote", {}, blocks(quoted.map((each) => each.slice(2)).join("\n"))));
    } else if (LIST.test(line)) {
      out.push(list(takeWhile((each) => LIST.test(each))));
    } else {
      const plain = takeWhile((each) => !/^(#{1,3}\s|-#\s|> |>>> )/.test(each) && !LIST.test(each));
      out.push(h("p", {}, inline(plain.join("\n"))));
    }
  }
  return out;
}
