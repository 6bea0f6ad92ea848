// The dialog "Leaving Discord", which Discord shows before it opens a link to a host that the person does not trust yet.

import { byId, h } from "./dom.js";
import { word } from "./words.js";

const trusted = new Set();

/** Asks once for each host before a link of a message opens. A file of a message opens without a question. */
export function guardLinks() {
  byId("messages").addEventListener("click", (event) => {
    const link = event.target.closest("a[href]:not(.picture, .file)");
    if (!link || trusted.has(link.host)) return;
    event.preventDefault();
    ask(link.href, link.host);
  });
}

function ask(href, host) {
  const back = h("button", { type: "button", class: "button plain" }, word("goBack"));
  const visit = h("a", { class: "button primary", href, target: "_blank", rel: "noopener noreferrer" }, word("visitSite"));
  const dialog = h(
    "dialog",
    { class: "form leaving", "aria-labelledby": "leaving-title" },
    h("header", {}, h("h2", { id: "leaving-title" }, word("leaving"))),
    h("p", {}, word("leavingText")),
    h("p", {}, h("code", {}, href)),
    h("footer", {}, back, visit),
  );
  back.addEventListener("click", () => dialog.close());
  visit.addEventListener("click", () => {
    trusted.add(host);
    dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
