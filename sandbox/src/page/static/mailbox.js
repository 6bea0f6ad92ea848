// The mailbox: every mail of the sandbox, newest first.

import { byId, h, icon, safeLink, say } from "./dom.js";
import { clock } from "./time.js";
import { word } from "./words.js";

/** Ids of opened mails, and of announced mails. */
const opened = new Set();
const announced = new Set();
/** Elements by mail id, each with a function that shows the mail's outcome. An open mail stays open when another arrives. */
let drawn = new Map();
let drawnIn = "";
let first = true;
let shown = "";
let filter = "";
let latest = [];
/** What the mail service can report about a mail. */
const OUTCOMES = ["delivered", "delayed", "no_such_mailbox", "mailbox_full", "blocked", "other", "complained"];

/** Draws the mails. `decide(mail, outcome)` decides what becomes of a mail. */
export function drawMailbox(mails, decide) {
  const select = byId("mail-filter");
  const addresses = [...new Set(mails.map((mail) => mail.to))].sort();
  if (filter && !addresses.includes(filter)) filter = "";
  announce(mails);
  latest = mails;
  countUnread(mails);

  const signature = JSON.stringify([mails.map((mail) => [mail.id, mail.outcome]), filter, document.documentElement.lang]);
  if (signature === shown) return;
  shown = signature;
  select.replaceChildren(h("option", { value: "" }, word("allMails")), ...addresses.map((address) => h("option", { value: address }, address)));
  select.value = filter;
  select.onchange = () => {
    filter = select.value;
    drawMailbox(latest, decide);
  };
  if (drawnIn !== document.documentElement.lang) drawn = new Map();
  drawnIn = document.documentElement.lang;
  for (const mail of mails) {
    if (!drawn.has(mail.id)) drawn.set(mail.id, drawMail(mail, decide));
    drawn.get(mail.id).show(mail.outcome);
  }
  place(mails.filter((mail) => !filter || mail.to === filter).map((mail) => drawn.get(mail.id).item), mails.length);
}

/** Puts the chosen mails into the list. Mails in the list are not moved, because a moved frame loads again. */
function place(chosen, all) {
  const list = byId("mails");
  const keep = new Set(chosen);
  for (const old of [...list.children]) {
    if (!keep.has(old)) old.remove();
  }
  chosen.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
  if (!all) list.append(h("li", { class: "quiet empty" }, word("noMails")));
}

function countUnread(mails) {
  const unread = mails.filter((mail) => !opened.has(mail.id)).length;
  const badge = byId("mail-badge");
  badge.hidden = unread === 0;
  badge.textContent = String(unread);
}

function announce(mails) {
  for (const mail of [...mails].reverse()) {
    if (announced.has(mail.id)) continue;
    announced.add(mail.id);
    if (first) opened.add(mail.id);
    else say(word("mailArrived", mail.to, mail.subject));
  }
  first = false;
}

function drawMail(mail, decide) {
  const body = h("div", { class: "mail-body", id: `mail-${mail.id}`, hidden: true });
  const dot = opened.has(mail.id) ? null : h("span", { class: "dot" }, h("span", { class: "hidden" }, word("unreadMail")));
  const outcome = h("span", { class: "mail-outcome" });
  const choice = mail.decidable && outcomeChoice(mail, decide);
  const head = h(
    "button",
    { type: "button", class: "mail-line", "aria-expanded": "false", "aria-controls": body.id, "data-mail": mail.id },
    h("span", { class: "mail-meta" }, h("span", { class: "mail-address" }, `${word("mailTo")} ${mail.to}`), clock(mail.at)),
    h("span", { class: "mail-subject" }, dot, mail.subject),
    outcome,
  );
  head.addEventListener("click", () => {
    const open = body.hidden;
    body.hidden = !open;
    head.setAttribute("aria-expanded", String(open));
    if (open && !body.childElementCount) body.append(...[choice?.line, ...mailBody(mail)].filter(Boolean));
    if (!opened.has(mail.id)) {
      opened.add(mail.id);
      dot?.remove();
      countUnread(latest);
    }
  });
  const show = (now) => {
    // A mail that was taken needs no remark.
    outcome.textContent = now && now !== "delivered" ? word("mailOutcomes")[now] : "";
    if (choice) choice.select.value = now ?? OUTCOMES[0];
  };
  return { item: h("li", { class: "mail-item" }, head, mail.code && copyButton(mail.code), body), show };
}

/** Returns a menu for the outcome of a mail with a code, and of the next mails to its address. */
function outcomeChoice(mail, decide) {
  const options = OUTCOMES.map((name) => h("option", { value: name }, word("mailOutcomes")[name]));
  const select = h("select", { onchange: () => decide(mail, select.value) }, ...options);
  return { select, line: h("label", { class: "mail-choice" }, word("mailChoice"), select) };
}

function copyButton(code) {
  const label = h("span", { class: "hidden" }, word("copy"));
  const sign = icon("copy");
  const button = h("button", { type: "button", class: "code", title: word("copy") }, h("span", {}, code), sign, label);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code).catch(() => selectText(button.firstElementChild));
    sign.firstElementChild.setAttribute("href", "#icon-check");
    say(`${word("copied")}: ${code}`);
    // Replaces the tick by the copy sign after 1.5 s.
    setTimeout(() => sign.firstElementChild.setAttribute("href", "#icon-copy"), 1500);
  });
  return button;
}

/** Selects the code, for browsers that deny the clipboard. */
function selectText(element) {
  getSelection().selectAllChildren(element);
}

/** Returns the mail's HTML in a frame without scripts, or its text if it has no HTML. */
function mailBody(mail) {
  const files = mail.attachments.map((file) => h("p", { class: "mail-file" }, h("a", { href: file.url, target: "_blank", rel: "noopener noreferrer" }, `${word("attachment")}: ${file.name}`)));
  if (!mail.url) return [h("div", { class: "mail-text" }, linked(mail.text)), ...files];
  const frame = h("iframe", { src: mail.url, title: mail.subject, sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox" });
  frame.addEventListener("load", () => {
    const content = frame.contentDocument.documentElement;
    // Measured after every change of the width, because the text then wraps at other places.
    new ResizeObserver(() => (frame.style.height = `${Math.ceil(content.getBoundingClientRect().height)}px`)).observe(content);
  });
  return [frame, ...files];
}

/** Returns text with clickable web addresses. */
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]])/).map((piece, index) => {
    const href = index % 2 ? safeLink(piece) : null;
    return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, piece) : piece;
  });
}
