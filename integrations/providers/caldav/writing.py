"""An event written into an iCalendar object (RFC 5545): a new one, or one that stands on a server."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, vRecur
from icalendar import Event as VEvent

from estateman.common import clock
from estateman.common.timezones import vtimezone
from integrations.providers._events import Unkeepable, utc_until, zone_name
from integrations.providers.caldav.contents import NAMES, STAMP, Component, components_of, is_off, start_on
from integrations.spi import EventContent, Override, ProviderError

TIMES = ("starts_at", "timezone", "minutes", "all_day", "rule")
_PATCHED = ("title", "description", "location")


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
        event, _ = components_of(calendar)
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
    for name, ical in NAMES.items():
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
    there = {start_on(each["RECURRENCE-ID"].dt, content): each for each in apart if not is_off(each)}
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
        _set(component, NAMES[name], getattr(content, name) if value is None else value)
    _note_change(component, moves=False)
    return component


def _like(event: Component) -> Component:
    """A date of it with its words, open to those whom it is open to."""
    component = VEvent()
    for name in (*NAMES.values(), "CLASS"):
        _set(component, name, event.get(name))
    return component
