"""`python -m benchmarks.programs.meetings 20 14`: find a time for ten people and so many rooms, in so many days."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402  all below needs the app registry, which the call above loads
from django.test.utils import CaptureQueriesContext  # noqa: E402

from benchmarks.programs.staff import hire  # noqa: E402
from estateman.people.models import User  # noqa: E402
from events import services  # noqa: E402
from events.finding import Meeting, Wish, find_meeting  # noqa: E402
from events.models import Resource  # noqa: E402

PEOPLE, REQUIRED, ROUNDS = 10, 6, 15
START = datetime(2031, 3, 3, 5, tzinfo=UTC)


def plan(people: list[User], rooms: int, days: int) -> list[Resource]:
    """Each has a series a day and a single event every other day; a third of the singles have a room."""
    made = [
        services.create_resource(name=f"Room {number}", kind="room", capacity=4 + number, by=people[0])
        for number in range(rooms)
    ]
    for number, person in enumerate(people):
        calendar = services.create_calendar(name=person.name, timezone="America/New_York", by=person)
        common: dict[str, Any] = {"duration_minutes": 30, "by": person}
        first = datetime(2031, 1, 6, 9 + number % 8)  # noqa: DTZ001  local time by design
        services.create_event(calendar, title="Daily", starts_at=first, recurrence="FREQ=DAILY", **common)
        for day in range(0, days, 2):
            start = datetime(2031, 3, 3, 10 + (number + day) % 6) + timedelta(days=day)  # noqa: DTZ001
            event = services.create_event(calendar, title="Showing", starts_at=start, **common)
            if day % 6 == 0:
                services.book_resource(event, made[number % rooms], by=person)
    return made


def measured(meeting: Meeting, by: User) -> tuple[float, int]:
    """Milliseconds, the median, and the number of queries."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        find_meeting(meeting, limit=10, by=by)
        taken.append(time.perf_counter() - began)
    with CaptureQueriesContext(connection) as queries:
        find_meeting(meeting, limit=10, by=by)
    return 1000 * median(taken), len(queries)


def main() -> None:
    rooms, days = map(int, sys.argv[1:])
    people = [User.objects.get(pk=hire(number)["id"]) for number in range(PEOPLE)]
    made = plan(people, rooms, days)
    window: dict[str, Any] = {"start": START, "end": START + timedelta(days=days), "duration": timedelta(minutes=60)}
    many = Meeting(required=people[:REQUIRED], optional=people[REQUIRED:], needs=[Wish(kind="room")], **window)
    few = Meeting(required=people[:2], needs=[Wish(resource=made[0])], **window)
    (ms, queries), (few_ms, few_queries) = (measured(meeting, people[0]) for meeting in (many, few))
    print(json.dumps({"ms": ms, "queries": queries, "few_ms": few_ms, "few_queries": few_queries}))


if __name__ == "__main__":
    main()
