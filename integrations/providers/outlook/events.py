"""The events of one Outlook calendar: what changed within a window of time, and how they are written."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote

from dateutil.parser import isoparse

from estateman.common import clock
from integrations.providers._events import Unkeepable, instant_of, midnight
from integrations.providers.outlook import contents
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

PAST, AHEAD = timedelta(days=90), timedelta(days=2 * 365)
"""The window that is looked at; Graph tells changes of a window only, so it is moved along once a year."""
WATCHED_FOR = timedelta(minutes=4200)
_EXPAND = f"singleValueExtendedProperties($filter=id eq '{contents.STAMP}')"
_TOLD_OF_ALL = {"transactionId", "sensitivity"}
_DAY = timedelta(days=1)


class Api(Protocol):
    """Asks Graph; raises ProviderError, Gone for 404 and 410, PreconditionFailed for 412."""

    def __call__(
        self, method: str, path: str, *, query: Mapping[str, str] = ..., body: Any = ..., etag: str = ...
    ) -> dict[str, Any]: ...


def _event_path(event_id: str) -> str:
    return f"/me/events/{quote(event_id, safe='')}"


def list_changes(ask: Api, calendar: str, *, cursor: str, page: str, zone: str) -> Changes:
    """One page of the window. A series is read as a whole as soon as any date of it is told of."""
    told, until = _page(ask, calendar, cursor, page)
    items = _listed(told)
    missing = tuple(str(each["id"]) for each in items if "@removed" in each)
    events = _whole(ask, [each for each in items if "@removed" not in each], zone)
    following, after = (str(told.get(f"@odata.{name}Link") or "") for name in ("next", "delta"))
    if not (following or after):
        raise ProviderError("Outlook named neither a next page nor where to go on from.")
    kept = json.dumps({"link": following or after, "until": until})
    return Changes(
        events=tuple(events),
        missing=missing,
        page=kept if following else "",
        cursor="" if following else kept,
        detail=f"{len(items)} changes",
    )


def _page(ask: Api, calendar: str, cursor: str, page: str) -> tuple[dict[str, Any], str]:
    now = clock.now()
    if not (cursor or page):
        until = f"{now + AHEAD:%Y-%m-%dT%H:%M:%SZ}"
        window = {"startDateTime": f"{now - PAST:%Y-%m-%dT%H:%M:%SZ}", "endDateTime": until}
        return ask("GET", f"/me/calendars/{quote(calendar, safe='')}/calendarView/delta", query=window), until
    try:
        kept = json.loads(page or cursor)
        link, until = str(kept["link"]), str(kept["until"])
        ends = isoparse(until)
    except (ValueError, KeyError, TypeError):
        raise CursorExpired("The cursor can't be read.") from None
    if ends < now + AHEAD / 2:
        raise CursorExpired("The window that is looked at has to be moved along.")
    try:
        return ask("GET", link), until
    except Gone:
        raise CursorExpired("Outlook knows this cursor no longer.") from None


def _listed(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = told.get("value")
    if not isinstance(items, list) or not all(isinstance(each, dict) and each.get("id") for each in items):
        raise ProviderError("Outlook answered something that is no list of events.")
    return items


def _whole(ask: Api, items: Iterable[Mapping[str, Any]], zone: str) -> list[RemoteEvent]:
    found: dict[str, RemoteEvent] = {}
    for each in items:
        series = str(each.get("seriesMasterId") or "")
        name = series or str(each["id"])
        if name in found:
            continue
        # What is told of a single event is whole, if it says whether we wrote it and whether it is private.
        is_whole = not series and each.get("type") == "singleInstance" and each.keys() >= _TOLD_OF_ALL
        found[name] = contents.read(each, zone) if is_whole else fetch_event(ask, name, zone=zone)
    return list(found.values())


def fetch_event(ask: Api, event_id: str, *, zone: str) -> RemoteEvent:
    path = _event_path(event_id)
    try:
        item = ask("GET", path, query={"$expand": _EXPAND})
        if item.get("type") == "seriesMaster":
            dates = {"$select": "id,exceptionOccurrences,cancelledOccurrences", "$expand": "exceptionOccurrences"}
            apart = ask("GET", path, query=dates)
            item |= {name: apart.get(name) for name in ("exceptionOccurrences", "cancelledOccurrences")}
    except Gone:
        return RemoteEvent(id=event_id)
    if not item.get("id"):
        raise ProviderError("Outlook answered something that is no event.")
    return contents.read(item, zone)


def create_event(ask: Api, calendar: str, content: EventContent, *, uid: str, key: str, zone: str) -> OneEvent:
    """With a transaction id made of the key, by which Graph makes it once.

    What lies beyond the window may stand there unheard of, since an earlier link: it is looked for by our stamp and,
    as it may have been made there, by its own uid.
    """
    beyond = instant_of(content.starts_at, content.timezone or zone) > clock.now() + AHEAD - _DAY
    if beyond and (standing := _stamped(ask, calendar, uid) or _named(ask, calendar, uid)):
        return _made_to_say(ask, standing, content, zone)
    told = _body(content)
    told["transactionId"] = contents.transaction_id(uid, key)
    told["singleValueExtendedProperties"] = [{"id": contents.STAMP, "value": uid}]
    try:
        made = ask("POST", f"/me/calendars/{quote(calendar, safe='')}/events", body=told)
    except AlreadyThere:
        standing = _stamped(ask, calendar, uid)
        if not standing:
            raise
        return _made_to_say(ask, standing, content, zone)
    event_id = _id(made)
    if content.overrides or content.exdates:
        _write_dates(ask, event_id, content, dict(content.overrides), content.exdates)
    return OneEvent(event=fetch_event(ask, event_id, zone=zone))


class AlreadyThere(ProviderError):
    """An event with this transaction id is there (409). Always permanent."""


def _stamped(ask: Api, calendar: str, uid: str) -> str:
    """The id of the event with our stamp; empty where there is none."""
    ours = f"singleValueExtendedProperties/Any(ep: ep/id eq '{contents.STAMP}' and ep/value eq {_quoted(uid)})"
    return _first(ask, calendar, ours)


def _named(ask: Api, calendar: str, uid: str) -> str:
    return _first(ask, calendar, f"iCalUId eq {_quoted(uid)}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first(ask: Api, calendar: str, wanted: str) -> str:
    told = ask("GET", f"/me/calendars/{quote(calendar, safe='')}/events", query={"$filter": wanted})
    return next((str(each["id"]) for each in _listed(told)), "")


def _made_to_say(ask: Api, event_id: str, content: EventContent, zone: str) -> OneEvent:
    there = fetch_event(ask, event_id, zone=zone)
    if there.content is None:
        return OneEvent(event=there)
    return update_event(ask, event_id, content, before=there.content, etag=there.etag, zone=zone)


def _id(made: Mapping[str, Any]) -> str:
    if not (isinstance(made.get("id"), str) and made["id"]):
        raise OutcomeUnknown("Outlook gave the event no id.")
    return str(made["id"])


def _body(content: EventContent, before: EventContent | None = None) -> dict[str, Any]:
    try:
        return contents.body(content, before)
    except Unkeepable as why:
        raise ProviderError(str(why), permanent=True) from None


def update_event(
    ask: Api, event_id: str, content: EventContent, *, before: EventContent, etag: str, zone: str
) -> OneEvent:
    told = _body(content, before)
    moved = "start" in told and bool(before.rule)
    if not moved and before.exdates - content.exdates:
        raise ProviderError("Outlook cannot bring back a date that was left out.", permanent=True)
    _refuse_with_guests(ask, event_id)
    if told:
        try:
            ask("PATCH", _event_path(event_id), body=told, etag=contents.own_etag(etag))
        except Gone:
            raise PreconditionFailed("The event is gone at Outlook.") from None
    known: Mapping[datetime, Any] = {} if moved else before.overrides
    changed = {key: content.overrides.get(key) for key in {*content.overrides, *known}}
    dates = {key: override for key, override in changed.items() if moved or known.get(key) != override}
    _write_dates(ask, event_id, content, dates, content.exdates - (frozenset() if moved else before.exdates))
    return OneEvent(event=fetch_event(ask, event_id, zone=zone))


def _refuse_with_guests(ask: Api, event_id: str) -> None:
    """Outlook mails those who are invited whenever an event of theirs is written, and can't be asked not to."""
    try:
        told = ask("GET", _event_path(event_id), query={"$select": "id,attendees,isOrganizer"})
    except Gone:
        return
    if told.get("attendees"):
        raise ProviderError("Outlook would mail those who are invited: change it there.", permanent=True)


def _write_dates(
    ask: Api, event_id: str, content: EventContent, dates: Mapping[datetime, Any], gone: Iterable[datetime]
) -> None:
    for key in sorted({*dates, *gone}):
        instance = _instance(ask, event_id, key, content)
        if not instance:
            continue  # it does not take place then
        if key in content.exdates:
            ask("DELETE", _event_path(instance))
        else:
            ask("PATCH", _event_path(instance), body=contents.date_body(key, dates[key], content))


def _instance(ask: Api, event_id: str, key: datetime, content: EventContent) -> str:
    """The id of the date that was to be at ``key``."""
    original = instant_of(key, content.timezone or "UTC")
    window = {
        "startDateTime": f"{original - _DAY:%Y-%m-%dT%H:%M:%SZ}",
        "endDateTime": f"{original + _DAY:%Y-%m-%dT%H:%M:%SZ}",
    }
    told = ask("GET", f"{_event_path(event_id)}/instances", query=window).get("value")
    for each in told if isinstance(told, list) else []:
        at = isoparse(str(each.get("originalStart") or f"{each['start']['dateTime'][:19]}Z"))
        if at == original or (content.all_day and midnight(at.date()) == key):
            return str(each["id"])
    return ""


def delete_event(ask: Api, event_id: str, *, etag: str) -> Answer:
    _refuse_with_guests(ask, event_id)
    try:
        ask("DELETE", _event_path(event_id), etag=contents.own_etag(etag))
    except Gone:
        return Answer(detail="Gone already")
    return Answer(detail="Deleted")


def watch(ask: Api, calendar: str, *, address: str, secret: Secret) -> Channel:
    told = {
        "changeType": "created,updated,deleted",
        "notificationUrl": address,
        "resource": f"/me/calendars/{calendar}/events",
        "expirationDateTime": f"{clock.now() + WATCHED_FOR:%Y-%m-%dT%H:%M:%SZ}",
        "clientState": secret.reveal(),
    }
    made = ask("POST", "/subscriptions", body=told)
    try:
        return Channel(id=_id(made), resource=calendar[:500], expires_at=isoparse(made["expirationDateTime"]))
    except (KeyError, TypeError, ValueError):
        raise OutcomeUnknown("Outlook did not say until when it watches.") from None


def unwatch(ask: Api, channel: str) -> Answer:
    try:
        ask("DELETE", f"/subscriptions/{quote(channel, safe='')}")
    except Gone:
        return Answer(detail="Over already")
    return Answer(detail="Stopped")
