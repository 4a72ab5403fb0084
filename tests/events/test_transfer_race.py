# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Several who put events into other calendars at once: each finds what the one before left, whichever database."""

from collections import Counter
from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied

from estateman.activity.models import Activity
from events.models import Calendar, Event
from events.services import (
    CalendarInUse,
    InThatCalendarAlready,
    archive_calendar,
    create_calendar,
    create_event,
    edit_event,
    set_reminders,
)
from events.services.reminders import ReminderWish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]
NINE = datetime(2026, 3, 2, 9)
RIVALS = 4


@pytest.fixture
def calendars(agent):
    return [create_calendar(name=f"Calendar {number}", by=agent) for number in range(RIVALS)]


def test_one_event_goes_from_each_calendar_to_the_next(agent, calendar, calendars, in_threads):
    event = create_event(calendar, title="Showing", starts_at=NINE, by=agent)

    def put(number):
        return edit_event(event, changes={"calendar": calendars[number]}, by=agent).calendar_id

    assert sorted(in_threads(RIVALS, put)) == [each.pk for each in calendars]
    event.refresh_from_db()
    way = [each.payload for each in Activity.objects.filter(kind="event.transferred").order_by("pk")]
    assert [each["former_calendar_id"] for each in way] == [calendar.pk, *(each["calendar_id"] for each in way[:-1])]
    assert way[-1]["calendar_id"] == event.calendar_id
    assert event.version == 1 + RIVALS


def test_whoever_waits_for_an_event_finds_it_in_its_new_calendar(agent, calendar, calendars, in_threads):
    event = create_event(calendar, title="Showing", starts_at=NINE, by=agent)
    acts = [
        lambda: edit_event(event, changes={"calendar": calendars[0]}, by=agent),
        lambda: edit_event(event, changes={"title": "Second showing"}, by=agent),
        lambda: set_reminders(event, [ReminderWish(15)], by=agent),
        lambda: edit_event(event, changes={"location": "Pier 7"}, by=agent),
    ]
    for answer in in_threads(len(acts), lambda number: acts[number]()):
        assert not isinstance(answer, Exception), repr(answer)
    event.refresh_from_db()
    assert (event.calendar, event.title, event.location) == (calendars[0], "Second showing", "Pier 7")


def test_of_events_that_are_the_same_one_gets_in(agent, calendar, calendars, in_threads):
    for each in calendars:
        event = create_event(each, title="Fair", starts_at=NINE, by=agent)
        Event.objects.filter(pk=event.pk).update(uid="fair@elsewhere")
    events = list(Event.objects.all())
    answers = in_threads(RIVALS, lambda number: edit_event(events[number], changes={"calendar": calendar}, by=agent))
    assert Counter(type(each) for each in answers) == {Event: 1, InThatCalendarAlready: RIVALS - 1}
    assert Event.objects.filter(calendar=calendar).count() == 1


def test_nothing_goes_into_a_calendar_while_it_is_put_away(agent, calendar, calendars, in_threads):
    into, *_ = calendars
    event = create_event(calendar, title="Showing", starts_at=NINE, by=agent)
    acts = [
        lambda: archive_calendar(Calendar.objects.get(pk=into.pk), by=agent),
        lambda: edit_event(event, changes={"calendar": into}, by=agent),
    ]
    answers = in_threads(len(acts), lambda number: acts[number]())
    assert [type(each) for each in answers] in ([type(None), PermissionDenied], [CalendarInUse, Event])
    event.refresh_from_db()
    assert not event.calendar.is_archived
