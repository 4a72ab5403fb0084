"""Google's calendar API with a memory: ids, etags, sync tokens, pages and dates apart as Google keeps them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from estateman.common import clock
from tests.support.http import Asked, HttpServer, Reply

BASE = "/calendar/v3"


@dataclass(eq=False)
class Google(HttpServer):
    """``events`` by id, as somebody at Google sees them; titles with ``refuses`` in them it won't take."""

    page_size: int = 250
    oldest_token: int = 0
    refuses: str = ""
    loses_answers: bool = False
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed_at: dict[str, int] = field(default_factory=dict)
    counter: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def config(self) -> dict[str, str]:
        return {"client_id": "us", "api_url": f"{self.url}{BASE}", "token_url": f"{self.url}/token"}

    # --- What people do there ---

    def add(self, title: str, start: str = "2031-03-03T09:00:00-05:00", **fields: Any) -> str:
        end = start.replace("T09", "T10")
        zone = "America/New_York"
        usual = {"start": {"dateTime": start, "timeZone": zone}, "end": {"dateTime": end, "timeZone": zone}}
        event_id = f"google{len(self.events)}"
        self._keep({"id": event_id, "summary": title, "iCalUID": f"{event_id}@google.com", **usual, **fields})
        return event_id

    def edit(self, event_id: str, **fields: Any) -> None:
        self._keep({**self.events[event_id], **fields})

    def delete(self, event_id: str) -> None:
        self._keep({**self.events[event_id], "status": "cancelled"})

    def move_date(self, event_id: str, original: str, **fields: Any) -> None:
        """One date of a series becomes an event of its own."""
        master = self.events[event_id]
        at = {"dateTime": original, "timeZone": master["start"]["timeZone"]}
        instance = f"{event_id}_{datetime.fromisoformat(original).astimezone(UTC):%Y%m%dT%H%M%SZ}"
        stands: dict[str, Any] = {key: master[key] for key in ("summary", "iCalUID") if key in master}
        self._keep({"id": instance, "recurringEventId": event_id, "originalStartTime": at, **stands, **fields})

    def standing(self) -> dict[str, dict[str, Any]]:
        """By title."""
        alive = [each for each in self.events.values() if each.get("status") != "cancelled"]
        return {each["summary"]: each for each in alive if "recurringEventId" not in each}

    def expire_tokens(self) -> None:
        self.oldest_token = self.counter + 1

    def _keep(self, event: dict[str, Any]) -> dict[str, Any]:
        self.counter += 1
        event.setdefault("status", "confirmed")
        event |= {"etag": f'"{self.counter}"', "updated": clock.now().isoformat()}
        self.events[event["id"]] = event
        self.changed_at[event["id"]] = self.counter
        return event

    # --- What it answers ---

    def reply_to(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        path = unquote(asked.path.removeprefix(BASE))
        if path == "/users/me/calendarList":
            mine = {"id": "maria@harbour.example", "summary": "Maria", "primary": True, "accessRole": "owner"}
            return Reply(200, {"items": [mine]})
        if path == "/channels/stop":
            return Reply(204, "") if self.channels.pop(asked.json["id"], None) else _error(404)
        _, _, rest = path.partition("/events")
        if rest == "/watch":
            self.channels[asked.json["id"]] = asked.json
            ends = int((clock.now().timestamp() + 7 * 86400) * 1000)
            return Reply(200, {"id": asked.json["id"], "resourceId": "r1", "expiration": str(ends)})
        return self._events(asked, rest.strip("/"))

    def _events(self, asked: Asked, event_id: str) -> Reply:
        if asked.method == "GET":
            return self._one(event_id) if event_id else self._list(asked.query)
        assert asked.query.get("sendUpdates") == "none"
        reply = getattr(self, f"_{asked.method.lower()}")(asked, event_id)
        if self.loses_answers and reply.status == 200:
            return Reply(hangs_up=True)
        return reply

    def _one(self, event_id: str) -> Reply:
        return Reply(200, self.events[event_id]) if event_id in self.events else _error(404)

    def _list(self, query: dict[str, str]) -> Reply:
        since = int(query.get("syncToken", "0"))
        if "syncToken" in query and since < self.oldest_token:
            return _error(410)
        found = [each for each in self.events.values() if self.changed_at[each["id"]] > since]
        if "iCalUID" in query:
            found = [each for each in found if each["iCalUID"] == query["iCalUID"]]
        elif "syncToken" not in query:
            found = [each for each in found if each["status"] != "cancelled" or "recurringEventId" in each]
        start = int(query.get("pageToken", "0"))
        page = {"kind": "calendar#events", "items": found[start : start + self.page_size]}
        more = start + self.page_size < len(found)
        return Reply(
            200,
            page | ({"nextPageToken": str(start + self.page_size)} if more else {"nextSyncToken": str(self.counter)}),
        )

    def _post(self, asked: Asked, event_id: str) -> Reply:
        told = asked.json
        if self.refuses and self.refuses in told["summary"]:
            return _error(400)
        if told["id"] in self.events:
            return _error(409)
        return Reply(200, self._keep({"iCalUID": f"{told['id']}@google.com", **told}))

    def _patch(self, asked: Asked, event_id: str) -> Reply:
        there = self.events.get(event_id)
        series, _, at = event_id.partition("_")
        if there is None and at and series in self.events:
            there = {
                "id": event_id,
                "recurringEventId": series,
                "iCalUID": self.events[series]["iCalUID"],
                "originalStartTime": {"dateTime": _instant(at), "timeZone": "UTC"},
            }
        if there is None or (there.get("status") == "cancelled" and "status" not in asked.json):
            return _error(404)
        if "if-match" in asked.headers and asked.headers["if-match"] != there["etag"]:
            return _error(412)
        return Reply(200, self._keep({**there, **asked.json}))

    def _delete(self, asked: Asked, event_id: str) -> Reply:
        there = self.events.get(event_id)
        if there is None or there["status"] == "cancelled":
            return _error(410)
        if "if-match" in asked.headers and asked.headers["if-match"] != there["etag"]:
            return _error(412)
        self.delete(event_id)
        return Reply(204, "")


def _instant(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[9:11]}:{text[11:13]}:{text[13:15]}Z"


def _error(status: int) -> Reply:
    return Reply(status, {"error": {"code": status, "message": "No."}})
