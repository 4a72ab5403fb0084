"""`python -m benchmarks.programs.booking 500 9`: seconds per round of inserts with the guard and without, as JSON."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta

import django

django.setup()

from django.db import connection  # noqa: E402  all below needs the app registry, which the call above loads

from benchmarks.booking import GUARDED, UNGUARDED  # noqa: E402
from estateman.people.models import OfficeRole, User  # noqa: E402
from events.models import Event, Resource, ResourceBooking  # noqa: E402
from events.services import create_calendar, create_event, create_resource  # noqa: E402

FIRST = datetime(2031, 3, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
GUARD = next(each for each in ResourceBooking._meta.constraints if each.name == "no_overlapping_bookings")


class Bench:
    """One room, and an event whose bookings take it, slot after slot."""

    def __init__(self, count: int) -> None:
        self.by = User.objects.create_user("booker@bench.example", name="Booker", role=OfficeRole.MANAGER)
        calendar = create_calendar(name="Bench", timezone="UTC", by=self.by)
        self.room: Resource = create_resource(name="Room", kind="room", timezone="UTC", by=self.by)
        start = FIRST.replace(tzinfo=None)
        self.event: Event = create_event(calendar, title="Slot", starts_at=start, by=self.by)
        self.count = count
        self.is_guarded = True

    def insert(self) -> None:
        """The bare rows, each in a transaction of its own."""
        for number in range(self.count):
            start = FIRST + number * HOUR
            ResourceBooking.objects.create(
                event=self.event,
                resource=self.room,
                booked_by=self.by,
                recurrence_id=start.replace(tzinfo=None),
                starts_at=start,
                ends_at=start + HOUR,
                blocked_from=start,
                blocked_until=start + HOUR,
            )

    def guard(self, *, is_on: bool) -> None:
        """With the database's refusal of overlaps, or without it; the table is empty."""
        if is_on == self.is_guarded:
            return
        with connection.schema_editor() as editor:
            (editor.add_constraint if is_on else editor.remove_constraint)(ResourceBooking, GUARD)
        self.is_guarded = is_on


def main(count: int, rounds: int) -> dict[str, list[float]]:
    bench = Bench(count)
    seconds: dict[str, list[float]] = {GUARDED: [], UNGUARDED: []}
    for number in range(rounds + 1):
        for name, taken in seconds.items():
            bench.guard(is_on=name == GUARDED)
            began = time.perf_counter()
            bench.insert()
            if number:  # the first round warms up
                taken.append(time.perf_counter() - began)
            ResourceBooking.objects.all().delete()
    return seconds


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
