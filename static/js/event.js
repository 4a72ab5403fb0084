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

document.addEventListener("htmx:afterSwap", () => document.querySelector("dialog[open]")?.close());

let timer;
function refresh() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    // Not under a person's hands.
    const busy = event.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
    if (busy || document.querySelector("dialog[open]")) return refresh();
    htmx.ajax("GET", location.pathname + location.search, { target: event, swap: "innerHTML" });
  }, 400);
}

live.enter(room);
document.addEventListener("live:room", ({ detail }) => {
  if (detail.room === room && String(detail.data?.event_id) === id) refresh();
});
document.addEventListener("live:open", ({ detail }) => detail.again && refresh());
