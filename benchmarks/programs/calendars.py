"""`python -m benchmarks.programs.calendars 5`: seconds per round of each way to find what is on, as JSON."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import django

django.setup()

import icalendar  # noqa: E402  all below needs the app registry, which the call above loads
import recurrence  # noqa: E402
import recurring_ical_events  # noqa: E402
from dateutil.rrule import rrulestr  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from benchmarks.recurrence import (  # noqa: E402
    DJANGO_RECURRENCE,
    MINE,
    OFFICE,
    OURS,
    PLAIN,
    RECURRING_ICAL_EVENTS,
    RULES,
)
from estateman.people.models import OfficeRole, User  # noqa: E402
from events.models import Calendar, Event  # noqa: E402
from events.models.events import EventQuerySet  # noqa: E402
from events.occurrences import Narrowing, occurrences_for  # noqa: E402
from events.recurrence import Series, bounds, occurrences, parse_rule  # noqa: E402
from events.services.timing import settle_timing  # noqa: E402

ZONE = "America/New_York"
BEGAN = datetime(2016, 11, 1, 9)  # noqa: DTZ001  local times have no zone
MONTH = (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
CALENDARS, EACH = 200, 50
DAY = timedelta(days=1)
Ways = dict[str, Callable[[], int]]


def windows(text: str) -> Ways:
    """A month at the end of ten years of one rule; all have read the rule beforehand."""
    start = bounds(parse_rule(text), BEGAN).first
    ours = Series(start, ZONE, 60, parse_rule(text))
    theirs = recurrence.deserialize(f"RRULE:{text}")
    aware = start.replace(tzinfo=ZoneInfo(ZONE))
    calendar = icalendar.Calendar()
    calendar.add_component(_in_ical(start, text))
    return {
        OURS: lambda: len(occurrences(ours, *MONTH)),
        DJANGO_RECURRENCE: lambda: len(list(theirs.between(*MONTH, dtstart=aware, inc=True))),
        RECURRING_ICAL_EVENTS: lambda: len(recurring_ical_events.of(calendar).between(*MONTH)),
    }


def _in_ical(start: datetime, text: str) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", str(uuid4()))
    event.add("dtstart", start.replace(tzinfo=ZoneInfo(ZONE)))
    event.add("duration", timedelta(hours=1))
    event.add("rrule", icalendar.vRecur.from_ical(text))
    return event


def fill(people: Sequence[User]) -> list[Calendar]:
    """As many calendars as people, with as many series each, begun over ten years; three of five have ended."""
    calendars = Calendar.objects.bulk_create(
        Calendar(name=f"Calendar {number}", timezone=ZONE, owner=owner) for number, owner in enumerate(people)
    )
    Event.objects.bulk_create(_series(calendar, number) for calendar in calendars for number in range(EACH))
    return calendars


def _series(calendar: Calendar, number: int) -> Event:
    rule = list(RULES.values())[number % len(RULES)]
    has_ended = number % 5 < 3
    start = BEGAN + number * 67 % (2800 if has_ended else 3500) * DAY
    if has_ended:
        rule += f";UNTIL={start + (400 + number * 13 % 300) * DAY:%Y%m%dT%H%M%S}"
    event = Event(
        calendar=calendar, title=f"Showing {number}", starts_at=start, timezone=ZONE, recurrence=rule, created_by=None
    )
    settle_timing(event, exdates=[], rdates=[])
    return event


def plainly(events: EventQuerySet) -> int:
    """What one writes first: every rule that there is, through dateutil, in local time."""
    found = 0
    for start, zone, minutes, text in events.values_list("starts_at", "timezone", "duration_minutes", "recurrence"):
        found += sum(1 for _ in _expanded(start, ZoneInfo(zone), timedelta(minutes=minutes), text))
    return found


def _expanded(start: datetime, zone: ZoneInfo, length: timedelta, text: str) -> Iterator[tuple[datetime, datetime]]:
    after, before = (moment.astimezone(zone).replace(tzinfo=None) for moment in MONTH)
    for local in rrulestr(text, dtstart=start).between(after - length - DAY, before + DAY, inc=True):
        begins = local.replace(tzinfo=zone).astimezone(UTC)
        ends = (local + length).replace(tzinfo=zone).astimezone(UTC)
        if begins < MONTH[1] and ends > MONTH[0]:
            yield begins, ends


def months(people: Sequence[User], calendars: Sequence[Calendar]) -> dict[str, Ways]:
    manager, mine = people[0], calendars[1]
    in_ical = icalendar.Calendar()
    for start, text in mine.events.values_list("starts_at", "recurrence"):
        in_ical.add_component(_in_ical(start, text))
    return {
        OFFICE: {
            OURS: lambda: len(occurrences_for(manager, *MONTH)),
            PLAIN: lambda: plainly(Event.objects.all()),
        },
        MINE: {
            OURS: lambda: len(occurrences_for(mine.owner or manager, *MONTH, Narrowing(calendar=mine.pk))),
            PLAIN: lambda: plainly(Event.objects.filter(calendar=mine)),
            RECURRING_ICAL_EVENTS: lambda: len(recurring_ical_events.of(in_ical).between(*MONTH)),
        },
    }


def timed(ways: Ways, rounds: int) -> dict[str, list[float]]:
    """CPU seconds per round, the ways by turns; they must find as much as one another."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        found = {}
        for name, way in ways.items():
            began = time.process_time()
            found[name] = way()
            if number:  # the first round warms up
                seconds[name].append(time.process_time() - began)
        assert len(set(found.values())) == 1, found
    return seconds


def main(rounds: int) -> dict[str, Any]:
    people = User.objects.bulk_create(
        User(
            email=f"calendars{number}@benchmark.example",
            name=f"Calendars {number}",
            role=OfficeRole.AGENT if number else OfficeRole.MANAGER,
        )
        for number in range(CALENDARS)
    )
    views = months(people, fill(people))
    with CaptureQueriesContext(connection) as asked:
        views[MINE][OURS]()
    seconds = {name: timed(windows(text), rounds) for name, text in RULES.items()}
    seconds |= {name: timed(ways, 3 if name == OFFICE else rounds) for name, ways in views.items()}
    return {"seconds": seconds, "queries": len(asked)}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
