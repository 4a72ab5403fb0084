// An event: its dialog, and reading it again when something happens to it.

import { live } from "./live.js";

const event = document.getElementById("event");
const { room, event: id } = event.dataset;

document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  const dialog = target.closest("dialog");
  if (dialog && (target === dialog || target.closest("[data-close]"))) dialog.close();
});

// What was pressed may go with its row: the keyboard then goes on from the heading of its part.
let part;
document.addEventListener("htmx:beforeSwap", () => {
  const pressed = document.activeElement;
  part = event.contains(pressed) && pressed.closest("section")?.getAttribute("aria-labelledby");
});

document.addEventListener("htmx:afterSwap", () => {
  document.querySelector("dialog[open]")?.close();
  const heading = document.activeElement === document.body && part && document.getElementById(part);
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus();
});

let timer;
let isElsewhere = false; // in another calendar, whose room is another and who may read it others
function refresh() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    // Not under a person's hands, and not before they have read what stood in the way.
    if (isFilledIn() || document.querySelector("dialog[open], .refused")) return refresh();
    if (isElsewhere) return location.reload();
    htmx.ajax("GET", location.pathname + location.search, { target: event, swap: "innerHTML" });
  }, 400);
}

/** Whether somebody is in a field, or has chosen something that was not sent yet. */
function isFilledIn() {
  const fields = [...event.querySelectorAll("input:not([type=hidden]), select, textarea")];
  return fields.some((field) => field === document.activeElement || isChanged(field));
}

function isChanged(field) {
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  if (!field.matches("select")) return field.value !== field.defaultValue;
  const chosen = [...field.options].findIndex((option) => option.defaultSelected);
  return field.selectedIndex !== Math.max(0, chosen);
}

live.enter(room);
document.addEventListener("live:room", ({ detail }) => {
  if (detail.room !== room || String(detail.data?.event_id) !== id) return;
  isElsewhere ||= detail.kind === "event.transferred";
  refresh();
});
document.addEventListener("live:open", ({ detail }) => detail.again && refresh());
