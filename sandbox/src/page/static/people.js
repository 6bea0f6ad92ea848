// The left column: channels, people, customers to try, and the present person in the footer.

import { avatar, byId, h, icon } from "./dom.js";
import { either, word } from "./words.js";

let shown = "";

/** Draws the left column. `actions` has person(name), channel(id), locale(locale), reload() and insert(path, values). */
export function drawSide(state, actions) {
  const signature = JSON.stringify([state.person, state.people, state.channels, state.customers, state.commands, document.documentElement.lang]);
  if (signature === shown) return;
  shown = signature;
  const focus = document.activeElement?.dataset?.side;
  byId("channels").replaceChildren(...state.channels.map((channel) => drawChannel(channel, state.person, actions)));
  byId("people").replaceChildren(...state.people.map((person) => drawPerson(person, state.person, actions)));
  byId("customers").replaceChildren(h("li", { class: "quiet" }, word("customersHint")), ...state.customers.map((customer) => drawCustomer(customer, state.commands, actions)));
  drawMe(state, actions);
  if (focus) document.querySelector(`[data-side="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
}

function drawChannel(channel, person, actions) {
  const here = channel.id === person.channel;
  return h("li", {}, h("button", { type: "button", class: "channel-line", "aria-current": here ? "true" : undefined, "data-side": `channel-${channel.id}`, onclick: () => actions.channel(channel.id) }, icon("hash"), channel.name));
}

function drawPerson(person, me, actions) {
  const here = person.name === me.name;
  const roles = person.roles.length ? person.roles.map((role) => h("span", { class: `role ${role.kind}` }, role.name)) : h("span", { class: "role" }, word("noRole"));
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "person", "aria-current": here ? "true" : undefined, "data-side": `person-${person.name}`, onclick: () => actions.person(person.name) },
      avatar(person.display, "small"),
      h("span", { class: "person-text" }, h("span", { class: "person-name" }, person.display, " ", roles), person.email && h("small", {}, person.email), person.note && h("small", { class: "person-note" }, either(person.note))),
    ),
  );
}

function drawCustomer(customer, commands, actions) {
  const button = (path, label) =>
    commands.some((command) => command.path === path) &&
    h("button", { type: "button", class: "tag", "data-side": `${path}-${customer.email}`, "aria-label": word("insert", path, customer.email), onclick: () => actions.insert(path, { email: customer.email }) }, label);
  return h(
    "li",
    { class: "customer" },
    h("p", {}, h("strong", {}, customer.name), h("small", {}, customer.email), h("small", { class: "customer-hint" }, either(customer.hint))),
    h("p", { class: "customer-actions" }, button("support technical", word("technical")), button("support successor", word("successor"))),
  );
}

function drawMe({ person }, actions) {
  const languages = [
    ["en-US", "EN", "English"],
    ["es-ES", "ES", "Español"],
    ["es-419", "ES-419", "Español (Latinoamérica)"],
  ];
  const language = h(
    "select",
    { class: "language", "aria-label": word("language"), "data-side": "language", onchange: () => actions.locale(language.value) },
    languages.map(([locale, short, name]) => h("option", { value: locale, lang: locale, title: name, "aria-label": name, selected: locale === person.locale }, short)),
  );
  byId("me").replaceChildren(
    avatar(person.display, "small"),
    h("span", { class: "me-text" }, h("strong", {}, person.display), h("small", {}, person.name)),
    language,
    h("button", { type: "button", class: "reload", title: word("restart"), "aria-label": word("restart"), "data-side": "reload", onclick: () => actions.reload() }, icon("reload")),
  );
}
