// Buttons and select menus under a message.

import { h, icon, safeLink } from "./dom.js";
import { word } from "./words.js";

const ROW = 1;
const BUTTON = 2;
const SELECT = 3;
const LINK = 5;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary" };

/** Returns the rows of a message. `actions` has press(message, component) and select(message, component, option). */
export function rows(message, actions) {
  const box = h("div", { class: "rows" });
  for (const row of message.components.filter((component) => component.type === ROW)) {
    const line = h("div", { class: "buttons" });
    row.components.forEach((component, column) => {
      // Position and label identify a control across redraws, because its custom id changes with every generation.
      const key = component.label ? `label:${component.label}` : `${box.children.length}:${column}`;
      if (component.type === BUTTON) line.append(component.style === LINK ? linkButton(component, key) : button(message, component, key, actions));
      if (component.type === SELECT) line.append(select(message, component, key, actions));
    });
    box.append(line);
  }
  return box;
}

function face(component) {
  const emoji = component.emoji?.name;
  return [emoji && h("span", { class: "emoji" }, emoji), component.label && h("span", {}, component.label)];
}

function button(message, component, key, actions) {
  const element = h("button", { type: "button", class: `button ${STYLES[component.style] ?? "secondary"}`, disabled: component.disabled, "data-key": key }, face(component));
  element.addEventListener("click", async () => {
    if (element.getAttribute("aria-busy")) return;
    element.setAttribute("aria-busy", "true");
    element.append(h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")));
    await actions.press(message, component);
    element.removeAttribute("aria-busy");
    element.querySelector(".dots")?.remove();
  });
  return element;
}

function linkButton(component, key) {
  const href = safeLink(component.url);
  if (!href || component.disabled) return h("button", { type: "button", class: "button secondary", disabled: true }, face(component), icon("open"));
  return h("a", { class: "button secondary", href, target: "_blank", rel: "noopener noreferrer", "data-key": key }, face(component), icon("open"), h("span", { class: "hidden" }, `(${word("newTab")})`));
}

let listCount = 0;

/** Returns a select menu for one option. */
function select(message, component, key, actions) {
  listCount += 1;
  const listId = `options-${listCount}`;
  const chosen = component.options.find((option) => option.default);
  const label = h("span", { class: chosen ? "" : "placeholder" }, chosen ? chosen.label : component.placeholder || word("chooseOne"));
  const box = h("div", { class: "select" });
  const opener = h("button", { type: "button", class: "select-button", role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-controls": listId, "aria-label": component.placeholder || word("chooseOne"), disabled: component.disabled, "data-key": key }, label, icon("down"));
  const list = h("ul", { class: "options", role: "listbox", id: listId, "aria-label": component.placeholder || word("chooseOne"), hidden: true });
  const items = component.options.map((option, index) =>
    h(
      "li",
      { role: "option", id: `${listId}-${index}`, "aria-selected": option === chosen ? "true" : "false" },
      option.emoji?.name && h("span", { class: "emoji" }, option.emoji.name),
      h("span", { class: "option-text" }, h("span", {}, option.label), option.description && h("small", {}, option.description)),
    ),
  );
  list.append(...items);
  box.append(opener, list);

  let active = -1;
  const point = (index) => {
    active = Math.max(0, Math.min(items.length - 1, index));
    items.forEach((item, each) => item.classList.toggle("active", each === active));
    opener.setAttribute("aria-activedescendant", items[active].id);
    items[active].scrollIntoView({ block: "nearest" });
  };
  const open = (yes) => {
    if (list.hidden !== yes) return;
    list.hidden = !yes;
    opener.setAttribute("aria-expanded", String(yes));
    if (yes) {
      point(Math.max(0, component.options.indexOf(chosen)));
      // Scroll the list into view, because the lower edge would cut it off.
      list.scrollIntoView({ block: "nearest" });
    } else {
      opener.removeAttribute("aria-activedescendant");
    }
  };
  const choose = async (index) => {
    open(false);
    const option = component.options[index];
    if (!option) return;
    const before = label.textContent;
    label.textContent = option.label;
    opener.setAttribute("aria-busy", "true");
    await actions.select(message, component, option);
    opener.removeAttribute("aria-busy");
    if (opener.isConnected) label.textContent = before;
  };
  opener.addEventListener("click", () => open(list.hidden));
  opener.addEventListener("blur", () => open(false));
  opener.addEventListener("keydown", (event) => {
    const closed = list.hidden;
    if (["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) {
      event.preventDefault();
      if (closed) open(true);
      else point({ ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: items.length - 1 }[event.key]);
    } else if (!closed && ["Enter", " ", "Tab"].includes(event.key)) {
      if (event.key !== "Tab") event.preventDefault();
      choose(active);
    } else if (!closed && event.key === "Escape") {
      event.preventDefault();
      open(false);
    } else if (event.key.length === 1 && /\S/.test(event.key)) {
      const found = component.options.findIndex((option, index) => index > (closed ? -1 : active) && option.label.toLowerCase().startsWith(event.key.toLowerCase()));
      if (found >= 0) {
        open(true);
        point(found);
      }
    }
  });
  // Runs before the blur event, which closes the list.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  items.forEach((item, index) => {
    item.addEventListener("click", () => choose(index));
    item.addEventListener("mousemove", () => active !== index && point(index));
  });
  return box;
}
