"""Microsoft Graph's calendars with a memory, in the shapes that it tells events in."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from estateman.common import clock
from tests.support.http import Asked, HttpServer, Reply

STAMP = "singleValueExtendedProperties"
SPARSE = ("id", "type", "seriesMasterId", "start", "end")


@dataclass(eq=False)
class Graph(HttpServer):
    """``events`` by id, single ones and masters; ``apart`` are dates of series that differ, by master and day."""

    page_size: int = 100
    oldest_delta: int = 0
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    apart: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    cancelled: dict[str, list[str]] = field(default_factory=dict)
    changed_at: dict[str, int] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    counter: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def config(self) -> dict[str, str]:
        return {"client_id": "us", "api_url": self.url, "login_url": self.url}

    # --- What people do there ---

    def add(self, title: str, start: str = "2031-03-03T09:00:00", **fields: Any) -> str:
        ends = datetime.fromisoformat(start) + timedelta(hours=1)
        zone = "Eastern Standard Time"
        made = self._kept_as_told(
            {
                "subject": title,
                "start": {"dateTime": start, "timeZone": zone},
                "end": {"dateTime": ends.isoformat(), "timeZone": zone},
                **fields,
            }
        )
        return str(made["id"])

    def edit(self, event_id: str, **fields: Any) -> None:
        self._keep({**self.events[event_id], **fields})

    def delete(self, event_id: str) -> None:
        del self.events[event_id]
        self._touch(event_id)

    def standing(self) -> dict[str, dict[str, Any]]:
        """By title."""
        return {each["subject"]: each for each in self.events.values()}

    def expire_deltas(self) -> None:
        self.oldest_delta = self.counter + 1

    def _touch(self, event_id: str) -> None:
        self.counter += 1
        self.changed_at[event_id] = self.counter

    def _keep(self, event: dict[str, Any]) -> dict[str, Any]:
        self._touch(event["id"])
        event |= {"@odata.etag": f'W/"{self.counter}"', "lastModifiedDateTime": clock.now().isoformat()}
        self.events[event["id"]] = event
        return event

    def _kept_as_told(self, told: dict[str, Any], event_id: str = "") -> dict[str, Any]:
        """Times are kept in UTC beside the zone that they were told in."""
        event_id = event_id or f"AAMk{self.counter}"
        usual = {"iCalUId": f"040000{event_id}", "transactionId": None, "sensitivity": "normal"}
        before = self.events.get(event_id, {"id": event_id, **usual})
        event = {**before, **told}
        for name in ("start", "end"):
            if name in told:
                event[name] = _in_utc(told[name], whole=event.get("isAllDay", False))
        if "start" in told:
            event["originalStartTimeZone"] = told["start"]["timeZone"]
        event["type"] = "seriesMaster" if event.get("recurrence") else "singleInstance"
        return self._keep(event)

    # --- What it answers ---

    def reply_to(self, asked: Asked) -> Reply:  # noqa: PLR0911  one for each route
        self.asked.append(asked)
        path = unquote(asked.path)
        if path == "/me/calendars":
            return Reply(
                200, {"value": [{"id": "cal1", "name": "Calendar", "isDefaultCalendar": True, "canEdit": True}]}
            )
        if path.endswith("/calendarView/delta"):
            return self._delta(asked.query)
        if path == "/subscriptions":
            self.subscriptions["sub1"] = asked.json
            return Reply(201, {"id": "sub1", "expirationDateTime": asked.json["expirationDateTime"]})
        if path.startswith("/subscriptions/"):
            return Reply(204, "") if self.subscriptions.pop(path.rpartition("/")[2], None) else _error(404)
        if path.startswith("/me/calendars/"):
            return self._post(asked) if asked.method == "POST" else self._filtered(asked.query["$filter"])
        return self._one(asked, *path.removeprefix("/me/events/").split("/"))

    def _delta(self, query: dict[str, str]) -> Reply:
        since = int(query.get("$deltatoken", "0"))
        if "$deltatoken" in query and since < self.oldest_delta:
            return _error(410)
        items = [
            each
            for event_id, at in self.changed_at.items()
            if at > since and self._is_in_sight(event_id, query)
            for each in self._told(event_id, is_full=not since)
        ]
        start = int(query.get("$skiptoken", "0"))
        page: dict[str, Any] = {"value": items[start : start + self.page_size]}
        base = f"{self.url}/me/calendars/cal1/calendarView/delta?"
        if start + self.page_size < len(items):
            after = f"$deltatoken={since}&" if since else ""
            return Reply(200, page | {"@odata.nextLink": f"{base}{after}$skiptoken={start + self.page_size}"})
        return Reply(200, page | {"@odata.deltaLink": f"{base}$deltatoken={self.counter}"})

    def _is_in_sight(self, event_id: str, query: dict[str, str]) -> bool:
        """The first list of a view leaves out what begins after it."""
        event, end = self.events.get(event_id), query.get("endDateTime")
        return event is None or end is None or event["start"]["dateTime"] < end

    def _told(self, event_id: str, *, is_full: bool) -> list[dict[str, Any]]:
        """A series with its dates, told sparsely, as a view of a calendar holds them."""
        if event_id not in self.events:
            return [] if is_full else [{"id": event_id, "@removed": {"reason": "deleted"}}]
        event = {name: value for name, value in self.events[event_id].items() if name != STAMP}
        if event["type"] == "singleInstance":
            return [event]
        date_of_it = {"id": f"{event_id}-1", "type": "occurrence", "seriesMasterId": event_id}
        return [{name: event[name] for name in SPARSE if name in event}, {**date_of_it, "start": event["start"]}]

    def _filtered(self, text: str) -> Reply:
        if text.startswith("iCalUId eq "):
            return Reply(200, {"value": [each for each in self.events.values() if f"'{each['iCalUId']}'" in text]})
        stamped = [each for each in self.events.values() if any(one["value"] in text for one in each.get(STAMP, []))]
        return Reply(200, {"value": stamped})

    def _post(self, asked: Asked) -> Reply:
        told = asked.json
        if any(each["transactionId"] == told["transactionId"] for each in self.events.values()):
            return _error(409)
        return Reply(201, self._kept_as_told(told))

    def _one(self, asked: Asked, event_id: str, more: str = "") -> Reply:  # noqa: PLR0911  one for each method
        if more:
            return self._instances(event_id, asked.query)
        day = event_id.partition("@")[2]
        if day:
            return self._date(asked, event_id.partition("@")[0], day)
        there = self.events.get(event_id)
        if there is None:
            return _error(404)
        if asked.method == "GET":
            return Reply(200, self._shown(there, asked.query))
        if "if-match" in asked.headers and asked.headers["if-match"] != there["@odata.etag"]:
            return _error(412)
        if asked.method == "DELETE":
            self.delete(event_id)
            return Reply(204, "")
        return Reply(200, self._kept_as_told(asked.json, event_id))

    def _shown(self, event: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
        if "exceptionOccurrences" not in query.get("$expand", ""):
            return event
        apart = [each for (master, _), each in self.apart.items() if master == event["id"]]
        cancelled = [f"OID.{event['id']}.{day}" for day in self.cancelled.get(event["id"], [])]
        return {"id": event["id"], "exceptionOccurrences": apart, "cancelledOccurrences": cancelled}

    def _instances(self, event_id: str, query: dict[str, str]) -> Reply:
        """The day in the middle of the window that is asked for; enough for series of days."""
        start = datetime.fromisoformat(self.events[event_id]["start"]["dateTime"][:19])
        middle = datetime.fromisoformat(query["startDateTime"]) + timedelta(days=1)
        day = middle.date()
        at = datetime.combine(day, start.time(), UTC)
        if day.isoformat() in self.cancelled.get(event_id, []) or at != middle:
            return Reply(200, {"value": []})
        return Reply(200, {"value": [{"id": f"{event_id}@{day}", "originalStart": at.isoformat()}]})

    def _date(self, asked: Asked, event_id: str, day: str) -> Reply:
        if asked.method == "DELETE":
            self.cancelled.setdefault(event_id, []).append(day)
            self._keep(self.events[event_id])
            return Reply(204, "")
        self.change_date(event_id, date.fromisoformat(day), **asked.json)
        return Reply(200, {})

    def change_date(self, event_id: str, day: date, **told: Any) -> None:
        """One date of a series differs."""
        start = datetime.fromisoformat(self.events[event_id]["start"]["dateTime"][:19])
        fields = {name: _in_utc(each) if name in {"start", "end"} else each for name, each in told.items()}
        original = datetime.combine(day, start.time(), UTC).isoformat()
        self.counter += 1
        etag = {"@odata.etag": f'W/"{self.counter}"'}
        self.apart[event_id, str(day)] = {"id": f"{event_id}@{day}", "originalStart": original, **etag, **fields}
        self._keep(self.events[event_id])


def _in_utc(told: dict[str, str], *, whole: bool = False) -> dict[str, str]:
    names = {"Eastern Standard Time": "America/New_York"}
    local = datetime.fromisoformat(told["dateTime"][:19])
    zone = ZoneInfo(names.get(told["timeZone"], told["timeZone"]))
    moment = local if whole else local.replace(tzinfo=zone).astimezone(UTC)
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}


def _error(status: int) -> Reply:
    return Reply(status, {"error": {"code": "No", "message": "No."}})
