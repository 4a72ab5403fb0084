// One task: every button and field calls the API, and the page shows what came of it.
//
//   data-call="POST /api/v1/…"    a button; data-body is JSON sent with it, data-ask a field that is asked for first,
//                                 data-sure a question that is asked, data-leave where to go afterwards
//   data-form="PATCH /api/v1/…"   a form; fields with data-number are numbers, those with data-now are sent by themselves
//   data-upload="/api/v1/…"       a file field; data-then is called with the attachment that came of it

import "./clocks.js";
import { csrfHeader } from "./csrf.js";
import { live } from "./live.js";
import { toast } from "./toasts.js";

const page = document.getElementById("task");
const room = page.dataset.room;

// --- Showing what is ---

let timer;
let isOwn; // whether it is read again to show what was done here
let written = []; // [id, text] of what nobody has sent yet

/** Read it again: now, after what was done here; or in `wait` ms, when something happened elsewhere. */
function refresh(wait = 150) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    // What somebody is writing, or about to send, must not be replaced under their hands.
    if (wait && unsent().length) return refresh(800);
    isOwn = !wait;
    htmx.ajax("GET", page.dataset.url, { target: page, swap: "innerHTML" });
  }, wait);
}

function unsent() {
  const fields = page.querySelectorAll("textarea, input:not([data-now], [type=hidden], [type=checkbox], [type=file])");
  return [...fields].filter((field) => field.value !== field.defaultValue);
}

page.addEventListener("htmx:beforeSwap", ({ detail }) => {
  written = unsent().map((field) => [field.id, field.value]);
  // Somebody began to write while the answer was on its way.
  if (isOwn || !written.length) return;
  detail.shouldSwap = false;
  refresh(800);
});

page.addEventListener("htmx:afterSwap", () => {
  for (const [id, text] of written) {
    const field = document.getElementById(id);
    if (field) field.value = text;
  }
});

live.enter(room);
document.addEventListener("live:room", ({ detail }) => detail.room === room && refresh());
document.addEventListener("live:open", ({ detail }) => detail.again && refresh());

// --- Calling ---

/** Returns the answer's body, or null after having said what stood in the way. */
async function call(route, body, { isFile = false } = {}) {
  const [method, url] = route.split(" ");
  const headers = { Accept: "application/json", ...csrfHeader };
  if (!isFile && body !== undefined) headers["Content-Type"] = "application/json";
  const sent = isFile ? body : body === undefined ? undefined : JSON.stringify(body);
  const answer = await fetch(url, { method, headers, body: sent }).catch(() => null);
  const told = await answer?.json().catch(() => ({}));
  if (answer?.ok) return told ?? {};
  const error = told?.errors?.[0];
  if (error?.code === "bridge_needed") return { bridge_needed: true };
  toast(error?.detail ?? "That did not work. Please try again.", { kind: "error" });
  refresh();
  return null;
}

page.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-call]");
  if (!button) return;
  const body = button.dataset.body ? JSON.parse(button.dataset.body) : undefined;
  if (button.dataset.sure && !confirm(button.dataset.sure)) return;
  let sent = body;
  if (button.dataset.ask) {
    const answer = prompt(button.dataset.question);
    if (!answer) return;
    sent = { ...body, [button.dataset.ask]: answer };
  }
  button.disabled = true;
  let told = await call(button.dataset.call, sent);
  if (told?.bridge_needed) {
    const bridge = confirm("It stands in the middle of a chain. Let what comes after it wait for what comes before?");
    told = await call(`${button.dataset.call}?bridge=${bridge}`, sent);
  }
  button.disabled = false;
  if (told && button.dataset.leave) location.assign(button.dataset.leave);
  else if (told) refresh(0);
});

// --- Forms ---

page.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-form]");
  if (!form) return;
  event.preventDefault();
  const told = await call(form.dataset.form, values([...form.elements]));
  if (!told) return;
  form.reset();
  document.activeElement?.blur();
  refresh(0);
});

page.addEventListener("change", async ({ target }) => {
  if (target.dataset.upload) return upload(target);
  if (!("now" in target.dataset)) return;
  if (!target.checkValidity()) return target.reportValidity();
  await call(target.form.dataset.form, values([target]));
  refresh(0);
});

function values(fields) {
  const found = {};
  for (const field of fields) {
    if (!field.name || field.closest("details:not([open])")) continue;
    found[field.name] = value(field);
  }
  return found;
}

function value(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.multiple) return [...field.selectedOptions].map((each) => Number(each.value));
  if ("number" in field.dataset) return field.value === "" ? null : Number(field.value);
  return field.type === "date" && field.value === "" ? null : field.value;
}

async function upload(field) {
  const body = new FormData();
  body.append("file", field.files[0]);
  const told = await call(`POST ${field.dataset.upload}`, body, { isFile: true });
  if (told && field.dataset.then) await call(field.dataset.then, { attachment: told.id });
  field.value = "";
  refresh(0);
}
