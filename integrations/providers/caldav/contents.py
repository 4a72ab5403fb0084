"""An iCalendar object (RFC 5545) as an event that every provider understands."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar

from integrations.providers._events import (
    DAY_MINUTES,
    LONGEST_ID,
    Unkeepable,
    clean,
    local_of,
    local_until,
    midnight,
    whole_minutes,
    zone_name,
)
from integrations.spi import EventContent, Override, RemoteEvent

STAMP = "X-ESTATEMAN-UID"
Component = Any
"""A VEVENT; the library's own types say of a property only that it may be anything."""
NAMES = {"title": "SUMMARY", "description": "DESCRIPTION", "location": "LOCATION"}


def read(url: str, content: bytes, etag: str, zone: str) -> RemoteEvent:
    """The event in one resource; ``zone`` is that of times that name none. One with a problem says which."""
    known: dict[str, Any] = {"id": url, "etag": etag}
    try:
        if len(url) > LONGEST_ID:
            raise Unkeepable("Its address is too long.")
        master, changed = components_of(Calendar.from_ical(content))
        known |= {"uid": clean(str(master.get("UID", "")))[:255], "stamp": clean(str(master.get(STAMP, "")))[:255]}
        updated = _instant(master, "LAST-MODIFIED") or _instant(master, "DTSTAMP")
        if is_off(master):
            return RemoteEvent(**known, updated_at=updated)
        return RemoteEvent(**known, content=_content(master, changed, zone), updated_at=updated)
    except Unkeepable as why:
        return RemoteEvent(**known, problem=str(why))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, ArithmeticError) as error:
        return RemoteEvent(**known, problem=f"It can't be read ({type(error).__name__}).")


def keeps_an_event(content: bytes) -> bool:
    return b"BEGIN:VEVENT" in content.upper()


def has_guests(content: bytes) -> bool:
    # Long lines are folded (RFC 5545, 3.1), but no name is so long.
    return any(line.upper().startswith((b"ATTENDEE:", b"ATTENDEE;")) for line in content.splitlines())


def components_of(calendar: Any) -> tuple[Component, list[Component]]:
    """The event, and those of its dates that differ."""
    found = calendar.walk("VEVENT")
    masters = [each for each in found if "RECURRENCE-ID" not in each]
    if not masters:
        raise Unkeepable("It is a date of a series that is not in this calendar.")
    if len(masters) > 1:
        raise Unkeepable("Several events are kept as one.")
    return masters[0], [each for each in found if "RECURRENCE-ID" in each]


def _content(master: Component, changed: Sequence[Component], zone: str) -> EventContent:
    start = master["DTSTART"].dt
    all_day = not isinstance(start, datetime)
    named = "" if all_day else _zone_of(master["DTSTART"], zone)
    starts_at = _local(start, named)
    if "EXRULE" in master or isinstance(master.get("RRULE"), list):
        raise Unkeepable("It repeats by more than one rule.")
    rule = master["RRULE"].to_ical().decode() if "RRULE" in master else ""
    minutes = _minutes(master, named)
    texts: Any = {name: clean(str(master.get(key, ""))) for name, key in NAMES.items()}
    plain = EventContent(**texts, starts_at=starts_at, minutes=minutes, timezone=named, all_day=all_day)
    overrides, gone = _overrides(changed, plain)
    return EventContent(
        **texts,
        starts_at=starts_at,
        minutes=minutes,
        timezone=named,
        all_day=all_day,
        rule=local_until(rule, named or zone, all_day=all_day),
        exdates=frozenset(_dates(master, "EXDATE", plain)) | gone,
        rdates=frozenset(_dates(master, "RDATE", plain)),
        overrides=overrides,
        is_busy=str(master.get("TRANSP", "")).upper() != "TRANSPARENT",
        is_tentative=str(master.get("STATUS", "")).upper() == "TENTATIVE",
        is_private=any(_is_private(each) for each in (master, *changed)),
    )


def _is_private(component: Component) -> bool:
    """Whatever class is not known is to be taken for private (RFC 5545, 3.8.1.3)."""
    return str(component.get("CLASS", "PUBLIC")).upper() != "PUBLIC"


def _zone_of(start: Any, zone: str) -> str:
    """The IANA zone of a start; ``zone`` for one that floats, and for one whose zone only its own file knows."""
    if start.dt.tzinfo is None:
        return zone
    named = zone_name(getattr(start.dt.tzinfo, "key", "")) or zone_name(str(start.params.get("TZID", "")))
    return named or zone


def _local(moment: date, zone: str) -> datetime:
    return local_of(moment, zone or "UTC") if isinstance(moment, datetime) else midnight(moment)


def _minutes(component: Component, zone: str) -> int:
    start = component["DTSTART"].dt
    if "DTEND" in component:
        return whole_minutes(_local(component["DTEND"].dt, zone) - _local(start, zone))
    if "DURATION" in component:
        span: timedelta = component["DURATION"].dt
        return whole_minutes(span)
    return 0 if isinstance(start, datetime) else DAY_MINUTES


def _dates(master: Component, name: str, event: EventContent) -> Iterable[datetime]:
    """As local starts; a bare date of an event with a time means that day."""
    told = master.get(name, [])
    for line in told if isinstance(told, list) else [told]:
        for each in line.dts:
            moment = each.dt[0] if isinstance(each.dt, tuple) else each.dt
            yield start_on(moment, event)


def start_on(moment: date, event: EventContent) -> datetime:
    if isinstance(moment, datetime):
        return midnight(moment) if event.all_day else local_of(moment, event.timezone)
    return datetime.combine(moment, event.starts_at.time())


def _overrides(changed: Iterable[Component], event: EventContent) -> tuple[dict[datetime, Override], set[datetime]]:
    """By original start; and the dates that were cancelled."""
    found, gone = {}, set()
    for each in changed:
        if "RANGE" in each["RECURRENCE-ID"].params:
            raise Unkeepable("A date of it changes all that follow.")
        key = start_on(each["RECURRENCE-ID"].dt, event)
        if is_off(each):
            gone.add(key)
            continue
        start = _local(each["DTSTART"].dt, event.timezone)
        values: Any = {"starts_at": start, "minutes": _minutes(each, event.timezone)}
        values |= {name: clean(str(each.get(ical, ""))) for name, ical in NAMES.items()}
        found[key] = Override(**values)
    return found, gone


def is_off(component: Component) -> bool:
    return str(component.get("STATUS", "")).upper() == "CANCELLED"


def _instant(component: Component, name: str) -> datetime | None:
    moment = getattr(component.get(name), "dt", None)
    return moment if isinstance(moment, datetime) and moment.tzinfo else None
