// The message box: a line with suggested commands, then a command with a field for each option.

import { byId, h, icon } from "./dom.js";
import { findCommand, readOptions, suggest, writeLine } from "./command_line.js";
import { word } from "./words.js";

/** Discord's option types that do not use a text field. */
const INTEGER = 4;
const BOOLEAN = 5;
const USER = 6;
const CHANNEL = 7;
const NUMBER = 10;
const HISTORY = 50;

let context = { commands: [], people: [], channels: [], channel: "" };
let send = async () => {};
let note = () => {};
let askSuggestions = async () => [];
let drawnFor = "";
let history = JSON.parse(sessionStorage.getItem("history") ?? "[]");

/** Starts the message box. `actions` has command(line, shown), note(sentence) and suggestions(line). */
export function startComposer(actions) {
  send = actions.command;
  note = actions.note;
  askSuggestions = actions.suggestions;
}

/** Draws the message box. Typed text is lost only if the person, channel or language has changed. */
export function drawComposer(newContext) {
  context = newContext;
  const signature = JSON.stringify([context.person, context.channel, context.commands, document.documentElement.lang]);
  if (signature === drawnFor) return;
  drawnFor = signature;
  const typed = byId("line")?.value ?? "";
  showLine(typed, false);
}

/** Puts a command with known values into the message box. */
export function insert(path, values) {
  const command = context.commands.find((each) => each.path === path);
  if (command) showCommand(command, values);
}

function remember(line) {
  history = [line, ...history.filter((each) => each !== line)].slice(0, HISTORY);
  sessionStorage.setItem("history", JSON.stringify(history));
}

function showLine(text = "", focus = true) {
  const list = h("ul", { id: "suggestions", class: "suggestions", role: "listbox", "aria-label": word("commands"), hidden: true });
  const line = h("input", { id: "line", type: "text", class: "line", role: "combobox", "aria-expanded": "false", "aria-controls": "suggestions", "aria-autocomplete": "list", "aria-label": word("line"), placeholder: word("placeholder", context.channel), autocomplete: "off", spellcheck: "false", value: text });
  const error = h("p", { class: "composer-error", role: "alert" });
  const slash = h("button", { type: "button", class: "slash", "aria-label": word("commands"), onclick: () => setText("/") }, "/");
  byId("composer").replaceChildren(list, error, h("div", { class: "box" }, slash, line, sendButton(() => enter())));

  let found = [];
  let active = 0;
  let back = -1;

  const setText = (value) => {
    line.value = value;
    line.focus();
    update();
  };
  const point = (index) => {
    active = (index + found.length) % found.length;
    [...list.children].forEach((item, each) => {
      item.classList.toggle("active", each === active);
      item.setAttribute("aria-selected", String(each === active));
    });
    line.setAttribute("aria-activedescendant", list.children[active].id);
    list.children[active].scrollIntoView({ block: "nearest" });
  };
  const hide = () => {
    list.hidden = true;
    line.setAttribute("aria-expanded", "false");
    line.removeAttribute("aria-activedescendant");
  };
  const update = () => {
    error.textContent = "";
    const exact = line.value.endsWith(" ") && findCommand(context.commands, line.value);
    if (exact && !exact.rest && !context.commands.some((each) => each !== exact.command && each.path.startsWith(`${exact.command.path} `))) {
      showCommand(exact.command, {});
      return;
    }
    found = suggest(context.commands, line.value);
    list.replaceChildren(...found.map((command, index) => suggestion(command, index, () => showCommand(command, {}))));
    if (!found.length) {
      hide();
      return;
    }
    list.hidden = false;
    line.setAttribute("aria-expanded", "true");
    point(0);
  };
  const enter = () => {
    const typed = line.value.trim();
    if (!typed) return;
    if (!list.hidden) {
      showCommand(found[active], {});
      return;
    }
    if (!typed.startsWith("/")) {
      line.value = "";
      note(word("onlyCommands"));
      return;
    }
    const known = findCommand(context.commands, typed);
    if (!known) {
      error.textContent = word("unknownCommand");
      return;
    }
    const { values, unknown } = readOptions(known.command, known.rest);
    if (unknown) error.textContent = word("unknownOption", unknown);
    else if (missing(known.command, values)) showCommand(known.command, values, true);
    else launch(known.command, values);
  };
  const recall = (index) => {
    if (index < -1 || index >= history.length) return;
    back = index;
    line.value = back < 0 ? "" : history[back];
    hide();
  };
  line.addEventListener("input", () => {
    back = -1;
    update();
  });
  line.addEventListener("blur", hide);
  line.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const open = !list.hidden;
    if (event.key === "Enter") enter();
    else if (event.key === "Tab" && open && !event.shiftKey) showCommand(found[active], {});
    else if (event.key === "Escape" && open) hide();
    else if (event.key === "ArrowDown") open ? point(active + 1) : back >= 0 && recall(back - 1);
    else if (event.key === "ArrowUp") open ? point(active - 1) : (back >= 0 || !line.value) && recall(back + 1);
    else return;
    event.preventDefault();
  });
  if (focus) {
    line.focus();
    update();
  }
}

function suggestion(command, index, choose) {
  const item = h(
    "li",
    { id: `suggestion-${index}`, role: "option", "aria-selected": "false" },
    h("span", { class: "suggestion-name" }, `/${command.localised_path}`, command.options.map((option) => h("span", { class: option.required ? "tag" : "tag optional" }, option.label))),
    h("span", { class: "suggestion-text" }, command.description),
  );
  // Runs before the blur event, which hides the list.
  item.addEventListener("mousedown", (event) => event.preventDefault());
  item.addEventListener("click", choose);
  return item;
}

const sendButton = (act) => h("button", { type: "button", class: "send", "aria-label": word("send"), title: word("send"), onclick: act }, icon("send"));

const missing = (command, values) => command.options.find((option) => option.required && !values[option.name]?.trim());

function launch(command, values) {
  const trimmed = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.trim()]));
  const line = writeLine(command, trimmed);
  remember(line);
  showLine();
  send(line);
}

function showCommand(command, values, complain = false) {
  const fields = new Map();
  const error = h("p", { class: "composer-error", role: "alert" });
  const hint = h("p", { class: "composer-hint", id: "composer-hint" });
  const pills = h("div", { class: "pills" });
  const more = h("div", { class: "more" });
  const tell = (option) => {
    hint.replaceChildren(...(option ? [h("strong", {}, option.label), " ", option.description, " ", h("em", {}, option.required ? word("required") : word("optional"))] : [h("strong", {}, `/${command.localised_path}`), " ", command.description]));
  };
  const add = (option, value, focus) => {
    const input = optionInput(option, value);
    const list = option.autocomplete && suggestValues(command, option, input);
    const pill = h("label", { class: "pill" }, h("span", {}, option.label), input, list);
    pills.append(pill);
    fields.set(option.name, { option, input, pill });
    input.addEventListener("focus", () => tell(option));
    input.addEventListener("input", () => {
      pill.classList.remove("wrong");
      error.textContent = "";
      jump(input);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Backspace" && !input.value && input.tagName === "INPUT") {
        event.preventDefault();
        removeOrLeave(option);
      }
    });
    if (focus) input.focus();
    drawMore();
  };
  // A typed "email:" means the field, not its content.
  const jump = (input) => {
    const named = command.options.find((each) => [each.name, each.label].some((name) => input.value === `${name}:` || input.value.endsWith(` ${name}:`)));
    if (!named) return;
    input.value = input.value.slice(0, input.value.lastIndexOf(" ") + 1).trimEnd();
    if (fields.has(named.name)) fields.get(named.name).input.focus();
    else add(named, "", true);
  };
  const drawMore = () => {
    more.replaceChildren(...command.options.filter((option) => !fields.has(option.name)).map((option) => h("button", { type: "button", class: "tag optional", "aria-label": word("addOption", option.label), title: option.description, onclick: () => add(option, "", true) }, `+ ${option.label}`)));
  };
  const removeOrLeave = (option) => {
    const names = [...fields.keys()];
    const at = names.indexOf(option.name);
    if (!option.required) {
      fields.get(option.name).pill.remove();
      fields.delete(option.name);
      drawMore();
    }
    if (at > 0) fields.get(names[at - 1]).input.focus();
    else showLine(`/${command.localised_path}`);
  };
  const submit = () => {
    const typed = Object.fromEntries([...fields].map(([name, { input }]) => [name, input.value]));
    const without = missing(command, typed);
    if (!without) {
      launch(command, typed);
      return;
    }
    const { input, pill } = fields.get(without.name);
    pill.classList.add("wrong");
    error.textContent = word("missing", without.label);
    input.focus();
  };
  const form = h("form", { class: "box filling", novalidate: true, "aria-describedby": "composer-hint" }, h("button", { type: "button", class: "chip", title: word("cancelCommand"), onclick: () => showLine(`/${command.localised_path}`) }, `/${command.localised_path}`), pills, more, h("input", { type: "submit", class: "hidden", tabindex: -1, "aria-hidden": "true" }), sendButton(submit));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      showLine(`/${command.localised_path}`);
    } else if (event.key === "Enter" && (event.target.classList.contains("chip") || (event.target.tagName === "SELECT" && event.target.value))) {
      event.preventDefault();
      submit();
    }
  });
  byId("composer").replaceChildren(hint, error, form);
  for (const option of command.options) {
    if (option.required || values[option.name]) add(option, values[option.name] ?? "", false);
  }
  drawMore();
  tell(null);
  const empty = [...fields.values()].find(({ input }) => !input.value) ?? [...fields.values()].at(-1);
  (empty?.input ?? form.querySelector(".chip")).focus();
  if (complain) submit();
}

/** Lets the bot suggest values while the person types. Returns the list for the page. */
function suggestValues(command, option, input) {
  const list = h("datalist", { id: `values-${option.name}` });
  let newest = 0;
  const ask = async () => {
    const nth = (newest += 1);
    const found = await askSuggestions(`/${command.path} ${option.name}:${input.value}`);
    // A slow answer must not replace that of a later question.
    if (nth === newest) list.replaceChildren(...found.map(({ name, value }) => h("option", { value, label: name })));
  };
  input.setAttribute("list", list.id);
  input.addEventListener("focus", ask);
  input.addEventListener("input", ask);
  return list;
}

function optionInput(option, value) {
  const choices = option.choices?.length
    ? option.choices.map((choice) => [choice.value, choice.label])
    : { [BOOLEAN]: [["true", word("yes")], ["false", word("no")]], [USER]: context.people.map((person) => [person.name, person.display]), [CHANNEL]: context.channels.map((channel) => [channel.id, `#${channel.name}`]) }[option.type];
  const shared = { "aria-required": option.required ? "true" : undefined };
  if (choices) {
    return h("select", { ...shared }, h("option", { value: "" }, word("choose")), choices.map(([each, label]) => h("option", { value: each, selected: String(each) === value }, label)));
  }
  const input = h("input", { type: "text", ...shared, autocomplete: "off", spellcheck: "false", maxlength: option.max_length ?? 6000, value, inputmode: [INTEGER, NUMBER].includes(option.type) ? "numeric" : undefined });
  const fit = () => {
    input.size = Math.max(8, Math.min(40, input.value.length + 1));
  };
  input.addEventListener("input", fit);
  fit();
  return input;
}
