// What every signed-in page does: the live connection, the unread badge, the offline notice, menus.

import { live } from "./live.js";
import "./csrf.js";
import "./toasts.js";
import "./cheer.js";

const OFFLINE_AFTER = 2500; // a page change or a restart of the server is not worth a notice

const badge = document.getElementById("unread");
document.addEventListener("live:unread", ({ detail }) => showUnread(detail.unread));
// What a page's own request answered; while the socket is open, its frames are the newer truth.
document.addEventListener("unread", ({ detail }) => live.isOpen || showUnread(detail.count));

function showUnread(count) {
  badge.hidden = count === 0;
  badge.querySelector("[data-count]").textContent = count > 99 ? "99+" : count;
  const title = document.title.replace(/^\(\d+\+?\) /, "");
  document.title = count ? `(${count > 99 ? "99+" : count}) ${title}` : title;
}

const notice = document.getElementById("offline");
let noticing;
document.addEventListener("live:lost", () => {
  noticing ??= setTimeout(() => (notice.hidden = false), OFFLINE_AFTER);
});
document.addEventListener("live:open", () => {
  clearTimeout(noticing);
  noticing = undefined;
  notice.hidden = true;
});

for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => menu.contains(event.target) || menu.removeAttribute("open"));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  });
}

// A part of the page that wants to be read again when something happens: data-refresh-on="points.awarded …"
document.addEventListener("live:room", ({ detail }) => refresh(detail.kind));
document.addEventListener("live:event", ({ detail }) => refresh(detail.data?.kind));
document.addEventListener("live:open", ({ detail }) => detail.again && refresh());

function refresh(kind) {
  for (const part of document.querySelectorAll("[data-refresh-on]")) {
    if (kind === undefined || part.dataset.refreshOn.split(" ").includes(kind)) htmx.trigger(part, "refresh");
  }
}

// Its answer leads to the door; so would the socket's, which ends with the session, but with a way back.
document.getElementById("logout").addEventListener("submit", () => live.stop());

const { user, epoch, seq, readAt, login, rooms } = document.body.dataset;

// Where the session has ended meanwhile, the door is the answer: it is a page of its own, and no part of this one.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (new URL(detail.xhr.responseURL, location.href).pathname !== login) return;
  detail.shouldSwap = false;
  location.assign(`${login}?${new URLSearchParams({ next: location.pathname + location.search })}`);
});

for (const room of rooms.split(" ").filter(Boolean)) live.enter(room);
live.start({ user, since: epoch ? { epoch, seq: Number(seq) } : null, readAt, loginUrl: login });
