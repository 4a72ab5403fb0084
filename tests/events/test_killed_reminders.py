"""Three thousand reminders fall due while workers are killed at random: none is missed, and none is told twice."""

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from estateman.activity.models import Activity
from estateman.people.models import OfficeRole, User
from events.models import ReminderDelivery
from events.services import ReminderWish, create_calendar, create_event
from integrations import services
from notifications.models import Delivery, Notification
from tests.support.smtp import SmtpReceiver

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

PEOPLE, EVENTS, REMINDERS = 30, 10, 10
KILLS = 8
# A child does all the work there is; its parent kills it in the middle of it KILLS times, then lets one finish.
WORKER = """
import os, random, signal, sys, time
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from datetime import timedelta
from estateman.activity import reactions
from events import jobs
from events.models import ReminderDelivery
from integrations.services import sending
from notifications import deliveries
from notifications.models import Delivery

soon = timedelta(seconds=20)
reactions.LEASE = jobs.LEASE = deliveries.LEASE = sending.LEASE = soon
sending.LONGEST_TRY = timedelta(0)

def is_over():
    waiting = ReminderDelivery.objects.filter(state="pending"), Delivery.objects.filter(state="pending")
    return not any(rows.exists() for rows in waiting)

def work():
    while True:
        jobs.send_due_reminders()
        done = reactions.react() + deliveries.deliver_due()
        if not done and is_over():
            os._exit(0)
        time.sleep(0 if done else 0.1)

random.seed(int(sys.argv[2]))
killed = 0
while True:
    child = os.fork()
    if not child:
        work()
    if killed < int(sys.argv[3]):
        time.sleep(random.uniform(0.3, 1.2))
        killed += 1
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not status:
        break
print(killed)
"""


def workers() -> list["subprocess.Popen[str]"]:
    name, env = str(connection.settings_dict["NAME"]), {**os.environ, "DJANGO_SETTINGS_MODULE": "estateman.settings"}
    return [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, name, str(seed), str(KILLS)], env=env, cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE, text=True,
        )
        for seed in (1, 2)
    ]  # fmt: skip


@pytest.fixture
def post_office(manager):
    with SmtpReceiver() as receiver:
        services.create_integration(
            provider="smtp", name="Office mail", credentials={}, calls_per_minute=60_000, by=manager,
            config={"host": "127.0.0.1", "port": receiver.port, "security": "none"},
        )  # fmt: skip
        yield receiver


@pytest.fixture
def due(agent):
    """All are due at once: of each person's ten reminders of an event one goes by e-mail, too."""
    staff = [
        User.objects.create_user(f"agent{number}@harbour.example", "x", name=f"Agent {number}", role=OfficeRole.AGENT)
        for number in range(PEOPLE - 1)
    ]
    calendar = create_calendar(name="Harbour", timezone="UTC", by=agent)
    starts_at = (timezone.now() + timedelta(minutes=50)).replace(tzinfo=None)
    wishes = [ReminderWish(60 + n, ["in_app", "email"] if n == 0 else ["in_app"]) for n in range(REMINDERS)]
    for number in range(EVENTS):
        create_event(
            calendar, title=f"Viewing {number}", starts_at=starts_at, attendees=staff, reminders=wishes, by=agent
        )
    # That they were invited is told elsewhere.
    Activity.objects.update(next_attempt_at=None)


def test_none_is_missed_and_none_is_told_twice(post_office, due):
    assert ReminderDelivery.objects.filter(state="pending").count() == PEOPLE * EVENTS * REMINDERS
    running = workers()
    killed = [worker.communicate()[0] for worker in running]
    assert killed == [f"{KILLS}\n"] * len(running)
    assert dict(Counter(ReminderDelivery.objects.values_list("state", flat=True))) == {
        "sent": PEOPLE * EVENTS * REMINDERS
    }
    reminded = Notification.objects.filter(kind="reminder.due")
    assert reminded.count() == PEOPLE * EVENTS * REMINDERS
    letters = Delivery.objects.filter(notification__in=reminded, channel="email")
    assert dict(Counter(letters.values_list("state", flat=True))) == {"sent": PEOPLE * EVENTS}
    told = Counter((mail.to, mail["Message-ID"]) for mail in post_office.messages)
    assert len(told) == PEOPLE * EVENTS
    # Whoever dies between the server's yes and our note of it repeats that one letter under the same id.
    assert sum(told.values()) - len(told) <= 2 * KILLS
