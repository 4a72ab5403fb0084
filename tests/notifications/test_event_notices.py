# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Who is told what becomes of events, by what really happens in the calendars."""

from datetime import datetime

import pytest
import time_machine

from events import services
from events.jobs import lapse_requests
from events.models import Access
from events.services.series import cancel_occurrence, edit_occurrence, restore_occurrence
from notifications.models import Category, Notification

FIRST, SECOND = datetime(2026, 3, 2, 9), datetime(2026, 3, 9, 9)


@pytest.fixture(autouse=True)
def _at():
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        yield


@pytest.fixture
def plan(agent):
    calendar = services.create_calendar(name="Alex", timezone="America/New_York", by=agent)

    def make(**fields):
        return services.create_event(calendar, title="Showing", starts_at=FIRST, by=agent, **fields)

    return make


@pytest.fixture
def told(settle):
    """``told(user)``: titles and texts of what they were told, in order, since they were last asked for."""

    def lines(user):
        settle()
        rows = Notification.objects.filter(user=user, category=Category.EVENTS).order_by("seq")
        said = list(rows.values_list("title", "body"))
        rows.delete()
        return said

    return lines


def test_whoever_is_invited_is_told_and_hears_of_moves_and_of_the_end(plan, told, agent, coordinator, stranger):
    event = plan(attendees=[coordinator])
    assert told(coordinator) == [("You are invited to Showing", "Monday 2 March, 9:00 AM (New York).")]
    services.edit_event(event, changes={"title": "Viewing"}, by=agent)
    assert told(coordinator) == []
    services.edit_event(event, changes={"starts_at": datetime(2026, 3, 2, 11)}, by=agent)
    assert told(coordinator) == [("Viewing was moved", "Monday 2 March, 11:00 AM (New York).")]
    services.edit_event(event, changes={"location": "12 Quay Street"}, by=agent)
    assert [title for title, _ in told(coordinator)] == ["Viewing was changed"]
    services.cancel_event(event, by=agent)
    assert [title for title, _ in told(coordinator)] == ["Viewing was cancelled"]
    assert told(agent) == []
    assert told(stranger) == []


def test_of_one_date_those_hear_who_come_to_it(plan, told, agent, coordinator, stranger):
    series = plan(recurrence="FREQ=WEEKLY;COUNT=3", attendees=[coordinator, stranger])
    services.rsvp(series, status="declined", by=stranger, recurrence_id=SECOND)
    told(coordinator), told(stranger)
    edit_occurrence(series, SECOND, changes={"starts_at": datetime(2026, 3, 9, 15)}, by=agent)
    assert told(coordinator) == [("Showing was moved", "Monday 9 March, 3:00 PM (New York).")]
    assert told(stranger) == []
    cancel_occurrence(series, SECOND, by=agent)
    assert told(coordinator) == [("Showing was cancelled on Monday 9 March", "")]
    restore_occurrence(series, SECOND, by=agent)
    assert told(coordinator) == [("Showing takes place as planned after all", "Monday 9 March, 9:00 AM (New York).")]


def test_the_organiser_hears_a_no_and_what_guests_say(plan, told, agent, coordinator):
    event = plan(attendees=[coordinator, "bo@example.com"])
    services.rsvp(event, status="accepted", by=coordinator)
    assert told(agent) == []
    services.rsvp(event, status="declined", by=coordinator)
    services.answer_as_guest(event.attendees.get(email="bo@example.com"), status="accepted")
    assert [title for title, _ in told(agent)] == [
        "Cora Coordinator declined Showing",
        "bo@example.com accepted Showing",
    ]


def test_whoever_waited_is_told_of_their_place_and_whoever_is_taken_off_too(plan, told, agent, coordinator, stranger):
    event = plan(capacity=1, attendees=[coordinator, stranger])
    for user in (coordinator, stranger):
        services.rsvp(event, status="accepted", by=user)
    told(stranger), told(coordinator)
    services.remove_attendee(event.attendees.get(user=coordinator), by=agent)
    assert [title for title, _ in told(stranger)] == ["You have a place at Showing"]
    assert [title for title, _ in told(coordinator)] == ["You are not invited to Showing any more"]


def test_whoever_has_no_place_any_more_on_a_date_put_back_is_told(plan, told, agent, coordinator, stranger):
    series = plan(recurrence="FREQ=WEEKLY;COUNT=3", capacity=1, attendees=[coordinator, stranger])
    services.rsvp(series, status="accepted", by=coordinator, recurrence_id=SECOND)
    cancel_occurrence(series, SECOND, by=agent)
    services.rsvp(series, status="accepted", by=stranger)
    told(coordinator), told(stranger)
    restore_occurrence(series, SECOND, by=agent)
    assert told(coordinator) == [("You wait for a place at Showing again", "Monday 9 March, 9:00 AM (New York).")]
    assert [title for title, _ in told(stranger)] == ["Showing takes place as planned after all"]


def test_a_request_is_told_to_those_who_decide_and_its_outcome_to_who_asked(plan, told, agent, manager):
    room = services.create_resource(name="Board room", kind="room", needs_approval=True, by=manager)
    (booking,) = services.book_resource(plan(), room, by=agent)
    assert told(manager) == [("Board room is asked for", "For Showing on Monday 2 March, 9:00 AM (New York).")]
    services.approve_booking(booking, by=manager)
    assert told(agent) == [("Board room is yours for Showing", "Monday 2 March.")]
    assert told(manager) == []


def test_a_request_for_a_series_says_the_first_date_that_is_asked_for(plan, told, agent, manager):
    room = services.create_resource(name="Board room", kind="room", needs_approval=True, by=manager)
    series = plan(recurrence="FREQ=WEEKLY;COUNT=4")
    services.book_resource(series, room, recurrence_id=SECOND, by=agent)
    assert told(manager) == [("Board room is asked for", "For Showing on Monday 9 March, 9:00 AM (New York).")]
    services.book_resource(series, room, by=agent)
    (line,) = told(manager)
    assert line[1] == "For Showing on Monday 2 March, 9:00 AM (New York), and 2 more dates."


def test_whoever_booked_for_what_they_may_not_read_any_more_hears_no_more_of_it(told, agent, coordinator, manager):
    room = services.create_resource(name="Board room", kind="room", needs_approval=True, by=manager)
    shared, apart = (services.create_calendar(name=name, by=agent) for name in ("Sales", "Apart"))
    services.share_calendar(shared, user=coordinator, access=Access.WRITE, by=agent)
    event = services.create_event(shared, title="Showing", starts_at=FIRST, by=agent)
    (asked,) = services.book_resource(event, room, by=coordinator)
    services.edit_event(event, changes={"calendar": apart, "title": "Confidential"}, by=agent)
    services.approve_booking(asked, by=manager)
    assert told(coordinator) == []


def test_a_request_leads_to_where_it_is_decided(plan, settle, agent, manager):
    room = services.create_resource(name="Board room", kind="room", needs_approval=True, by=manager)
    services.book_resource(plan(), room, by=agent)
    settle()
    assert Notification.objects.get(user=manager).url == "/resources"


def test_a_request_that_nobody_decided_is_told_to_who_asked(plan, told, agent, manager):
    room = services.create_resource(name="Board room", kind="room", needs_approval=True, by=manager)
    services.book_resource(plan(), room, by=agent)
    told(agent)
    with time_machine.travel("2026-03-02T16:00:00Z", tick=False):
        lapse_requests()
        assert told(agent) == [("Nobody approved Board room for Showing in time", "Monday 2 March.")]
