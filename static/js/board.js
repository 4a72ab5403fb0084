// The board: drag a card, or pick its place from a menu. The server decides; what it refuses goes back.

import { csrfHeader } from "./csrf.js";
import { live } from "./live.js";
import { toast } from "./toasts.js";

const board = document.getElementById("board");
const dialog = document.getElementById("move");
const filters = document.getElementById("filters");
const room = board.dataset.room;
let busy = 0; // drags, moves and open menus: the cards must not be replaced under them
let isStale = false;

// --- Showing what is ---

function refresh() {
  isStale = true;
  if (busy === 0) schedule();
}

let timer;
function schedule() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    if (busy || !isStale) return;
    isStale = false;
    const scrolled = [...board.querySelectorAll(".cards")].map((list) => [list.id, list.scrollTop]);
    const across = board.scrollLeft;
    await htmx.ajax("GET", board.dataset.url, { target: board, swap: "innerHTML" });
    board.scrollLeft = across;
    for (const [id, top] of scrolled) {
      const list = document.getElementById(id);
      if (list) list.scrollTop = top;
    }
  }, 80);
}

function hold() {
  busy += 1;
}

function release() {
  busy -= 1;
  if (isStale) refresh();
}

// --- Choosing what to see: the address says it, so that it can be kept and handed on ---

function choose() {
  const asked = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value !== ""));
  const url = `${location.pathname}${asked.size ? `?${asked}` : ""}`;
  history.replaceState(history.state, "", url);
  board.dataset.url = url;
  refresh();
}

filters.addEventListener("change", choose);
filters.addEventListener("submit", (event) => {
  event.preventDefault();
  choose();
});
let typing;
filters.addEventListener("input", ({ target }) => {
  clearTimeout(typing);
  if (target.type === "search") typing = setTimeout(choose, 250);
});

live.enter(room);
document.addEventListener("live:room", ({ detail }) => detail.room === room && refresh());
document.addEventListener("live:open", ({ detail }) => detail.again && refresh());

// --- Moving ---

/** Put `card` before `next` (or last) in `list`, and back where it was when the server says no. */
async function move(card, list, next, back) {
  hold();
  list.insertBefore(card, next);
  try {
    const answer = await send(card, list);
    if (answer.ok) {
      card.dataset.version = (await answer.json()).version;
    } else {
      back();
      refuse(card, await answer.json().catch(() => null));
    }
    return answer.ok;
  } catch {
    back();
    refuse(card, null);
    return false;
  } finally {
    isStale = true;
    release();
  }
}

function send(card, list) {
  const before = neighbour(card, "nextElementSibling");
  const after = neighbour(card, "previousElementSibling");
  const place = before ? { before_id: idOf(before) } : after ? { after_id: idOf(after) } : {};
  return fetch(`/api/v1/tasks/${idOf(card)}/move`, {
    method: "POST",
    keepalive: true, // it outlives a page that is left at once
    headers: { "Content-Type": "application/json", Accept: "application/json", ...csrfHeader },
    body: JSON.stringify({ column: Number(list.dataset.column), version: Number(card.dataset.version), ...place }),
  });
}

function neighbour(card, direction) {
  const found = card[direction];
  return found?.classList.contains("task") ? found : null;
}

function idOf(card) {
  return Number(card.dataset.task);
}

const WORDS = {
  version_conflict: "Somebody changed this task meanwhile. The board now shows how it stands.",
  permission_denied: "You may look at this board, but not move its cards.",
};

function refuse(card, answer) {
  const error = answer?.errors?.[0];
  // Its column or its neighbours are no longer what this page shows.
  const code = answer?.type === "validation_error" ? "version_conflict" : error?.code;
  toast(WORDS[code] ?? error?.detail ?? "The card could not be moved. Please try again.", { kind: "error" });
  card.classList.add("task-refused");
  card.addEventListener("animationend", () => card.classList.remove("task-refused"), { once: true });
}

// --- By dragging ---

function makeSortable() {
  if (!("mayMove" in board.dataset)) return;
  for (const list of board.querySelectorAll(".cards")) {
    Sortable.create(list, {
      group: list.closest(".lane")?.getAttribute("aria-labelledby") ?? "cards",
      draggable: ".task",
      animation: 140,
      delay: 220, // a finger that moves at once scrolls
      delayOnTouchOnly: true,
      forceFallback: true,
      fallbackOnBody: true,
      fallbackTolerance: 4,
      ghostClass: "task-ghost",
      fallbackClass: "task-lifted",
      onStart: ({ item }) => {
        hold();
        item.origin = { list, next: item.nextElementSibling };
      },
      onEnd: ({ item, to }) => {
        const { origin } = item;
        if (to !== origin.list || item.nextElementSibling !== origin.next) {
          move(item, to, item.nextElementSibling, () => origin.list.insertBefore(item, origin.next));
        }
        release();
      },
    });
  }
}

document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target === board && makeSortable());
makeSortable();

// --- By menu: for keyboards, screen readers and thumbs ---

let chosen = null;

board.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-move]");
  if (button) openMenu(button.closest(".task"));
});

function openMenu(card) {
  chosen = card;
  hold();
  const lane = card.closest(".lane") ?? board;
  dialog.querySelector("[data-name]").textContent = card.dataset.name;
  dialog.querySelector("[data-columns]").replaceChildren(...[...lane.querySelectorAll(".cards")].map(choice));
  dialog.querySelector("[data-up]").disabled = !neighbour(card, "previousElementSibling");
  dialog.querySelector("[data-down]").disabled = !neighbour(card, "nextElementSibling");
  dialog.showModal();
}

function choice(list) {
  const button = dialog.querySelector("template").content.cloneNode(true).firstElementChild;
  const isHere = list.contains(chosen);
  button.dataset.group = list.dataset.group;
  button.querySelector("[data-label]").textContent = list.dataset.name;
  button.querySelector("[data-here]").hidden = !isHere;
  button.disabled = isHere;
  button.addEventListener("click", () => moveFromMenu(list, null, `Moved to ${list.dataset.name}.`));
  return button;
}

dialog.querySelector("[data-up]").addEventListener("click", () => {
  moveFromMenu(chosen.parentElement, chosen.previousElementSibling, "Moved up.");
});
dialog.querySelector("[data-down]").addEventListener("click", () => {
  moveFromMenu(chosen.parentElement, chosen.nextElementSibling.nextElementSibling, "Moved down.");
});

async function moveFromMenu(list, next, words) {
  const card = chosen;
  const origin = { list: card.parentElement, next: card.nextElementSibling };
  dialog.close();
  const moved = await move(card, list, next, () => origin.list.insertBefore(card, origin.next));
  document.getElementById(`move-${card.dataset.key}`)?.focus();
  if (moved) toast(words);
}

dialog.addEventListener("close", release);
dialog.addEventListener("click", ({ target }) => {
  if (target === dialog || target.closest("[data-close]")) dialog.close();
});
