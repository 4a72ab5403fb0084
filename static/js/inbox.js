// Rows that arrive, and are read elsewhere, while the inbox is open.

import { csrfHeader } from "./csrf.js";

let work = Promise.resolve();

document.addEventListener("live:event", ({ detail: frame }) => {
  if (frame.kind !== "notification.created") return;
  // One after the other, so that they stand in the order they came in.
  work = work.then(() => insert(frame.data.id));
});

async function insert(id) {
  if (document.getElementById(`note-${id}`)) return;
  await htmx.ajax("GET", `/inbox/${id}`, { target: "#notes", swap: "afterbegin" });
  document.getElementById(`note-${id}`)?.classList.add("note-new");
}

document.addEventListener("live:room", ({ detail: frame }) => {
  if (frame.kind !== "notification.read" && frame.kind !== "notification.unread") return;
  for (const id of frame.data.ids) {
    const row = document.getElementById(`note-${id}`);
    const isUnread = row?.classList.contains("note-unread");
    if (row && isUnread === (frame.kind === "notification.read")) {
      htmx.ajax("GET", `/inbox/${id}`, { target: row, swap: "outerHTML" });
    }
  }
});

// Following a notification reads it, in this tab or another; the request outlives the page.
for (const kind of ["click", "auxclick"]) {
  document.addEventListener(kind, ({ target, button }) => {
    const link = target.closest?.("[data-reads]");
    if (link && button < 2) fetch(link.dataset.reads, { method: "POST", headers: csrfHeader, keepalive: true });
  });
}
