// A visitor picks a day and a time; booking a new appointment and moving one are the same but for what is sent.

const root = document.getElementById("book");
const times = document.getElementById("times");
const who = document.getElementById("who");
const done = document.getElementById("done");
const zone = root.dataset.timezone || Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const DAYS = 14;
const DAY = 86_400_000;

let page = 0;
let asked = null; // what was asked for last
let chosen = null;

const format = (options) => {
  const formatter = new Intl.DateTimeFormat(undefined, { timeZone: zone, ...options });
  return (instant) => formatter.format(new Date(instant));
};
const dayOf = format({ weekday: "short", day: "numeric", month: "short" });
const timeOf = format({ hour: "numeric", minute: "2-digit" });
const whenOf = format({ dateStyle: "full", timeStyle: "short" });

const says = (text) => {
  const line = times.querySelector("[data-says]");
  line.textContent = text;
  line.hidden = !text;
};

/** The answer's JSON; throws an Error with words for people, and the answer's `code`. */
async function ask(address, method = "GET", body) {
  const headers = body ? { "Content-Type": "application/json" } : {};
  let response;
  try {
    response = await fetch(address, { method, headers, credentials: "omit", body: body && JSON.stringify(body) });
  } catch {
    throw new Error("The office cannot be reached. Check your connection.");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const words = (answer.errors ?? []).map(({ attr, detail }) => (attr ? `${labelOf(attr)}: ${detail}` : detail));
  throw Object.assign(new Error(words.join(" ") || "That did not work. Please try again."), {
    code: answer.errors?.[0]?.code,
  });
}

/** What the form calls a field of the request. */
function labelOf(attr) {
  return who.elements[attr]?.labels[0].firstChild.textContent.trim() ?? attr;
}

// --- Days and times ---

async function show() {
  const days = times.querySelector("[data-days]");
  const hours = times.querySelector("[data-hours]");
  days.replaceChildren();
  hours.replaceChildren();
  says("Looking for free times…");
  times.querySelector("[data-earlier]").disabled = page === 0;
  const start = Date.now() + page * DAYS * DAY;
  const query = new URLSearchParams({
    from: new Date(start).toISOString(),
    to: new Date(start + DAYS * DAY).toISOString(),
    timezone: zone,
  });
  asked = query;
  try {
    const { slots } = await ask(`${root.dataset.slots}?${query}`);
    if (asked !== query) return; // turned on meanwhile
    says(slots.length ? "" : "Nothing is free in these two weeks. Look at later days.");
    for (const ofDay of byDay(slots).values()) days.append(choice(dayOf(ofDay[0].starts_at), () => showHours(ofDay)));
    days.querySelector("button")?.click();
  } catch (error) {
    if (asked === query) says(error.message);
  }
}

function byDay(slots) {
  const days = new Map();
  for (const slot of slots) {
    const day = slot.local_starts_at.slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), slot]);
  }
  return days;
}

function showHours(slots) {
  const hours = times.querySelector("[data-hours]");
  hours.replaceChildren(...slots.map((slot) => choice(timeOf(slot.starts_at), () => pick(slot))));
}

function choice(text, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = text;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
    act();
  });
  return button;
}

function turn(by) {
  page = Math.max(0, page + by);
  show();
}

// --- Who, and sending ---

function pick(slot) {
  chosen = slot;
  who.querySelector("[data-chosen]").textContent = whenOf(slot.starts_at);
  complain(who, "");
  times.hidden = true;
  who.hidden = false;
  who.querySelector("[data-chosen]").focus();
}

function back() {
  times.hidden = false;
  who.hidden = true;
  times.querySelector("[data-hours] [aria-pressed=true]")?.focus();
}

function complain(where, text) {
  const line = where.querySelector("[data-errors]");
  line.textContent = text;
  line.hidden = !text;
}

async function send() {
  const typed = Object.fromEntries(new FormData(who));
  const body = root.dataset.method === "POST" ? { ...typed, timezone: zone } : {};
  const button = who.querySelector("[type=submit]");
  button.disabled = true;
  try {
    finish(await ask(root.dataset.send, root.dataset.method, { ...body, starts_at: chosen.starts_at }), "Moved");
  } catch (error) {
    if (error.code === "slot_taken") {
      back();
      await show();
      says(error.message);
    } else {
      complain(who, error.message);
    }
  } finally {
    button.disabled = false;
  }
}

function finish(appointment, what) {
  const told = {
    what,
    when: whenOf(appointment.starts_at),
    host: appointment.host,
    email: appointment.email,
  };
  for (const [name, text] of Object.entries(told)) {
    for (const place of root.querySelectorAll(`[data-${name}]`)) place.textContent = text;
  }
  done.querySelector("[data-link]")?.setAttribute("href", new URL(appointment.url).pathname);
  for (const part of [times, who, document.getElementById("cancel")]) part?.setAttribute("hidden", "");
  done.hidden = false;
  done.querySelector("h2").focus();
}

times.querySelector("[data-zone]").textContent = `Times in ${zone.replaceAll("_", " ")}`;
times.querySelector("[data-earlier]").addEventListener("click", () => turn(-1));
times.querySelector("[data-later]").addEventListener("click", () => turn(1));
who.querySelector("[data-back]").addEventListener("click", back);
who.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

// --- Cancelling ---

const cancel = document.getElementById("cancel");

cancel?.querySelector("[data-cancel]").addEventListener("click", () => {
  cancel.querySelector("[data-sure]").hidden = false;
  cancel.querySelector("[data-sure]").focus();
});
cancel?.querySelector("[data-sure]").addEventListener("click", async () => {
  try {
    finish(await ask(root.dataset.send, "DELETE"), "Cancelled");
  } catch (error) {
    complain(cancel, error.message);
  }
});

show();
