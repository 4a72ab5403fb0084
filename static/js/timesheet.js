// The week: sums that grow with the timer, and the dialog in which time is written down.

import { everySecond, hours, secondsSince } from "./clocks.js";

const dialog = document.getElementById("entry");

// --- Sums ---

/** What was read from the server grows with the running timer until the next reading. */
everySecond(() => {
  const sheet = document.getElementById("sheet");
  const passed = secondsSince(sheet.dataset.asOf);
  for (const each of sheet.querySelectorAll("[data-live]")) {
    const field = each.dataset.hours === undefined ? each.querySelector("[data-hours]") : each;
    field.textContent = hours(Number(field.dataset.hours) + passed);
  }
});

// --- The dialog ---

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "entry-body" && !dialog.open) dialog.showModal();
});

document.addEventListener("saved", () => dialog.close());

dialog.addEventListener("click", ({ target }) => {
  if (target === dialog || target.closest("[data-close]")) dialog.close();
});
