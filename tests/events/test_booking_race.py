# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Many processes after one slot: one has it, whichever database refuses the others, and nobody is left waiting."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import datetime

import pytest
from django.conf import settings
from django.db import connection

from events.models import ResourceBooking
from events.services import create_event, create_resource

pytestmark = [pytest.mark.processes, pytest.mark.timeout(600), pytest.mark.django_db(transaction=True)]
RIVALS = 16
# SQLite lets them in one at a time, and whoever waits sleeps: a slot takes seconds.
SLOTS = 30 if settings.SCALED_OUT else 4
NINE = datetime(2027, 3, 1, 9)

# One process that forks once it is ready, each with a connection of its own: to start sixteen would take a minute.
RIVAL = """
import json, sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from datetime import timedelta
from multiprocessing import get_context
from django.db import connections
from events.models import Event, Resource
from events.services import book_resources

def compete(number, barrier, results):
    connections["default"].close()
    event = Event.objects.select_related("calendar__owner").get(pk=events[number])
    resources = list(Resource.objects.filter(pk__in=json.loads(sys.argv[3])).order_by("pk"))
    tries = []
    for slot in range(int(sys.argv[4])):
        at = event.starts_at + timedelta(days=slot)
        barrier.wait()
        try:
            book_resources(event, resources[:: -1 if number % 2 else 1], recurrence_id=at, by=event.calendar.owner)
            tries.append([slot, "booked"])
        except Exception as error:
            tries.append([slot, type(error).__name__])
    results.put(tries)

if __name__ == "__main__":
    events = json.loads(sys.argv[2])
    fork = get_context("fork")
    barrier, results = fork.Barrier(len(events)), fork.Queue()
    rivals = [fork.Process(target=compete, args=(number, barrier, results)) for number in range(len(events))]
    for rival in rivals:
        rival.start()
    print(json.dumps([each for _ in rivals for each in results.get(timeout=500)]))
"""


def compete(calendar, resources, *, rivals, slots):
    """Each rival has a daily event and tries to book all ``resources`` for each date, all at once; what came of it."""
    daily = f"FREQ=DAILY;COUNT={slots}"
    events = [
        create_event(calendar, by=calendar.owner, title=f"Showing {n}", starts_at=NINE, recurrence=daily).pk
        for n in range(rivals)
    ]
    name = str(connection.settings_dict["NAME"])
    said = [json.dumps(events), json.dumps([resource.pk for resource in resources]), str(slots)]
    command = [sys.executable, "-c", RIVAL, name, *said]
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "estateman.settings"}
    done = subprocess.run(command, env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_of_sixteen_processes_after_thirty_slots_one_wins_each(calendar, room):
    tries = compete(calendar, [room], rivals=RIVALS, slots=SLOTS)
    assert Counter(how for _, how in tries) == {"booked": SLOTS, "BookingConflict": SLOTS * (RIVALS - 1)}
    assert {slot for slot, how in tries if how == "booked"} == set(range(SLOTS))
    assert ResourceBooking.objects.holding().count() == SLOTS


@pytest.mark.scaled
def test_two_resources_in_opposite_order_deadlock_nobody(manager, calendar):
    pair = [create_resource(name=name, kind="key", by=manager) for name in ("Keys A", "Keys B")]
    tries = compete(calendar, pair, rivals=8, slots=15)
    assert Counter(how for _, how in tries) == {"booked": 15, "BookingConflict": 15 * 7}
    assert ResourceBooking.objects.holding().count() == 30


@pytest.mark.scaled
def test_each_of_three_units_has_one_winner(manager, calendar):
    keys = create_resource(name="Keys", kind="key", units=3, by=manager)
    tries = compete(calendar, [keys], rivals=8, slots=10)
    assert Counter(how for _, how in tries) == {"booked": 30, "BookingConflict": 50}
    assert Counter(keys.bookings.values_list("unit", flat=True)) == {1: 10, 2: 10, 3: 10}
