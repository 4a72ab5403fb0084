"""What events do about what happens: a link whose calendar changed on either side is due."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from estateman.activity.models import Activity
from estateman.activity.reactions import on
from estateman.common import clock
from events import jobs
from events.activities import (
    EventCancelled,
    EventChanged,
    EventCreated,
    EventSplit,
    OccurrenceCancelled,
    OccurrenceChanged,
    OccurrenceRestored,
)
from events.models import CalendarLink
from integrations.activities import CalendarMoved


@on(CalendarMoved)
def pull_what_moved(fact: CalendarMoved, activity: Activity) -> None:
    """The link that the channel was opened for; what changed there is found out by asking."""
    links = CalendarLink.objects.in_use().filter(integration=fact.integration_id, channel=fact.channel)
    if fact.channel and links.update(next_attempt_at=clock.now()):
        transaction.on_commit(jobs.wake_sync)


@on(
    EventCreated,
    EventChanged,
    EventCancelled,
    EventSplit,
    OccurrenceCancelled,
    OccurrenceChanged,
    OccurrenceRestored,
    batch=True,
)
def push_what_changed(happened: Sequence[tuple[Any, Activity]]) -> None:
    """What changed here goes there soon; a link that is in trouble keeps its own time."""
    calendars = {fact.calendar_id for fact, _ in happened}
    pushing = CalendarLink.objects.in_use().exclude(direction=CalendarLink.Direction.PULL)
    if pushing.filter(calendar__in=calendars, last_error="").update(next_attempt_at=clock.now()):
        transaction.on_commit(jobs.wake_sync)
