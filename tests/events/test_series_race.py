# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Edits against the rolling horizon: both lock the event, so whichever comes second sees what the first left."""

from datetime import datetime

import pytest

from estateman.common import clock
from events import jobs
from events.models import Event, EventResource
from events.recurrence import occurrences
from events.services import (
    ReminderWish,
    book_resource,
    cancel_following,
    cancel_occurrence,
    create_event,
    edit_event,
    edit_following,
    edit_occurrence,
)
from events.services.bookings import HORIZON
from events.services.reminders import HORIZON as REMINDER_HORIZON

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


def stale(event):
    """Bookings and reminders for which the event has no occurrence, or misses one for."""
    event, now = Event.objects.with_series().get(pk=event.pk), clock.now()
    wanted = {(each.recurrence_id, each.starts_at) for each in occurrences(event.series(), now, now + HORIZON)}
    held = set(event.bookings.holding().values_list("recurrence_id", "starts_at"))
    soon = {each for each in wanted if now < each[1] < now + REMINDER_HORIZON}
    pending = set(event.reminder_deliveries.filter(state="pending").values_list("recurrence_id", "starts_at"))
    ahead = {each for each in held if each[1] < now + HORIZON}
    return (wanted ^ ahead) | (pending ^ soon)


ACTS = [
    lambda event, by: edit_event(event, changes={"starts_at": datetime(2026, 3, 2, 14)}, by=by),
    lambda event, by: edit_occurrence(
        event, datetime(2026, 3, 16, 9), changes={"starts_at": datetime(2026, 3, 17, 15)}, by=by
    ),
    lambda event, by: edit_following(
        event, datetime(2026, 3, 23, 9), changes={"starts_at": datetime(2026, 3, 23, 15)}, by=by
    ),
    lambda event, by: cancel_occurrence(event, datetime(2026, 3, 16, 9), by=by),
    lambda event, by: cancel_following(event, datetime(2026, 3, 23, 9), by=by),
]


@pytest.mark.parametrize("act", ACTS, ids=["all", "this", "following", "cancel this", "cancel following"])
def test_an_edit_while_the_horizon_rolls_leaves_nothing_stale(act, agent, calendar, room, in_threads):
    event = create_event(
        calendar,
        by=agent,
        title="Open house",
        starts_at=datetime(2026, 3, 2, 9),
        recurrence="FREQ=WEEKLY",
        reminders=[ReminderWish(30)],
    )
    book_resource(event, room, by=agent)
    # As if the job had been down for long.
    EventResource.objects.update(booked_until=clock.now() + HORIZON / 2)
    event.bookings.filter(starts_at__gt=clock.now() + HORIZON / 2).delete()
    event.reminder_deliveries.all().delete()

    def run(number):
        if number % 2:
            jobs.roll_horizon()
        else:
            act(event, agent)

    results = in_threads(2, run)
    assert [result for result in results if isinstance(result, Exception)] == []
    jobs.roll_horizon()
    for each in Event.objects.all():
        assert stale(each) == set(), each.recurrence
