// The calendar: read again when something happens in one of its calendars; a click between events plans a new one.

import { live } from "./live.js";

const calendar = document.getElementById("calendar");
const rooms = new Set(calendar.dataset.rooms.split(" ").filter(Boolean));
const HOUR = 48; // pixels, as the server draws them
const EVERY = 5 * 60_000; // the line of the present moves on

// --- Showing what is ---

let timer;
function refresh(after = 150) {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    if (document.hidden) return;
    const across = calendar.querySelector(".cal-scroll")?.scrollLeft;
    await htmx.ajax("GET", location.pathname + location.search, { target: calendar, swap: "innerHTML" });
    if (across) calendar.querySelector(".cal-scroll").scrollLeft = across;
  }, after);
}

for (const room of rooms) live.enter(room);
document.addEventListener("live:room", ({ detail }) => rooms.has(detail.room) && refresh());
document.addEventListener("live:open", ({ detail }) => detail.again && refresh());
document.addEventListener("visibilitychange", () => document.hidden || refresh());
setInterval(refresh, EVERY);

// --- Where a screen is too narrow for a week, today is in sight ---

const today = calendar.querySelector(".cal-day[data-today]");
const scroll = calendar.querySelector(".cal-scroll");
if (today && scroll && scroll.scrollWidth > scroll.clientWidth) {
  scroll.scrollLeft = today.offsetLeft - scroll.querySelector(".cal-gutter").clientWidth;
}

// --- Planning with the pointer; the keyboard has the button ---

calendar.addEventListener("click", (event) => {
  const day = event.target.closest("[data-date]");
  if (!day || event.target.closest("a, .entry")) return;
  const minutes = Math.floor(((event.clientY - day.getBoundingClientRect().top) / HOUR) * 2) * 30;
  const at = Number(day.dataset.firstHour) * 60 + Math.max(0, minutes);
  const clock = [Math.floor(at / 60), at % 60].map((part) => String(part).padStart(2, "0")).join(":");
  location.assign(`${calendar.dataset.new}?${new URLSearchParams({ day: day.dataset.date, at: clock })}`);
});
