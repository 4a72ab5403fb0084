"""Two at once, and a worker killed in between: everything is kept once, and nothing is lost."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from estateman.activity.models import Activity
from integrations.models import WebhookEvent
from integrations.services.webhooks_processing import process_due
from integrations.services.webhooks_replay import StillWaiting, replay_event
from tests.support.beacon import tell
from tests.support.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)
MOVED = {"means": {"calendar": {"channel": "c1"}}}
AT_ONCE = 6


def moved():
    return Activity.objects.filter(kind="calendar.moved_outside").count()


def test_told_several_times_at_once_it_is_kept_once(beacon, in_threads):
    beacon()
    answers = in_threads(AT_ONCE, lambda _: tell({"id": "1", "once": "t1"}).status_code)
    assert answers == [200] * AT_ONCE
    assert WebhookEvent.objects.get().times_received == AT_ONCE


def test_batches_that_overlap_do_not_wait_for_each_other_for_ever(beacon, in_threads):
    beacon()
    events = [{"id": str(number)} for number in range(20)]

    def told(number):
        return tell(*(reversed(events) if number % 2 else events)).status_code

    assert in_threads(AT_ONCE, told) == [200] * AT_ONCE
    assert set(WebhookEvent.objects.values_list("times_received", flat=True)) == {AT_ONCE}


def test_of_two_things_under_one_token_at_once_one_is_kept(beacon, in_threads):
    beacon()
    answers = in_threads(2, lambda number: tell({"id": str(number), "once": "t1"}).status_code)
    assert sorted(answers) == [200, 403]
    assert WebhookEvent.objects.count() == 1


def test_two_workers_at_once_process_it_once(beacon, in_threads):
    beacon()
    tell(*({"id": str(number), **MOVED} for number in range(5)))
    in_threads(3, lambda _: process_due())
    assert moved() == 5


def test_two_who_ask_at_once_replay_it_once(beacon, manager, in_threads):
    beacon()
    tell({"id": "1", **MOVED})
    process_due()
    event = WebhookEvent.objects.get()
    results = in_threads(2, lambda _: replay_event(WebhookEvent.objects.get(pk=event.pk), by=manager))
    assert sum(isinstance(result, StillWaiting) for result in results) == 1
    process_due()
    assert moved() == 2


# A worker that stops right after the effect, so that it can be killed before it notes what it did.
WORKER = """
import sys, time
from datetime import timedelta
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from integrations import registry
from integrations.services import webhooks_processing
from integrations.spi import CalendarChanged
from tests.support import beacon
registry.all_providers()
registry.provider("beacon", **beacon.DECORATION)(beacon.Beacon)
webhooks_processing.LEASE = timedelta(seconds=1)
announce = webhooks_processing._HANDLERS[CalendarChanged]

def announce_and_hang(integration, moved):
    announce(integration, moved)
    print("announced", flush=True)
    time.sleep(60)

webhooks_processing._HANDLERS[CalendarChanged] = announce_and_hang
webhooks_processing.process_due()
"""


@pytest.mark.processes
def test_killed_between_the_effect_and_its_note_it_is_processed_again(beacon):
    beacon()
    tell({"id": "1", **MOVED})
    name = str(connection.settings_dict["NAME"])
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "estateman.settings", "PYTHONPATH": "."}
    command = [sys.executable, "-c", WORKER, name]
    with subprocess.Popen(command, env=env, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True) as doomed:
        assert doomed.stdout is not None
        assert doomed.stdout.readline() == "announced\n"
        doomed.kill()
    event = WebhookEvent.objects.get()
    assert (event.status, event.tries.count(), moved()) == ("received", 0, 1)
    eventually(process_due)
    event.refresh_from_db()
    assert (event.status, event.attempts, event.tries.count()) == ("processed", 2, 1)
    # It was announced twice: the second time whoever fetches the calendar finds nothing new.
    assert moved() == 2
