// What the recovery page does more than a form: it says at once what a password lacks, shows it, counts the wait, and keeps what
// cannot be right from being sent, because passwords that were sent are lost. The server judges all of it again.
"use strict";

const id = (name) => document.getElementById(name);
const form = id("form");

/** Words that only screen readers are told. */
function hidden(text) {
  const span = document.createElement("span");
  span.className = "hidden";
  span.textContent = text;
  return span;
}

// The same rules as on the server. Spaces, hyphens and full-width digits in a code are meant well.
const CODE = /^(?:[-.\u2010-\u2015\p{White_Space}]*[0-9\uff10-\uff19]){6}[-.\u2010-\u2015\p{White_Space}]*$/u;
// "Special" is the 32 ASCII punctuation characters.
const RULES = {
  "at-least": (password, count) => [...password].length >= count,
  "at-most": (password, count) => [...password].length <= count,
  uppercase: (password) => /[A-Z]/.test(password),
  lowercase: (password) => /[a-z]/.test(password),
  number: (password) => /[0-9]/.test(password),
  symbol: (password) => /[!-/:-@[-`{-~]/.test(password),
  "no-space": (password) => !/\p{White_Space}/u.test(password),
};

// Longer than the server takes for an answer. What has none by then was stopped on its way, and may be sent again.
const PATIENCE = 35_000;

/** The list of the policy follows what is typed; a line says in words how it stands, and one sentence the sum of it. Returns a
 * function that tells what is not met. */
function watchPolicy(password) {
  const list = id("policy");
  const progress = id("progress");
  const lines = [...list.querySelectorAll("[data-rule]")].map((line) => {
    const sentence = line.textContent;
    const state = hidden("");
    line.append(state);
    return { line, sentence, state, rule: RULES[line.dataset.rule], count: Number(line.dataset.count) };
  });
  // Nobody needs to read of a limit that nobody reaches.
  const rare = (line) => line.dataset.rule === "at-most";
  const look = () => {
    const typed = password.value;
    let met = 0;
    let all = 0;
    for (const { line, state, rule, count } of lines) {
      const good = typed !== "" && rule(typed, count);
      line.classList.toggle("met", good);
      line.classList.toggle("not-met", !good);
      state.textContent = ` (${good ? list.dataset.met : list.dataset.notMet})`;
      line.hidden = rare(line) && (good || typed === "");
      if (!line.hidden) {
        all += 1;
        met += good ? 1 : 0;
      }
    }
    const text = typed === "" ? "" : progress.dataset.text.replace("{met}", met).replace("{all}", all);
    if (progress.textContent !== text) progress.textContent = text;
  };
  password.addEventListener("input", look);
  look();
  return () => lines.filter(({ rule, count }) => !rule(password.value, count)).map(({ sentence }) => sentence);
}

/** Whether the two are the same is said as soon as the second is as long as the first. */
function watchMatch(password, again) {
  const match = id("match");
  const look = () => {
    const same = again.value === password.value;
    const said = again.value !== "" && (same || again.value.length >= password.value.length);
    const text = said ? (same ? match.dataset.match : match.dataset.noMatch) : "";
    if (match.textContent !== text) match.textContent = text;
    match.classList.toggle("good", said && same);
  };
  password.addEventListener("input", look);
  again.addEventListener("input", look);
}

/** One button shows and hides both passwords. */
function offerToShow(password, again) {
  const button = id("show");
  const set = (shown) => {
    for (const field of [password, again]) field.type = shown ? "text" : "password";
    button.textContent = shown ? button.dataset.hide : button.dataset.show;
    button.setAttribute("aria-label", shown ? button.dataset.hideAbout : button.dataset.showAbout);
  };
  button.addEventListener("click", () => set(password.type === "password"));
  button.hidden = false;
  set(false);
  return () => set(false);
}

/** Resend is off until a new code can be sent. The wait is counted from the page's arrival: clocks of readers differ. */
function countDown(button) {
  const wait = id("wait");
  const end = performance.now() + Number(button.dataset.wait) * 1000;
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    button.disabled = left > 0;
    wait.textContent = left > 0 ? wait.dataset.text.replace("{time}", `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`) : "";
    if (left > 0) setTimeout(tick, 250);
  };
  tick();
}

/** Says what is wrong with a field, in the server's words and in their place; typing goes on there. */
function mark(field, words) {
  id(`${field.id}-error`).replaceChildren(hidden(`${form.dataset.error}: `), words);
  field.setAttribute("aria-invalid", "true");
  field.focus();
  field.select();
}

/** Nothing is wrong with a field. */
function unmark(field) {
  id(`${field.id}-error`).replaceChildren();
  field.removeAttribute("aria-invalid");
}

/** The first field that cannot be right and what the server would say about it. */
function firstWrong(code, password, again, unmet) {
  const text = (field) => id(`${field.id}-error`).dataset.text;
  if (!CODE.test(code.value)) return [code, text(code)];
  const lacking = unmet().join("; ");
  if (lacking !== "") return [password, text(password).replace("{unmet}", () => lacking)];
  if (again.value !== password.value) return [again, text(again)];
  return undefined;
}

/** A button that was pressed says that it is at work. Returns how it comes to rest. */
function works(button) {
  const words = button.textContent;
  button.textContent = button.dataset.busy;
  return () => { button.textContent = words; };
}

if (form) {
  const fields = [id("code"), id("password"), id("again")];
  const [, password, again] = fields;
  const unmet = watchPolicy(password);
  watchMatch(password, again);
  const hide = offerToShow(password, again);
  const resend = id("resend");
  if (resend) countDown(resend);
  // What was wrong is typed over, not added to.
  document.querySelector("[aria-invalid=true]")?.select();

  // Which button sends: Enter in a field presses one, too.
  let pressed;
  form.addEventListener("click", (event) => { pressed = event.target.closest("button"); });

  // While it is on its way: how to stop waiting for an answer.
  let giveUp;
  form.addEventListener("submit", (event) => {
    const resends = Boolean(resend) && pressed === resend;
    if (giveUp) {
      event.preventDefault();
      return;
    }
    if (!resends) {
      fields.forEach(unmark);
      const wrong = firstWrong(...fields, unmet);
      if (wrong) {
        event.preventDefault();
        mark(...wrong);
        return;
      }
    }
    // A browser remembers what was typed into plain fields.
    hide();
    // Whoever asks for another code sends no password.
    password.disabled = again.disabled = resends;
    const rest = works(resends ? resend : form.querySelector(".save"));
    const timer = setTimeout(() => giveUp(), PATIENCE);
    giveUp = () => {
      clearTimeout(timer);
      giveUp = undefined;
      rest();
      password.disabled = again.disabled = false;
    };
  });
  // Back to a page that the browser had kept: it may be sent again.
  addEventListener("pageshow", () => giveUp?.());
}
