"""From what somebody wrote down to the columns of an event: rule judged, first start found, span computed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any, TypedDict

from django.core.exceptions import ValidationError

from events.models import Calendar, Event, EventException
from events.recurrence import Moved, RuleInvalid, bounds, first_key, localise_until, parse_rule, span

EARLIEST, LATEST = datetime(1970, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001  local times
MOST_EXCEPTIONS = 1000
WHOLE_DAY = 24 * 60


class NewEventFields(TypedDict, total=False):
    """What people decide about an event. Times are local, without offset; ``recurrence`` is an RRULE's text."""

    title: str
    description: str
    location: str
    starts_at: datetime
    timezone: str
    duration_minutes: int
    all_day: bool
    recurrence: str
    exdates: list[datetime]
    rdates: list[datetime]
    capacity: int | None
    is_busy: bool
    status: str


class EventFields(NewEventFields, total=False):
    """And of one that stands also the calendar that it goes into."""

    calendar: Calendar


TIMING = {"starts_at", "timezone", "duration_minutes", "all_day", "recurrence", "exdates", "rdates"}


def settle_timing(
    event: Event, *, exdates: Iterable[datetime], rdates: Iterable[datetime], moved: Iterable[Moved] = ()
) -> None:
    """Judge the event's times and fill the columns derived from them; writes nothing.

    A start that the rule does not name moves to the rule's first date. ``moved`` is where dates are that lie elsewhere
    than the series has them. Raises ValidationError by field.
    """
    exdates, rdates, moved = set(exdates), set(rdates), list(moved)
    _check_written(event, exdates, rdates, [Moved(event.starts_at, event.duration_minutes), *moved])
    event.starts_at, event.last_local = _limits(event)
    if exdates and first_key(event.series_with(exdates=exdates, rdates=rdates)) is None:
        raise ValidationError({"exdates": "These leave no date at all."})
    # Without a rule, dates may still be added, and the start itself may be taken out.
    starts = [event.starts_at, *rdates] if event.recurrence else {event.starts_at, *rdates} - exdates
    _place(event, starts, moved, ends=not event.recurrence or event.last_local is not None)


def exception_rows(event: Event, *, exdates: Iterable[datetime], rdates: Iterable[datetime]) -> list[EventException]:
    """Unsaved rows for the dates taken out and added, each once."""
    kinds = {EventException.Kind.EXDATE: exdates, EventException.Kind.RDATE: rdates}
    return [
        EventException(event=event, kind=kind, recurrence_id=local)
        for kind, dates in kinds.items()
        for local in sorted(set(dates))
    ]


def write_exceptions(event: Event, *, exdates: Iterable[datetime], rdates: Iterable[datetime]) -> None:
    """Instead of those that stand there."""
    event.exceptions.all().delete()
    EventException.objects.bulk_create(exception_rows(event, exdates=exdates, rdates=rdates))


def _check_written(event: Event, exdates: set[datetime], rdates: set[datetime], places: Sequence[Moved]) -> None:
    errors: dict[str, Any] = {}
    starts, dates = [place.starts_at for place in places], exdates | rdates
    if not all(EARLIEST <= local < LATEST for local in (*starts, *dates)):
        errors["starts_at"] = f"Dates lie between {EARLIEST.year} and {LATEST.year - 1}."
    for name, written in {"starts_at": starts, "rdates": rdates}.items():
        if event.all_day and any(local.time() != time.min for local in written):
            errors[name] = "A whole-day event starts at 00:00:00."
    if event.all_day and any(place.duration_minutes % WHOLE_DAY for place in places):
        errors["duration_minutes"] = f"A whole-day event lasts whole days, {WHOLE_DAY} minutes each."
    if len(dates) + len(places) - 1 > MOST_EXCEPTIONS:
        errors["exdates"] = f"At most {MOST_EXCEPTIONS} dates can be added, taken out or differ."
    if errors:
        raise ValidationError(errors)


def _limits(event: Event) -> tuple[datetime, datetime | None]:
    """Its first date, and where its rule ends."""
    if not event.recurrence:
        return event.starts_at, None
    try:
        rule = parse_rule(localise_until(event.recurrence, event.timezone))
        found = bounds(rule, event.starts_at)
    except RuleInvalid as refused:
        raise ValidationError({"recurrence": str(refused)}) from None
    event.recurrence = rule.text
    return found.first, found.last


def _place(event: Event, starts: Iterable[datetime], moved: Iterable[Moved], *, ends: bool) -> None:
    """The span of all occurrences as instants, so that the database can leave out what lies elsewhere."""
    written = [span(local, event.timezone, event.duration_minutes) for local in (*starts, *_rule_end(event))]
    written += [span(place.starts_at, event.timezone, place.duration_minutes) for place in moved]
    event.first_utc = min(each.starts_at for each in written)
    event.until_utc = max(each.ends_at for each in written) if ends else None


def _rule_end(event: Event) -> list[datetime]:
    return [event.last_local] if event.last_local else []
