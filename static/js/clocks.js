// Clocks that run: what has data-since="an instant" shows how long ago that was, like 1:05:09.

const SECOND = 1000;
const ticking = [tick];

export function secondsSince(instant) {
  return Math.max(0, Math.floor((Date.now() - Date.parse(instant)) / SECOND));
}

/** 1:05 of 3900 seconds. */
export function hours(seconds) {
  return `${Math.floor(seconds / 3600)}:${twoDigits(Math.floor(seconds / 60) % 60)}`;
}

/** Do `what` now, each second, and whenever a part of the page was replaced. */
export function everySecond(what) {
  ticking.push(what);
  what();
}

function tick() {
  for (const each of document.querySelectorAll("[data-since]")) {
    const seconds = secondsSince(each.dataset.since);
    each.textContent = `${hours(seconds)}:${twoDigits(seconds % 60)}`;
  }
}

function twoDigits(number) {
  return String(number).padStart(2, "0");
}

function tickAll() {
  for (const what of ticking) what();
}

setInterval(tickAll, SECOND);
document.addEventListener("htmx:afterSettle", tickAll);
tick();
