"""The events of one Google calendar: what changed, and how they are written."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import quote

from integrations.providers.google_calendar import contents
from integrations.sealing import Secret
from integrations.spi import (
    Answer,
    Changes,
    Channel,
    CursorExpired,
    EventContent,
    Gone,
    OneEvent,
    OutcomeUnknown,
    PreconditionFailed,
    ProviderError,
    RemoteEvent,
)

PAGE = "2500"
QUIET = {"sendUpdates": "none"}
"""Nobody who is invited is mailed because calendars were made the same."""


class Api(Protocol):
    """Asks Google; raises ProviderError, Gone for 404 and 410, PreconditionFailed for 412."""

    def __call__(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] = ...,
        body: Any = ...,
        etag: str = ...,
    ) -> dict[str, Any]: ...


def _path(calendar: str, event_id: str = "") -> str:
    place = f"/calendars/{quote(calendar, safe='')}/events"
    return f"{place}/{quote(event_id, safe='')}" if event_id else place


def list_changes(ask: Api, calendar: str, *, cursor: str, page: str, zone: str) -> Changes:
    """One page. Google tells of dates that differ by themselves: their series is read as a whole then."""
    query = {"maxResults": PAGE, **({"syncToken": cursor} if cursor else {}), **({"pageToken": page} if page else {})}
    try:
        told = ask("GET", _path(calendar), query=query)
    except Gone:
        if cursor:
            raise CursorExpired("Google knows this sync token no longer.") from None
        raise
    if told.get("accessRole") == "freeBusyReader":
        # Titles and places are hidden then, and would be taken away here.
        raise ProviderError("Google shows no more of this calendar than when it is busy.", permanent=True)
    items, following = _items(told), str(told.get("nextPageToken") or "")
    is_all = not (cursor or page or following)
    events = _assembled(items, zone) if is_all else _looked_up(ask, calendar, items, zone)
    after = "" if following else str(told.get("nextSyncToken") or "")
    if not following and not after:
        raise ProviderError("Google named neither a next page nor a sync token.")
    return Changes(events=tuple(events), page=following, cursor=after, detail=f"{len(items)} changes")


def _items(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = told.get("items", [])
    if not isinstance(found, list) or not all(isinstance(each, dict) and each.get("id") for each in found):
        raise ProviderError("Google answered something that is no list of events.")
    return [each for each in found if each.get("eventType") not in contents.NEVER_KEPT]


def _assembled(items: Iterable[Mapping[str, Any]], zone: str) -> list[RemoteEvent]:
    """All is told, so each series finds its dates here; a date whose series is nowhere is an event of its own."""
    masters = {each["id"]: each for each in items if not each.get("recurringEventId")}
    apart: dict[str, list[Mapping[str, Any]]] = {}
    lone = []
    for each in items:
        series = each.get("recurringEventId")
        if series in masters:
            apart.setdefault(str(series), []).append(each)
        elif series:
            lone.append(each)
    whole = [contents.read(each, apart.get(name, []), zone) for name, each in masters.items()]
    return whole + [contents.read(each, [], zone) for each in lone]


def _looked_up(ask: Api, calendar: str, items: Iterable[Mapping[str, Any]], zone: str) -> list[RemoteEvent]:
    found: dict[str, RemoteEvent] = {}
    for each in items:
        series = str(each.get("recurringEventId") or (each["id"] if each.get("recurrence") else ""))
        if not series:
            found[each["id"]] = contents.read(each, [], zone)
        elif series not in found:
            whole = fetch_event(ask, calendar, series, zone=zone)
            is_lone = whole.is_deleted and each["id"] != series
            found[each["id"] if is_lone else series] = contents.read(each, [], zone) if is_lone else whole
    return list(found.values())


def fetch_event(ask: Api, calendar: str, event_id: str, *, zone: str) -> RemoteEvent:
    try:
        master = ask("GET", _path(calendar, event_id))
    except Gone:
        return RemoteEvent(id=event_id)
    if not master.get("id"):
        raise ProviderError("Google answered something that is no event.")
    if not master.get("recurrence"):
        return contents.read(master, [], zone)
    query = {"iCalUID": str(master.get("iCalUID", "")), "showDeleted": "true", "maxResults": PAGE}
    apart = [
        each for each in _items(ask("GET", _path(calendar), query=query)) if each.get("recurringEventId") == event_id
    ]
    return contents.read(master, apart, zone)


def create_event(ask: Api, calendar: str, content: EventContent, *, uid: str, key: str, zone: str) -> OneEvent:
    """Under an id made of the key, so that it is made once; one that stands there is made to say the same."""
    event_id = base64.b32hexencode(hashlib.sha256(key.encode()).digest()).decode().lower().rstrip("=")
    told = {**contents.body(content), "id": event_id, "extendedProperties": {"private": {contents.STAMP: uid}}}
    try:
        made = _event(ask("POST", _path(calendar), query=QUIET, body=told))
    except AlreadyThere:
        del told["id"]
        made = _event(ask("PATCH", _path(calendar, event_id), query=QUIET, body=told))
    _write_dates(ask, calendar, event_id, content, dict(content.overrides))
    return OneEvent(event=_as_written(ask, calendar, made, content, zone))


class AlreadyThere(ProviderError):
    """An event with this id is there (409). Always permanent."""


def update_event(  # noqa: PLR0913  by keyword, and each says one thing about the write
    ask: Api, calendar: str, event_id: str, content: EventContent, *, before: EventContent, etag: str, zone: str
) -> OneEvent:
    told = contents.body(content, before)
    made: dict[str, Any] = {}
    if told:
        try:
            made = _event(ask("PATCH", _path(calendar, event_id), query=QUIET, body=told, etag=contents.own_etag(etag)))
        except Gone:
            raise PreconditionFailed("The event is gone at Google.") from None
    moved = "start" in told and before.rule and (before.starts_at, before.rule) != (content.starts_at, content.rule)
    known = {} if moved else before.overrides
    changed = {key: content.overrides.get(key) for key in {*content.overrides, *known}}
    dates = {key: override for key, override in changed.items() if moved or known.get(key) != override}
    if not moved:
        dates |= {key: content.overrides.get(key) for key in before.exdates - content.exdates}
    _write_dates(ask, calendar, event_id, content, dates)
    if not made or content.rule or content.rdates:
        return OneEvent(event=fetch_event(ask, calendar, event_id, zone=zone))
    return OneEvent(event=contents.read(made, [], zone))


def _write_dates(ask: Api, calendar: str, event_id: str, content: EventContent, dates: Mapping[datetime, Any]) -> None:
    for key, override in sorted(dates.items()):
        instance = contents.instance_id(event_id, key, content)
        if key in content.exdates:
            # It differed till now, so it is an event of its own, which would go on without the rule.
            delete_event(ask, calendar, instance, etag="")
            continue
        try:
            ask("PATCH", _path(calendar, instance), query=QUIET, body=contents.date_body(key, override, content))
        except Gone:
            continue  # the series does not take place then


def _event(told: dict[str, Any]) -> dict[str, Any]:
    if not (isinstance(told.get("id"), str) and told["id"]):
        raise OutcomeUnknown("Google gave the event no id.")
    return told


def _as_written(ask: Api, calendar: str, made: dict[str, Any], content: EventContent, zone: str) -> RemoteEvent:
    if content.rule or content.rdates:
        return fetch_event(ask, calendar, made["id"], zone=zone)
    return contents.read(made, [], zone)


def delete_event(ask: Api, calendar: str, event_id: str, *, etag: str) -> Answer:
    try:
        ask("DELETE", _path(calendar, event_id), query=QUIET, etag=contents.own_etag(etag))
    except Gone:
        return Answer(detail="Gone already")
    return Answer(detail="Deleted")


def watch(ask: Api, calendar: str, *, channel: str, address: str, secret: Secret) -> Channel:
    told = {"id": channel, "type": "web_hook", "address": address, "token": secret.reveal()}
    made = ask("POST", f"{_path(calendar)}/watch", body=told)
    try:
        ends = datetime.fromtimestamp(int(made["expiration"]) / 1000, UTC)
        return Channel(id=str(made["id"]), resource=str(made.get("resourceId") or ""), expires_at=ends)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise OutcomeUnknown("Google did not say until when it watches.") from None


def unwatch(ask: Api, channel: str, resource: str) -> Answer:
    try:
        ask("POST", "/channels/stop", body={"id": channel, "resourceId": resource})
    except Gone:
        return Answer(detail="Over already")
    return Answer(detail="Stopped")
