"""An event of Google's (API v3) as one that every provider understands, and back."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.parser import isoparse
from icalendar.prop import vDDDLists

from integrations.providers._events import (
    LONGEST_ID,
    Unkeepable,
    clean,
    instant_of,
    local_of,
    local_until,
    midnight,
    utc_until,
    whole_minutes,
    zone_name,
)
from integrations.spi import EventContent, Override, RemoteEvent

STAMP = "estatemanUid"
NEVER_KEPT = {"workingLocation", "birthday"}
TIMES = ("starts_at", "timezone", "minutes", "all_day", "rule", "rdates", "exdates")
_PRIVATE = {"private", "confidential"}
_TEXTS = {"title": "summary", "description": "description", "location": "location"}
Item = Mapping[str, Any]


def read(master: Item, apart: Iterable[Item], zone: str) -> RemoteEvent:
    """The event with those of its dates that Google keeps as events of their own."""
    apart = sorted(apart, key=lambda each: str(each.get("id")))
    known: dict[str, Any] = {"id": str(master["id"])}
    try:
        known |= {"uid": clean(master.get("iCalUID"))[:255], "etag": _etag(master, apart), "stamp": _stamp(master)}
        if master.get("status") == "cancelled":
            return RemoteEvent(**known)
        if len(known["id"]) > LONGEST_ID:
            raise Unkeepable("Its id is too long.")
        return RemoteEvent(**known, content=_content(master, apart, zone), updated_at=isoparse(master["updated"]))
    except Unkeepable as why:
        return RemoteEvent(**known, problem=str(why))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        return RemoteEvent(**known, problem=f"It can't be read ({type(error).__name__}).")


def _etag(master: Item, apart: list[Item]) -> str:
    """The event's own, and a digest of those of its dates: Google's own does not change with them."""
    own = clean(master.get("etag"))[:200]
    if not apart:
        return own
    told = "".join(f"{each.get('id')}{each.get('etag')}{each.get('status')}" for each in apart)
    return f"{own}~{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def own_etag(etag: str) -> str:
    """What Google itself calls the event's version."""
    return etag.partition("~")[0]


def _stamp(master: Item) -> str:
    return clean(master.get("extendedProperties", {}).get("private", {}).get(STAMP))[:255]


def _content(master: Item, apart: Sequence[Item], zone: str) -> EventContent:
    start, end = master["start"], master["end"]
    all_day = "date" in start
    named = "" if all_day else zone_name(clean(start.get("timeZone"))) or zone
    starts_at = _local(start, named)
    rule, exdates, rdates = _recurrence(master.get("recurrence") or [], starts_at, named)
    overrides, gone = _apart(apart, named)
    return EventContent(
        title=clean(master.get("summary")),
        description=clean(master.get("description")),
        location=clean(master.get("location")),
        starts_at=starts_at,
        timezone=named,
        minutes=whole_minutes(_local(end, named) - starts_at),
        all_day=all_day,
        rule=local_until(rule, named or zone, all_day=all_day),
        exdates=exdates | gone,
        rdates=rdates,
        overrides=overrides,
        is_busy=master.get("transparency") != "transparent",
        is_tentative=master.get("status") == "tentative",
        is_private=any(each.get("visibility") in _PRIVATE for each in (master, *apart)),
    )


def _local(told: Item, zone: str) -> datetime:
    if "date" in told:
        return midnight(date.fromisoformat(told["date"]))
    return local_of(isoparse(told["dateTime"]), zone)


def _recurrence(
    lines: Iterable[str], start: datetime, zone: str
) -> tuple[str, frozenset[datetime], frozenset[datetime]]:
    rules, dates = [], {"EXDATE": set[datetime](), "RDATE": set[datetime]()}
    for line in lines:
        name, _, value = line.partition(":")
        name = name.partition(";")[0].upper()
        if name == "RRULE":
            rules.append(value)
        elif name in dates:
            dates[name] |= set(_listed(line, value, start, zone))
        else:
            raise Unkeepable(f"It repeats by {name}.")
    if len(rules) > 1:
        raise Unkeepable("It repeats by more than one rule.")
    return "".join(rules), frozenset(dates["EXDATE"]), frozenset(dates["RDATE"])


def _listed(line: str, values: str, start: datetime, zone: str) -> Iterable[datetime]:
    named = line.partition("TZID=")[2].partition(":")[0].partition(";")[0] or None
    for each in vDDDLists.from_ical(values, timezone=named):  # type: ignore[no-untyped-call]
        moment = each[0] if isinstance(each, tuple) else each
        if isinstance(moment, datetime):
            yield local_of(moment, zone) if zone else midnight(moment)
        else:
            yield datetime.combine(moment, start.time())


def _apart(apart: Iterable[Item], zone: str) -> tuple[dict[datetime, Override], frozenset[datetime]]:
    found, gone = {}, set()
    for each in apart:
        key = _local(each["originalStartTime"], zone)
        if each.get("status") == "cancelled":
            gone.add(key)
            continue
        start = _local(each["start"], zone)
        texts: Any = {name: clean(each.get(theirs)) for name, theirs in _TEXTS.items()}
        found[key] = Override(**texts, starts_at=start, minutes=whole_minutes(_local(each["end"], zone) - start))
    return found, frozenset(gone)


# --- Writing ----------------------------------------------------------------------------------------


def body(content: EventContent, before: EventContent | None = None) -> dict[str, Any]:
    """What differs from ``before``, as Google wants it told; all of it without one."""

    def differs(*names: str) -> bool:
        return before is None or any(getattr(before, name) != getattr(content, name) for name in names)

    texts = _texts(content)
    told: dict[str, Any] = {theirs: getattr(content, name) for name, theirs in texts.items() if differs(name)}
    if differs("is_busy"):
        told["transparency"] = "opaque" if content.is_busy else "transparent"
    if differs("is_tentative"):
        told["status"] = "tentative" if content.is_tentative else "confirmed"
    if differs(*TIMES):
        turns = before is not None and before.all_day != content.all_day
        told |= span(content.starts_at, content.minutes, content, turns=turns)
        lines = _lines(content)
        if lines or before is not None:
            told["recurrence"] = lines
    return told


def _texts(content: EventContent) -> dict[str, str]:
    """What of it is written, by our names."""
    return {} if content.is_private else _TEXTS


def span(start: datetime, minutes: int, content: EventContent, *, turns: bool = False) -> dict[str, Any]:
    """Start and end; ``turns`` takes away what stands there of the other kind."""
    ends = {"start": start, "end": start + timedelta(minutes=minutes)}
    return {name: _told(local, content) | (_nothing(content) if turns else {}) for name, local in ends.items()}


def _told(local: datetime, content: EventContent) -> dict[str, Any]:
    if content.all_day:
        return {"date": local.date().isoformat()}
    zoned = instant_of(local, content.timezone).astimezone(ZoneInfo(content.timezone))
    return {"dateTime": zoned.isoformat(), "timeZone": content.timezone}


def _nothing(content: EventContent) -> dict[str, Any]:
    return {"dateTime": None, "timeZone": None} if content.all_day else {"date": None}


def _lines(content: EventContent) -> list[str]:
    lines = []
    if content.rule:
        lines.append(f"RRULE:{utc_until(content.rule, content.timezone, all_day=content.all_day)}")
    for name, dates in (("EXDATE", content.exdates), ("RDATE", content.rdates)):
        if dates:
            lines.append(_date_line(name, sorted(dates), content))
    return lines


def _date_line(name: str, dates: Iterable[datetime], content: EventContent) -> str:
    if content.all_day:
        return f"{name};VALUE=DATE:{','.join(f'{local:%Y%m%d}' for local in dates)}"
    return f"{name};TZID={content.timezone}:{','.join(f'{local:%Y%m%dT%H%M%S}' for local in dates)}"


def instance_id(event_id: str, key: datetime, content: EventContent) -> str:
    """What Google calls one date of a series: by its original start."""
    if content.all_day:
        return f"{event_id}_{key:%Y%m%d}"
    return f"{event_id}_{instant_of(key, content.timezone):%Y%m%dT%H%M%SZ}"


def date_body(key: datetime, override: Override | None, content: EventContent) -> dict[str, Any]:
    """One date as ``override`` has it; without one, as the series has it."""
    override = override or Override()
    minutes = content.minutes if override.minutes is None else override.minutes
    texts = {
        theirs: getattr(content, name) if getattr(override, name) is None else getattr(override, name)
        for name, theirs in _texts(content).items()
    }
    return {"status": "confirmed", **texts, **span(override.starts_at or key, minutes, content)}
