// Key dates: what would move is shown in a dialog first.

import { live } from "./live.js";

const list = document.getElementById("dates");
const dialog = document.getElementById("reflow");
const room = list.dataset.room;

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "reflow-body" && !dialog.open) dialog.showModal();
});

dialog.addEventListener("click", ({ target }) => {
  if (target === dialog || target.closest("[data-close]")) dialog.close();
});

let timer;
function refresh() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    // Not under a person's hands.
    if (dialog.open || list.contains(document.activeElement)) return refresh();
    htmx.ajax("GET", list.dataset.url, { target: list, swap: "innerHTML" });
  }, 300);
}

live.enter(room);
document.addEventListener("live:room", ({ detail }) => detail.room === room && refresh());
document.addEventListener("live:open", ({ detail }) => detail.again && refresh());
