// The plan: drag a bar, or set its days from a dialog. The server plans; what follows moves by itself.

import { csrfHeader } from "./csrf.js";
import { live } from "./live.js";
import { toast } from "./toasts.js";

const chart = document.getElementById("chart");
const dialog = document.getElementById("replan");
const keep = document.getElementById("keep");
const room = chart.dataset.room;
const mayMove = "mayMove" in chart.dataset;
const DAY = 86_400_000;
let held = null; // the bar under the finger
let chosen = null; // the bar of the dialog

// --- Showing what is ---

let timer;
function refresh() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    if (held || dialog.open) return refresh();
    const across = scroller()?.scrollLeft;
    await htmx.ajax("GET", chart.dataset.url, { target: chart, swap: "innerHTML" });
    if (across !== undefined && scroller()) scroller().scrollLeft = across;
  }, 120);
}

function scroller() {
  return chart.querySelector(".gantt-scroll");
}

function showToday() {
  const view = scroller();
  if (view?.dataset.today) view.scrollLeft = Number(view.dataset.today) - view.clientWidth / 3;
}

live.enter(room);
document.addEventListener("live:room", ({ detail }) => detail.room === room && refresh());
document.addEventListener("live:open", ({ detail }) => detail.again && refresh());
showToday();

// --- Choosing what to see ---

chart.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-submit]")) return;
  target.form.querySelector("input[name=zoom]").disabled = false;
  target.form.requestSubmit();
});

chart.addEventListener("click", ({ target }) => {
  if (target.closest("[data-keep]")) keep.showModal();
  const name = target.closest("[data-task]");
  if (name) open(bar(name.dataset.task));
});

function bar(task) {
  return chart.querySelector(`[data-bar="${task}"]`);
}

// --- Planning anew ---

async function plan(task, version, changes) {
  const answer = await fetch(`/api/v1/tasks/${task}`, {
    method: "PATCH",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...csrfHeader },
    body: JSON.stringify({ ...changes, version: Number(version) }),
  }).catch(() => null);
  if (answer?.ok) {
    const told = await answer.json();
    const asked = changes.starts_on;
    const isHeld = asked && told.starts_on && told.starts_on > asked;
    toast(isHeld ? `What comes first lets it start on ${spoken(told.starts_on)}.` : "Planned anew.");
  } else {
    const body = await answer?.json().catch(() => null);
    toast(body?.errors?.[0]?.detail ?? "The plan could not be changed. Please try again.", { kind: "error" });
  }
  refresh();
}

function spoken(day) {
  return new Date(`${day}T12:00`).toLocaleDateString("en", { weekday: "short", day: "numeric", month: "short" });
}

// --- By dragging ---

chart.addEventListener("pointerdown", (event) => {
  const found = event.target.closest(".gantt-bar");
  if (!mayMove || !found || event.button !== 0 || "done" in found.dataset || "parent" in found.dataset) return;
  held = { bar: found, from: event.clientX, days: 0, pointer: event.pointerId };
  found.setPointerCapture(event.pointerId);
});

chart.addEventListener("pointermove", (event) => {
  if (!held || event.pointerId !== held.pointer) return;
  const step = Number(scroller().dataset.step);
  held.days = Math.round((event.clientX - held.from) / step);
  held.bar.setAttribute("transform", `translate(${held.days * step} 0)`);
});

chart.addEventListener("pointerup", (event) => {
  if (!held || event.pointerId !== held.pointer) return;
  const { bar: moved, days } = held;
  held = null;
  if (days === 0) return open(moved);
  plan(moved.dataset.bar, moved.dataset.version, { starts_on: later(moved.dataset.start, days) });
});

chart.addEventListener("pointercancel", () => {
  held?.bar.removeAttribute("transform");
  held = null;
});

function later(day, days) {
  return new Date(Date.parse(`${day}T00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

// --- By dialog: for keyboards, screen readers and exact days ---

function open(found) {
  if (!found) return;
  chosen = found;
  const { name, start, days, mode, slack } = found.dataset;
  const slackNow = Number(slack);
  const form = dialog.querySelector("form");
  dialog.querySelector("[data-name]").textContent = name;
  dialog.querySelector("[data-facts]").textContent =
    slackNow > 0
      ? `It may slip by ${slackNow} working day${slackNow === 1 ? "" : "s"} before the end of the plan moves.`
      : slackNow < 0
        ? `It is ${-slackNow} working day${slackNow === -1 ? "" : "s"} too late for what it has to keep.`
        : "It is critical: each day it slips moves the end of the plan.";
  dialog.querySelector("[data-open]").href = `/tasks/${found.dataset.bar}`;
  form.starts_on.value = start;
  form.duration_days.value = days;
  form.scheduling_mode.value = mode;
  const isFixed = !mayMove || "done" in found.dataset || "parent" in found.dataset;
  for (const field of form.querySelectorAll("input, select, [data-save]")) field.disabled = isFixed;
  dialog.showModal();
}

dialog.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const { start, days, mode, bar: task, version } = chosen.dataset;
  const changes = {};
  if (form.starts_on.value && form.starts_on.value !== start) changes.starts_on = form.starts_on.value;
  if (form.duration_days.value !== days) changes.duration_days = Number(form.duration_days.value);
  if (form.scheduling_mode.value !== mode) changes.scheduling_mode = form.scheduling_mode.value;
  dialog.close();
  if (Object.keys(changes).length) plan(task, version, changes);
});

for (const each of [dialog, keep]) {
  each?.addEventListener("click", ({ target }) => {
    if (target === each || target.closest("[data-close]")) each.close();
  });
}
