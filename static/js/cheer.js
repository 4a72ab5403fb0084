// An achievement, celebrated for a few seconds, one after the other, in the tab that is being looked at.

const SHOWN_FOR = 7000;
const SEEN = "cheered";
const waiting = [];
let showing = null;

document.addEventListener("live:event", ({ detail: frame }) => {
  if (frame.kind !== "notification.created" || frame.data.kind !== "achievement.earned") return;
  waiting.push(frame.data);
  showNext();
});
document.addEventListener("visibilitychange", showNext);

function showNext() {
  if (showing || document.hidden) return;
  const notification = waiting.shift();
  if (!notification) return;
  if (seenInAnotherTab(notification.id)) return showNext();
  show(notification);
}

/** Each open tab hears of it; the first one that is visible shows it. */
function seenInAnotherTab(id) {
  const seen = JSON.parse(localStorage.getItem(SEEN)) ?? [];
  if (seen.includes(id)) return true;
  localStorage.setItem(SEEN, JSON.stringify([...seen.slice(-19), id]));
  return false;
}

function show({ title, body, data }) {
  showing = document.getElementById("cheer").content.cloneNode(true).firstElementChild;
  const fill = (name, text) => {
    const place = showing.querySelector(`[data-cheer="${name}"]`);
    place.textContent = text ?? "";
    place.hidden = !text;
  };
  fill("icon", data?.icon);
  fill("name", data?.name ?? title);
  fill("description", data?.description ?? body);
  fill("points", data?.points && `+${data.points} points`);
  showing.querySelector("[data-close]").addEventListener("click", end);
  document.getElementById("cheers").append(showing);
  setTimeout(end, SHOWN_FOR, showing);
}

function end(which) {
  if (which instanceof Event || which === showing) {
    showing?.remove();
    showing = null;
    showNext();
  }
}
