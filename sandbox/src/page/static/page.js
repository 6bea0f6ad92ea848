// The page: fetches the whole state, draws it, and sends the person's actions to the sandbox.

import { byId, h, icon, say } from "./dom.js";
import { drawComposer, insert, startComposer } from "./composer.js";
import { drawForm, showViolations } from "./dialogs.js";
import { guardLinks } from "./leaving.js";
import { drawMailbox } from "./mailbox.js";
import { addLocal, drawMessages, fail, focusMessage, forgetAll, removeLocal, showPresent, toEnd } from "./messages.js";
import { setNames } from "./markdown.js";
import { drawSide } from "./people.js";
import { setNow, tick } from "./time.js";
import { either, relabel, speak, word } from "./words.js";

/** The person's name. Each person has an address of their own, so that two windows can show two people. */
let me = decodeURIComponent(location.hash.slice(1));
let state = null;
/** The message whose control opened the form. */
let source = null;

// --- state -------------------------------------------------------------------------------------------------------

let fetching = false;
let again = false;

/** Fetches and draws the state. A change during the fetch causes another fetch, so that the newest state is drawn last. */
async function refresh() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  do {
    again = false;
    const requested = me;
    try {
      const answer = await fetch(`/_sandbox/state?person=${encodeURIComponent(requested)}`, { cache: "no-store" });
      const body = await answer.json();
      if (!answer.ok) throw new Error(body.error?.text);
      // Discard the answer if another person was chosen during the fetch.
      if (requested === me) draw(body);
      else again = true;
    } catch (error) {
      console.error(error);
      byId("banner").textContent = word("lost");
      byId("banner").hidden = false;
    }
  } while (again);
  fetching = false;
}

/** The stream of changes. A hidden window closes it, because a browser has only six connections to a server. */
let events = null;

function listen() {
  events?.close();
  events = null;
  if (document.hidden) return;
  events = new EventSource("/_sandbox/events");
  events.onmessage = refresh;
  events.onerror = () => {
    byId("banner").textContent = word("lost");
    byId("banner").hidden = false;
  };
}

function draw(newState) {
  state = newState;
  me = state.person.name;
  setNow(state.now);
  setNames(state.people, state.roles, state.channels);
  if (speak(state.person.locale)) relabel();
  byId("banner").hidden = true;
  const channel = state.channels.find((each) => each.id === state.person.channel);
  byId("channel-name").textContent = channel.name;
  byId("channel-topic").textContent = either(channel.topic);
  document.title = `#${channel.name} · Support Desk`;
  byId("welcome").replaceChildren(h("span", { class: "welcome-sign" }, icon("hash")), h("h3", {}, word("welcome", channel.name)), h("p", { class: "wide-only" }, word("welcomeText", word("customersLeft"))), h("p", { class: "narrow-only" }, word("welcomeText", word("customersTab"))));
  const violations = byId("violations");
  violations.textContent = word("violations", state.violations.length);
  violations.classList.toggle("some", state.violations.length > 0);
  drawSide(state, sideActions);
  drawMessages(state.messages, state.person.display, messageActions);
  drawMailbox(state.mails, decideMail);
  drawComposer({ person: me, commands: state.commands, people: state.people, channels: state.channels, channel: channel.name });
  const hadForm = document.querySelector("dialog.form:not(.wide)");
  drawForm(state.modal && { ...state.modal, app: state.app }, formActions);
  if (hadForm && !state.modal && source) focusMessage(source);
}

// --- actions ---------------------------------------------------------------------------------------------------------

/** Sends one action to the sandbox. Returns null or the error, {code, text}. */
async function submitAction(kind, details = {}) {
  try {
    const answer = await fetch("/_sandbox/action", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ person: me, kind, ...details }) });
    const body = await answer.json();
    return body.error ?? null;
  } catch (error) {
    return { code: "unreachable", text: String(error) };
  } finally {
    await refresh();
  }
}

const redraw = () => state && drawMessages(state.messages, state.person.display, messageActions);

const messageActions = {
  press: (message, component) => onMessage(message, "press", { message: message.id, custom_id: component.custom_id }),
  select: (message, component, option) => onMessage(message, "select", { message: message.id, custom_id: component.custom_id, value: option.value }),
  dismiss: async (message) => {
    await submitAction("dismiss_message", { message: message.id });
    byId("line")?.focus();
  },
  dismissLocal: (id) => {
    removeLocal(id);
    redraw();
    byId("line")?.focus();
  },
};

async function onMessage(message, kind, details) {
  source = message.id;
  fail(message.id, null);
  const error = await submitAction(kind, details);
  if (error) {
    fail(message.id, `${word("refused")} (${error.text})`);
    redraw();
  }
}

const decideMail = (mail, outcome) => submitAction("mail", { mail: mail.id, outcome });

const formActions = {
  submit: async (values) => (await submitAction("submit", { values }))?.text ?? null,
  dismiss: () => submitAction("dismiss"),
  closeApp: () => sideActions.reload(),
};

const sideActions = {
  person: (name) => {
    me = name;
    history.replaceState(null, "", `#${encodeURIComponent(name)}`);
    forgetAll();
    showView("channel");
    refresh();
  },
  channel: async (channel) => {
    forgetAll();
    showView("channel");
    await submitAction("channel", { channel });
  },
  locale: (locale) => submitAction("locale", { locale }),
  reload: async () => {
    forgetAll();
    await submitAction("reload");
    say(word("restarted"));
  },
  insert: (path, values) => {
    showView("channel");
    insert(path, values);
  },
};

/** Returns what the bot suggests for the last option of a line, or nothing if it does not answer. */
async function suggestions(line) {
  try {
    const answer = await fetch("/_sandbox/suggestions", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ person: me, line }) });
    return answer.ok ? ((await answer.json()).suggestions ?? []) : [];
  } catch {
    return [];
  }
}

startComposer({
  suggestions,
  command: async (line) => {
    const waiting = addLocal(word("sending"), "sending");
    redraw();
    byId("scroll").scrollTop = byId("scroll").scrollHeight;
    const error = await submitAction("command", { line });
    removeLocal(waiting);
    if (error) addLocal(error.text, "failure");
    redraw();
  },
  note: (sentence) => {
    addLocal(sentence, "note");
    redraw();
  },
});

// --- layout -----------------------------------------------------------------------------------------------------

/** Shows one of the three columns on a narrow screen. */
function showView(view) {
  document.body.dataset.view = view;
  for (const tab of document.querySelectorAll("[data-tab]")) tab.setAttribute("aria-pressed", String(tab.dataset.tab === view));
}

for (const tab of document.querySelectorAll("[data-tab]")) tab.addEventListener("click", () => showView(tab.dataset.tab));
byId("scroll").addEventListener("scroll", showPresent);
byId("present").addEventListener("click", async () => {
  forgetAll();
  await submitAction("jump_to_present");
  toEnd();
});
guardLinks();
byId("violations").addEventListener("click", () => state && showViolations(state.violations));
addEventListener("hashchange", () => {
  const name = decodeURIComponent(location.hash.slice(1));
  if (name && name !== me) sideActions.person(name);
});
setInterval(tick, 1000);
showView("channel");
relabel();
document.addEventListener("visibilitychange", listen);
refresh();
listen();
