// The week: clocks that run with the timer, and the dialog in which time is written down.

const dialog = document.getElementById("entry");
const SECOND = 1000;

// --- Clocks ---

/** What was read from the server grows with the running timer until the next reading. */
function tick() {
  const sheet = document.getElementById("sheet");
  const passed = Math.max(0, Math.floor((Date.now() - Date.parse(sheet.dataset.asOf)) / SECOND));
  for (const each of sheet.querySelectorAll("[data-live]")) {
    const field = each.dataset.hours === undefined ? each.querySelector("[data-hours]") : each;
    field.textContent = hours(Number(field.dataset.hours) + passed);
  }
  for (const each of sheet.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(each.dataset.since)) / SECOND));
    each.textContent = `${hours(seconds)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

function hours(seconds) {
  return `${Math.floor(seconds / 3600)}:${String(Math.floor(seconds / 60) % 60).padStart(2, "0")}`;
}

setInterval(tick, SECOND);
document.addEventListener("htmx:afterSettle", tick);
tick();

// --- The dialog ---

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "entry-body" && !dialog.open) dialog.showModal();
});

document.addEventListener("saved", () => dialog.close());

dialog.addEventListener("click", ({ target }) => {
  if (target === dialog || target.closest("[data-close]")) dialog.close();
});
