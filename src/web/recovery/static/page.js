// What the recovery page does more than a form: it says at once what a password lacks, shows it, and counts the wait.
// The server judges all of it again; nothing here decides anything.
"use strict";

const id = (name) => document.getElementById(name);
const form = id("form");

// The same rules as on the server. "Special" is the 32 ASCII punctuation characters.
const RULES = {
  "at-least": (password, count) => [...password].length >= count,
  "at-most": (password, count) => [...password].length <= count,
  uppercase: (password) => /[A-Z]/.test(password),
  lowercase: (password) => /[a-z]/.test(password),
  number: (password) => /[0-9]/.test(password),
  symbol: (password) => /[!-/:-@[-`{-~]/.test(password),
  "no-space": (password) => !/\p{White_Space}/u.test(password),
};

/** The list of the policy follows what is typed; a line says in words how it stands, and one sentence the sum of it. */
function watchPolicy(password) {
  const list = id("policy");
  const progress = id("progress");
  const lines = [...list.querySelectorAll("[data-rule]")].map((line) => {
    const state = document.createElement("span");
    state.className = "hidden";
    line.append(state);
    return { line, state, rule: RULES[line.dataset.rule], count: Number(line.dataset.count) };
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

if (form) {
  const password = id("password");
  const again = id("again");
  watchPolicy(password);
  watchMatch(password, again);
  const hide = offerToShow(password, again);
  const resend = id("resend");
  if (resend) countDown(resend);

  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    // A browser remembers what was typed into plain fields.
    hide();
  });
  // Back to a page that the browser had kept: it may be sent again.
  addEventListener("pageshow", () => { sent = false; });
}
