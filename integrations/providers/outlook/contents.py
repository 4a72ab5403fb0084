"""An event of Graph's as one that every provider understands, and back."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.parser import isoparse

from integrations.providers._events import (
    LONGEST_ID,
    Unkeepable,
    clean,
    local_of,
    midnight,
    whole_minutes,
    zone_name,
)
from integrations.providers.outlook import patterns
from integrations.spi import EventContent, Override, RemoteEvent

STAMP = "String {6b9d1f7e-52c4-4f0b-9a57-3f1c8a2f6d11} Name estatemanUid"
TRANSACTION = "estateman:"
TIMES = ("starts_at", "timezone", "minutes", "all_day", "rule")
_PRIVATE = {"personal", "private", "confidential"}
_TEXTS = {"title": "subject", "description": "body", "location": "location"}
Item = Mapping[str, Any]


def read(item: Item, zone: str) -> RemoteEvent:
    """A single event, or a series with its ``exceptionOccurrences`` and ``cancelledOccurrences``."""
    known: dict[str, Any] = {"id": str(item["id"])}
    try:
        known |= {"uid": clean(item.get("iCalUId"))[:255], "etag": _etag(item), "stamp": _stamp(item)}
        if item.get("isCancelled") is True:
            return RemoteEvent(**known)
        if len(known["id"]) > LONGEST_ID:
            raise Unkeepable("Its id is too long.")
        updated = isoparse(item["lastModifiedDateTime"])
        return RemoteEvent(**known, content=_content(item, zone), updated_at=updated)
    except Unkeepable as why:
        return RemoteEvent(**known, problem=str(why))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        return RemoteEvent(**known, problem=f"It can't be read ({type(error).__name__}).")


def _etag(item: Item) -> str:
    """The event's own, and a digest of its dates that differ or were cancelled."""
    own = clean(item.get("@odata.etag"))[:250]
    apart = sorted(f"{each['id']}{each.get('@odata.etag')}" for each in item.get("exceptionOccurrences") or [])
    told = [*apart, *sorted(map(str, item.get("cancelledOccurrences") or []))]
    return f"{own}~{hashlib.sha256(''.join(told).encode()).hexdigest()[:16]}" if told else own


def own_etag(etag: str) -> str:
    """What Graph itself calls the event's version."""
    return etag.partition("~")[0]


def transaction_id(uid: str, key: str) -> str:
    """The same for the same key; it also tells whose copy the event is."""
    return f"{TRANSACTION}{uid}#{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _stamp(item: Item) -> str:
    for each in item.get("singleValueExtendedProperties") or []:
        if str(each.get("id", "")).lower() == STAMP.lower():
            return clean(each.get("value"))[:255]
    told = clean(item.get("transactionId"))
    return told.removeprefix(TRANSACTION).rpartition("#")[0][:255] if told.startswith(TRANSACTION) else ""


def _content(item: Item, zone: str) -> EventContent:
    all_day = item.get("isAllDay") is True
    named = "" if all_day else zone_name(clean(item.get("originalStartTimeZone"))) or zone
    starts_at = _local(item["start"], named)
    told = item.get("recurrence")
    apart = item.get("exceptionOccurrences") or []
    return EventContent(
        title=clean(item.get("subject")),
        description=_text(item),
        location=_place(item),
        starts_at=starts_at,
        timezone=named,
        minutes=whole_minutes(_local(item["end"], named) - starts_at),
        all_day=all_day,
        rule=patterns.rule(told) if told else "",
        exdates=frozenset(_cancelled(each, starts_at) for each in item.get("cancelledOccurrences") or []),
        overrides={_key(each, named): _override(each, named) for each in apart},
        is_busy=item.get("showAs") not in {"free", "workingElsewhere"},
        is_tentative=item.get("showAs") == "tentative",
        is_private=any(each.get("sensitivity") in _PRIVATE for each in (item, *apart)),
    )


def _local(told: Item, zone: str) -> datetime:
    """Whole days (without a zone) are told as midnights."""
    read = isoparse(told["dateTime"][:19])
    if not zone:
        return midnight(read.date())
    there = ZoneInfo(zone_name(clean(told.get("timeZone"))) or "UTC")
    return local_of(read.replace(tzinfo=there), zone)


def _text(item: Item) -> str:
    return clean((item.get("body") or {}).get("content")).replace("\r\n", "\n").strip("\n")


def _place(item: Item) -> str:
    return clean((item.get("location") or {}).get("displayName"))


def _key(item: Item, zone: str) -> datetime:
    original = isoparse(item["originalStart"])
    if not zone:
        return midnight(original.date())
    return local_of(original if original.tzinfo else original.replace(tzinfo=UTC), zone)


def _override(item: Item, zone: str) -> Override:
    start = _local(item["start"], zone)
    return Override(
        starts_at=start,
        minutes=whole_minutes(_local(item["end"], zone) - start),
        title=clean(item.get("subject")),
        description=_text(item),
        location=_place(item),
    )


def _cancelled(told: str, start: datetime) -> datetime:
    """``OID.<id>.2031-03-10``: a day, as a series takes place at most once on one."""
    return datetime.combine(date.fromisoformat(told.rpartition(".")[2]), start.time())


# --- Writing ----------------------------------------------------------------------------------------


def body(content: EventContent, before: EventContent | None = None) -> dict[str, Any]:
    """What differs from ``before``; all of it without one. Raises Unkeepable for what Outlook has no words for."""

    def differs(*names: str) -> bool:
        return before is None or any(getattr(before, name) != getattr(content, name) for name in names)

    if content.rdates:
        raise Unkeepable("Outlook cannot add single dates to an event.")
    texts = _texts(content)
    told = {theirs: _written(name, getattr(content, name)) for name, theirs in texts.items() if differs(name)}
    if differs("is_busy", "is_tentative"):
        told["showAs"] = "free" if not content.is_busy else "tentative" if content.is_tentative else "busy"
    if differs(*TIMES):
        zone = content.timezone or "UTC"
        told |= {"isAllDay": content.all_day, **span(content.starts_at, content.minutes, content)}
        if content.rule or before is not None:
            told["recurrence"] = patterns.recurrence(content.rule, content.starts_at, zone) if content.rule else None
    return told


def _texts(content: EventContent) -> dict[str, str]:
    """What of it is written, by our names."""
    return {} if content.is_private else _TEXTS


def _written(name: str, value: str) -> Any:
    if name == "description":
        return {"contentType": "text", "content": value}
    return {"displayName": value} if name == "location" else value


def span(start: datetime, minutes: int, content: EventContent) -> dict[str, Any]:
    zone = content.timezone or "UTC"
    ends = {"start": start, "end": start + timedelta(minutes=minutes)}
    return {name: {"dateTime": local.isoformat(), "timeZone": zone} for name, local in ends.items()}


def date_body(key: datetime, override: Override | None, content: EventContent) -> dict[str, Any]:
    """One date as ``override`` has it; without one, as the series has it."""
    override = override or Override()
    minutes = content.minutes if override.minutes is None else override.minutes
    texts = {
        theirs: _written(name, getattr(content, name) if getattr(override, name) is None else getattr(override, name))
        for name, theirs in _texts(content).items()
    }
    return {**texts, **span(override.starts_at or key, minutes, content)}
