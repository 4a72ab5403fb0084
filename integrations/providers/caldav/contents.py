"""An iCalendar object (RFC 5545) as an event that every provider understands, and back."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, vRecur
from icalendar import Event as VEvent

from estateman.common import clock
from estateman.common.timezones import vtimezone
from integrations.providers._events import (
    DAY_MINUTES,
    LONGEST_ID,
    Unkeepable,
    clean,
    local_of,
    local_until,
    midnight,
    utc_until,
    whole_minutes,
    zone_name,
)
from integrations.spi import EventContent, Override, ProviderError, RemoteEvent

STAMP = "X-ESTATEMAN-UID"
Component = Any
"""A VEVENT; the library's own types say of a property only that it may be anything."""
TIMES = ("starts_at", "timezone", "minutes", "all_day", "rule")
_PATCHED = ("title", "description", "location")
_NAMES = {"title": "SUMMARY", "description": "DESCRIPTION", "location": "LOCATION"}


def read(url: str, content: bytes, etag: str, zone: str) -> RemoteEvent:
    """The event in one resource; ``zone`` is that of times that name none. One with a problem says which."""
    known: dict[str, Any] = {"id": url, "etag": etag}
    try:
        if len(url) > LONGEST_ID:
            raise Unkeepable("Its address is too long.")
        master, changed = _components(Calendar.from_ical(content))
        known |= {"uid": clean(str(master.get("UID", "")))[:255], "stamp": clean(str(master.get(STAMP, "")))[:255]}
        updated = _instant(master, "LAST-MODIFIED") or _instant(master, "DTSTAMP")
        if _is_off(master):
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


def _components(calendar: Any) -> tuple[Component, list[Component]]:
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
    texts: Any = {name: clean(str(master.get(key, ""))) for name, key in _NAMES.items()}
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
            yield _start_on(moment, event)


def _start_on(moment: date, event: EventContent) -> datetime:
    if isinstance(moment, datetime):
        return midnight(moment) if event.all_day else local_of(moment, event.timezone)
    return datetime.combine(moment, event.starts_at.time())


def _overrides(changed: Iterable[Component], event: EventContent) -> tuple[dict[datetime, Override], set[datetime]]:
    """By original start; and the dates that were cancelled."""
    found, gone = {}, set()
    for each in changed:
        if "RANGE" in each["RECURRENCE-ID"].params:
            raise Unkeepable("A date of it changes all that follow.")
        key = _start_on(each["RECURRENCE-ID"].dt, event)
        if _is_off(each):
            gone.add(key)
            continue
        start = _local(each["DTSTART"].dt, event.timezone)
        values: Any = {"starts_at": start, "minutes": _minutes(each, event.timezone)}
        values |= {name: clean(str(each.get(ical, ""))) for name, ical in _NAMES.items()}
        found[key] = Override(**values)
    return found, gone


def _is_off(component: Component) -> bool:
    return str(component.get("STATUS", "")).upper() == "CANCELLED"


def _instant(component: Component, name: str) -> datetime | None:
    moment = getattr(component.get(name), "dt", None)
    return moment if isinstance(moment, datetime) and moment.tzinfo else None


# --- Writing ----------------------------------------------------------------------------------------


def new(content: EventContent, *, uid: str) -> bytes:
    """An iCalendar object with the event, stamped as ours."""
    calendar: Any = Calendar()
    calendar.add("PRODID", "-//Estateman//EN")
    calendar.add("VERSION", "2.0")
    event: Any = VEvent()
    event.add("UID", uid)
    event.add(STAMP, uid)
    calendar.add_component(event)
    return _rewritten(calendar, event, content, before=None)


def changed(there: bytes, content: EventContent, *, before: EventContent) -> bytes:
    """What stands there with what differs from ``before``; alarms, guests and the rest stay as they are."""
    try:
        calendar: Any = Calendar.from_ical(there)
        event, _ = _components(calendar)
    except (Unkeepable, ValueError, IndexError, KeyError):
        raise ProviderError("What stands there can't be read.", permanent=True) from None
    return _rewritten(calendar, event, content, before=before)


def _rewritten(calendar: Any, event: Component, content: EventContent, *, before: EventContent | None) -> bytes:
    differs = {
        field.name
        for field in fields(EventContent)
        if before is None or getattr(before, field.name) != getattr(content, field.name)
    }
    moves = bool(differs & set(TIMES))
    # A date that was cancelled may be kept as one that differs, so both are written together.
    touches_dates = moves or bool(differs & {"overrides", "exdates", *_PATCHED})
    for name, ical in _NAMES.items():
        if name in differs and not content.is_private:
            _set(event, ical, getattr(content, name))
    if moves:
        _set_span(event, content.starts_at, content.minutes, content)
        rule = utc_until(content.rule, content.timezone, all_day=content.all_day)
        _set(event, "RRULE", vRecur.from_ical(rule) if rule else None)
    if moves or "rdates" in differs:
        _set_dates(event, "RDATE", content.rdates, content)
    if touches_dates:
        _set_dates(event, "EXDATE", content.exdates, content)
        _set_overrides(calendar, event, content, moves=moves)
    if "is_busy" in differs:
        _set(event, "TRANSP", None if content.is_busy else "TRANSPARENT")
    if "is_tentative" in differs:
        _set(event, "STATUS", "TENTATIVE" if content.is_tentative else "CONFIRMED")
    _note_change(event, moves=moves and before is not None)
    _define_zones(calendar, content, moves=moves)
    written: bytes = calendar.to_ical()
    return written


def _define_zones(calendar: Any, content: EventContent, *, moves: bool) -> None:
    """By rules: servers read those, where of dates in a list some keep only the first, and take its summers for winter.

    The zone of an event that ``moves`` is told anew, for the years that it is in now.
    """
    if moves:
        kept = [each for each in calendar.subcomponents if not _defines(each, content.timezone)]
        calendar.subcomponents[:] = kept
    first = min(
        [content.starts_at, *content.rdates, *(each.starts_at or key for key, each in content.overrides.items())]
    )
    for zone in sorted(calendar.get_missing_tzids()):
        if zone_name(zone) == zone:
            calendar.subcomponents.insert(0, vtimezone(zone, first.year))


def _defines(component: Component, zone: str) -> bool:
    return component.name == "VTIMEZONE" and str(component.get("TZID", "")) == zone


def _note_change(event: Component, *, moves: bool) -> None:
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        _set(event, name, clock.now().replace(microsecond=0))
    if moves:
        _set(event, "SEQUENCE", int(event.get("SEQUENCE", 0)) + 1)


def _set(component: Component, name: str, value: Any) -> None:
    component.pop(name, None)
    if value not in (None, ""):
        component.add(name, value)


def _moment(local: datetime, content: EventContent) -> date:
    return local.date() if content.all_day else local.replace(tzinfo=ZoneInfo(content.timezone))


def _set_span(component: Component, start: datetime, minutes: int, content: EventContent) -> None:
    component.pop("DURATION", None)
    _set(component, "DTSTART", _moment(start, content))
    _set(component, "DTEND", _moment(start + timedelta(minutes=minutes), content))


def _set_dates(event: Component, name: str, dates: Iterable[datetime], content: EventContent) -> None:
    event.pop(name, None)
    for local in sorted(dates):
        day = _moment(local, content)
        event.add(name, day, parameters=None if isinstance(day, datetime) else {"VALUE": "DATE"})


def _set_overrides(calendar: Any, event: Component, content: EventContent, *, moves: bool) -> None:
    """Each date that differs is an event of its own beside the series; alarms, guests and the rest of it stay.

    So do those that differ in nothing that is known here, unless the series ``moves`` away from under them.
    """
    apart = [each for each in calendar.walk("VEVENT") if "RECURRENCE-ID" in each]
    # One that was cancelled has nothing to go on with: it would stay cancelled, whatever it says.
    there = {_start_on(each["RECURRENCE-ID"].dt, content): each for each in apart if not _is_off(each)}
    kept = [each for each in calendar.subcomponents if not any(each is one for one in apart)]
    calendar.subcomponents[:] = kept
    alike = set() if moves else there.keys() - content.exdates
    for key in sorted({*content.overrides, *alike}):
        override = content.overrides.get(key, Override())
        calendar.add_component(_date_apart(event, key, override, content, there.get(key)))


def _date_apart(
    event: Component, key: datetime, override: Override, content: EventContent, old: Component | None
) -> Component:
    component = _like(event) if old is None else old
    component["UID"] = event["UID"]
    _set(component, "RECURRENCE-ID", _moment(key, content))
    minutes = content.minutes if override.minutes is None else override.minutes
    _set_span(component, override.starts_at or key, minutes, content)
    for name in () if content.is_private else _PATCHED:
        value = getattr(override, name)
        _set(component, _NAMES[name], getattr(content, name) if value is None else value)
    _note_change(component, moves=False)
    return component


def _like(event: Component) -> Component:
    """A date of it with its words, open to those whom it is open to."""
    component = VEvent()
    for name in (*_NAMES.values(), "CLASS"):
        _set(component, name, event.get(name))
    return component
