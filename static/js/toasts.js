// Short messages at the bottom of the page, read out by screen readers.

const SHOWN_FOR = 6000;
const MOST = 3;

/** Show `text`; kind is "done" or "error"; `action` {label, url} is one thing to do about it, by htmx POST. */
export function toast(text, { kind = "done", action } = {}) {
  const list = document.getElementById("toasts");
  const item = document.getElementById("toast").content.cloneNode(true).firstElementChild;
  item.dataset.kind = kind;
  item.querySelector("use").setAttribute("href", item.dataset[kind]);
  item.querySelector("[data-text]").textContent = text;
  item.querySelector("[data-close]").addEventListener("click", () => item.remove());
  const button = item.querySelector("[data-action]");
  if (action) {
    button.textContent = action.label;
    button.hidden = false;
    button.addEventListener("click", () => {
      item.remove();
      htmx.ajax("POST", action.url, { target: action.target, swap: "outerHTML" });
    });
  }
  list.append(item);
  while (list.children.length > MOST) list.firstElementChild.remove();
  leave(item);
}

/** Gone after a while, but not while somebody points at it or is in it. */
function leave(item) {
  const timer = setInterval(() => {
    if (item.matches(":hover, :focus-within")) return;
    clearInterval(timer);
    item.remove();
  }, SHOWN_FOR);
}

// A view sends one with `HX-Trigger: {"toast": {"text": …}}`.
document.addEventListener("toast", ({ detail }) => toast(detail.text, detail));

// Django's messages come with the page.
for (const message of document.querySelectorAll("#messages [data-message]")) {
  toast(message.textContent, { kind: message.dataset.message.includes("error") ? "error" : "done" });
}

// A request that failed for a reason no view has words for.
const WORDS = { 403: "That is not yours to do.", 404: "That is no longer there." };
const OLD = "This page was open too long. Load it again.";
document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  const words = xhr.responseText.includes("data-old-page") ? OLD : WORDS[xhr.status];
  toast(words ?? "That did not work. Please try again.", { kind: "error" });
});
document.addEventListener("htmx:sendError", () => {
  toast("The office cannot be reached. Check your connection.", { kind: "error" });
});
