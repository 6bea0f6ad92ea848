// Script of the recovery page. It checks the password while it is typed, shows it, and counts down to the next resend. It does not
// submit invalid fields, because submitted passwords are lost. The server checks everything again.
"use strict";

const id = (name) => document.getElementById(name);
const form = id("form");

/** Returns an element that only screen readers announce. */
function hidden(text) {
  const span = document.createElement("span");
  span.className = "hidden";
  span.textContent = text;
  return span;
}

// Looser than the rule of the server, so that no code that the server accepts is stopped: six digits of any script.
const CODE = /(?:\p{Nd}\P{Nd}*){6}/u;
// "Special" is the 32 ASCII punctuation characters.
const RULES = {
  "at-least": (password, count) => [...password].length >= count,
  "at-most": (password, count) => [...password].length <= count,
  uppercase: (password) => /[A-Z]/.test(password),
  lowercase: (password) => /[a-z]/.test(password),
  number: (password) => /[0-9]/.test(password),
  symbol: (password) => /[!-/:-@[-`{-~]/.test(password),
  "no-space": (password) => !/[\p{White_Space}\u2800\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(password),
};

// Longer than the server takes. A submit without an answer was stopped, so it can be repeated. In milliseconds.
const SUBMIT_TIMEOUT = 35_000;

/** Marks each requirement as met or not while the password is typed, and announces their number. Returns a function that returns
 * the requirements that are not met. */
function watchPolicy(password) {
  const list = id("policy");
  const progress = id("progress");
  const lines = [...list.querySelectorAll("[data-rule]")].map((line) => {
    const sentence = line.textContent;
    const state = hidden("");
    line.append(state);
    return { line, sentence, state, rule: RULES[line.dataset.rule], count: Number(line.dataset.count) };
  });
  // The maximum length shows only if it is exceeded.
  const rare = (line) => line.dataset.rule === "at-most";
  const update = () => {
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
  password.addEventListener("input", update);
  update();
  return () => lines.filter(({ rule, count }) => !rule(password.value, count)).map(({ sentence }) => sentence);
}

/** Compares both passwords as soon as the second is as long as the first. */
function watchMatch(password, again) {
  const match = id("match");
  const update = () => {
    const same = again.value === password.value;
    const comparable = again.value !== "" && (same || again.value.length >= password.value.length);
    const text = comparable ? (same ? match.dataset.match : match.dataset.noMatch) : "";
    if (match.textContent !== text) match.textContent = text;
    match.classList.toggle("good", comparable && same);
  };
  password.addEventListener("input", update);
  again.addEventListener("input", update);
}

/** Shows or hides both passwords with one button. Returns a function that hides them. */
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

/** Disables the resend button until a new code can be sent. Counts from the page load, because the clocks of browsers differ. */
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

/** Shows an error at a field as the server does, and gives the field the focus. */
function mark(field, words) {
  id(`${field.id}-error`).replaceChildren(hidden(`${form.dataset.error}: `), words);
  field.setAttribute("aria-invalid", "true");
  field.focus();
  field.select();
}

/** Removes the error of a field. */
function unmark(field) {
  id(`${field.id}-error`).replaceChildren();
  field.removeAttribute("aria-invalid");
}

/** Returns each field with the error of the server for its value. The error is empty if the value is valid. */
function findErrors(code, password, again, unmet) {
  const text = (field) => id(`${field.id}-error`).dataset.text;
  const lacking = unmet().join("; ");
  return [
    [code, CODE.test(code.value) ? "" : text(code)],
    [password, lacking && text(password).replace("{unmet}", () => lacking)],
    [again, again.value === password.value ? "" : text(again)],
  ];
}

/** Shows the busy text on a pressed button. Returns a function that restores its text. */
function showBusy(button) {
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
  // Typing replaces the wrong value.
  document.querySelector("[aria-invalid=true]")?.select();
  // Removes an error when typing makes its field valid. The second password depends on the first.
  form.addEventListener("input", ({ target }) => {
    const changed = target === password ? [password, again] : [target];
    for (const [field, error] of findErrors(...fields, unmet)) {
      if (!error && changed.includes(field)) unmark(field);
    }
  });

  // The button that submits. Enter in a field presses one, too.
  let pressed;
  form.addEventListener("click", (event) => { pressed = event.target.closest("button"); });

  // Set while a submit waits for its answer: makes the form usable again.
  let giveUp;
  form.addEventListener("submit", (event) => {
    const resends = Boolean(resend) && pressed === resend;
    if (giveUp) {
      event.preventDefault();
      return;
    }
    if (!resends) {
      fields.forEach(unmark);
      const invalid = findErrors(...fields, unmet).find(([, error]) => error);
      if (invalid) {
        event.preventDefault();
        mark(...invalid);
        return;
      }
    }
    // Hidden again, because browsers remember the values of plain text fields.
    hide();
    // A resend submits no password.
    password.disabled = again.disabled = resends;
    const restore = showBusy(resends ? resend : form.querySelector(".save"));
    const timer = setTimeout(() => giveUp(), SUBMIT_TIMEOUT);
    giveUp = () => {
      clearTimeout(timer);
      giveUp = undefined;
      restore();
      password.disabled = again.disabled = false;
    };
  });
  // A page from the browser's back-forward cache can be submitted again.
  addEventListener("pageshow", () => giveUp?.());
}
