// Dialogs: the bot's forms and the list of protocol violations. <dialog> traps the focus and closes on Esc.

import { h, icon } from "./dom.js";
import { clock } from "./time.js";
import { word } from "./words.js";

/** Discord's maximum length. An input without its own limit has this one, and no counter. */
const LONGEST = 4000;

let open = null;

/** Opens the bot's form, keeps an open one, or closes one that has ended. */
export function drawForm(form, actions) {
  const shown = open?.id ?? null;
  if (form && shown === form.id) {
    open.note.textContent = form.failed ? word("formFailed") : open.note.textContent;
    return;
  }
  if (open) closeForm();
  if (!form) return;
  open = { id: form.id, ...buildForm(form, actions) };
  document.body.append(open.dialog);
  open.dialog.showModal();
  open.dialog.querySelector("input, textarea")?.focus();
}

function closeForm() {
  const { dialog } = open;
  open = null;
  dialog.close();
  dialog.remove();
}

function buildForm(form, actions) {
  const note = h("p", { class: "form-error", role: "alert" });
  const fields = form.inputs.map((input, index) => buildField(input, index));
  const submit = h("button", { type: "submit", class: "button primary" }, word("submit"));
  const cancel = () => actions.dismiss();
  const body = h(
    "form",
    { method: "dialog", novalidate: true },
    h("p", { class: "form-note" }, icon("warning"), word("formNote", form.app)),
    fields.map((field) => field.element),
    note,
    h("footer", {}, h("button", { type: "button", class: "button plain", onclick: cancel }, word("cancel")), submit),
  );
  body.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = fields.filter((field) => !field.check());
    if (wrong.length) {
      wrong[0].control.focus();
      return;
    }
    note.textContent = "";
    submit.setAttribute("aria-busy", "true");
    submit.disabled = true;
    const refusal = await actions.submit(fields.map((field) => field.control.value));
    submit.disabled = false;
    submit.removeAttribute("aria-busy");
    if (refusal) note.textContent = refusal;
  });
  const dialog = h(
    "dialog",
    { class: "form", "aria-labelledby": "form-title" },
    h("header", {}, h("img", { src: "/_sandbox/static/icon.svg", alt: "", width: 32, height: 32 }), h("h2", { id: "form-title" }, form.title), h("button", { type: "button", class: "close", "aria-label": word("close"), onclick: cancel }, icon("close"))),
    body,
    h("button", { type: "button", class: "app-closed", title: word("restart"), onclick: () => actions.closeApp() }, word("appClosed")),
  );
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    cancel();
  });
  return { dialog, note };
}

function buildField(input, index) {
  const id = `field-${index}`;
  const shared = { id, maxlength: input.max_length, placeholder: input.placeholder, value: input.value, "aria-required": input.required ? "true" : undefined, "aria-describedby": `${id}-error`, autocomplete: "off", spellcheck: "false" };
  const control = input.paragraph ? h("textarea", { rows: 4, ...shared }) : h("input", { type: "text", ...shared });
  const count = h("span", { class: "count", "aria-hidden": "true" });
  const error = h("p", { class: "field-error", id: `${id}-error`, role: "alert" });
  const recount = () => {
    count.textContent = input.max_length < LONGEST ? word("of", control.value.length, input.max_length) : "";
  };
  const check = () => {
    const { length } = control.value;
    let sentence = "";
    if (input.required && !control.value.trim()) sentence = word("fieldRequired");
    else if (length && length < input.min_length) sentence = word("tooShort", input.min_length);
    error.textContent = sentence;
    control.setAttribute("aria-invalid", sentence ? "true" : "false");
    return !sentence;
  };
  control.addEventListener("input", () => {
    recount();
    if (error.textContent) check();
  });
  recount();
  const star = input.required ? h("span", { class: "star", title: word("required") }, " *") : null;
  const element = h("div", { class: "field" }, h("label", { for: id }, input.label, star), h("div", { class: "control" }, control, count), error);
  return { element, control, check };
}

/** Shows the list of protocol violations. */
export function showViolations(violations) {
  const list = violations.length
    ? h("ol", {}, violations.map((each) => h("li", {}, h("p", {}, clock(each.at), " ", h("strong", {}, each.what)), each.route && h("p", {}, h("code", {}, each.route)), each.body && h("pre", { tabindex: 0 }, pretty(each.body)))))
    : h("p", {}, word("noViolations"));
  const done = h("button", { type: "button", class: "button primary" }, word("close"));
  const dialog = h("dialog", { class: "form wide", "aria-labelledby": "violations-title" }, h("header", {}, h("h2", { id: "violations-title" }, word("violationsTitle"))), h("div", { class: "violations-list" }, h("p", { class: "quiet" }, word("violationsText")), list), h("footer", {}, done));
  done.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function pretty(body) {
  if (typeof body !== "string") return JSON.stringify(body, null, 2);
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
