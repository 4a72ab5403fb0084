# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""An event goes into another calendar as a whole, with what hangs on it, and is judged there as a new one is."""

from datetime import UTC, datetime
from typing import Any

import icalendar
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from estateman.activity.models import Activity
from estateman.common import clock as now
from estateman.common.errors import VersionConflict
from events.busy import busy_of
from events.feeds import opened_feed
from events.models import Access, Calendar, CalendarLink, ConflictPolicy, Event, ReminderDelivery
from events.services import (
    EventCancelledAlready,
    HostMayNotWrite,
    InThatCalendarAlready,
    ReminderWish,
    TimeTaken,
    archive_calendar,
    book_resource,
    cancel_event,
    change_calendar,
    create_calendar,
    edit_event,
    edit_following,
    edit_occurrence,
    import_ics,
    move_appointment,
    open_calendar_feed,
    rsvp,
    set_own_reminders,
    share_calendar,
)
from integrations.models import Message
from integrations.services import create_integration
from notifications.models import Notification
from tests.support.visiting import at, book, open_page

pytestmark = pytest.mark.usefixtures("clock")
WEEKLY = "FREQ=WEEKLY;BYDAY=MO;COUNT=4"
SECOND = datetime(2026, 3, 9, 9)


def put(event, calendar, by, **changes):
    asked: Any = {"calendar": calendar, **changes}
    return edit_event(event, changes=asked, by=by)


def minutes(event):
    return list(event.reminders.filter(user=None).values_list("minutes_before", flat=True))


def told(kind):
    return list(Activity.objects.filter(kind=kind).order_by("pk"))


@pytest.fixture
def hers(coordinator, agent):
    """The coordinator's own, in which the agent may write."""
    calendar = create_calendar(name="Cora", by=coordinator)
    share_calendar(calendar, user=agent, access=Access.WRITE, by=coordinator)
    return calendar


def test_it_goes_with_all_its_dates_its_people_and_what_is_booked(plan, room, agent, coordinator, team_calendar):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY, attendees=[coordinator, "buyer@example.com"])
    edit_occurrence(event, SECOND, changes={"title": "Second showing"}, by=agent)
    rsvp(event, status="declined", recurrence_id=SECOND, by=coordinator)
    booked = list(book_resource(event, room, by=agent))
    mailed = Message.objects.count()
    put(event, team_calendar, agent)
    event = Event.objects.with_series().get(pk=event.pk)
    assert event.calendar == team_calendar
    assert [row.title for row in event.overrides.all()] == ["Second showing"]
    assert event.attendees.get(user=coordinator).answer_on(SECOND) == "declined"
    assert set(event.bookings.holding()) == set(booked)
    # Nothing that guests or calendar programs know of it is another.
    assert (event.sequence, Message.objects.count()) == (0, mailed)
    assert not Notification.objects.filter(kind__startswith="event.").exists()


def test_both_calendars_are_told_of_it_once(plan, agent, calendar, team_calendar):
    event = plan("2026-03-02T09:00")
    put(event, team_calendar, agent, location="Pier 7")
    (gone,) = told("event.transferred")
    assert sorted(gone.rooms.values_list("room", flat=True)) == sorted(
        [f"calendar:{calendar.pk}", f"calendar:{team_calendar.pk}"]
    )
    assert gone.payload == {
        "event_id": event.pk,
        "calendar_id": team_calendar.pk,
        "former_calendar_id": calendar.pk,
        "title": "Showing",
    }
    assert gone.sentence == "moved Showing to another calendar"
    (changed,) = told("event.changed")
    assert (changed.payload["changed"], changed.payload["calendar_id"]) == (["location"], team_calendar.pk)


def test_into_the_calendar_that_it_is_in_nothing_happens(plan, agent, calendar):
    event = plan("2026-03-02T09:00")
    assert put(event, calendar, agent).version == event.version
    assert not told("event.transferred")


@pytest.mark.parametrize("access", [Access.FREE_BUSY, Access.READ])
def test_one_has_to_write_in_both(plan, agent, coordinator, calendar, hers, access):
    event = plan("2026-03-02T09:00")
    share_calendar(hers, user=agent, access=access, by=coordinator)
    with pytest.raises(PermissionDenied):
        put(event, hers, agent)
    share_calendar(calendar, user=coordinator, access=access, by=agent)
    with pytest.raises(PermissionDenied):
        put(event, hers, coordinator)
    event.refresh_from_db()
    assert (event.calendar, event.version) == (calendar, 1)


def test_neither_into_one_that_was_put_away_nor_among_public_holidays(plan, agent, manager, hers, coordinator):
    archive_calendar(hers, by=coordinator)
    holidays = create_calendar(name="Holidays", office=True, holidays_of="US", by=manager)
    for calendar in (hers, holidays):
        calendar.refresh_from_db()
        with pytest.raises(PermissionDenied):
            put(plan("2026-03-02T09:00"), calendar, manager)


def test_nor_into_one_that_was_put_away_since_it_was_read(plan, agent, hers, coordinator):
    event, as_read = plan("2026-03-02T09:00"), Calendar.objects.get(pk=hers.pk)
    archive_calendar(hers, by=coordinator)
    with pytest.raises(PermissionDenied):
        put(event, as_read, agent)


def test_what_was_cancelled_or_changed_meanwhile_stays(plan, agent, calendar, team_calendar):
    event = plan("2026-03-02T09:00")
    edit_event(event, changes={"location": "Pier 7"}, by=agent)
    with pytest.raises(VersionConflict) as stale:
        edit_event(event, changes={"calendar": team_calendar}, version=1, by=agent)
    assert stale.value.extra["current"] == {"version": 2, "calendar": calendar.pk}
    assert not told("event.transferred")
    cancel_event(event, by=agent)
    with pytest.raises(EventCancelledAlready):
        put(event, team_calendar, agent)


def test_the_same_event_stands_once_in_a_calendar(agent, calendar, team_calendar):
    ics = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:one@elsewhere\r\nDTSTAMP:20260301T000000Z\r\n"
        "DTSTART:20260302T140000Z\r\nDTEND:20260302T150000Z\r\nSUMMARY:Fair\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    for each in (calendar, team_calendar):
        import_ics(each, ics.encode(), by=agent)
    mine, theirs = Event.objects.get(calendar=calendar), Event.objects.get(calendar=team_calendar)
    with pytest.raises(InThatCalendarAlready) as refused:
        put(mine, team_calendar, agent)
    assert refused.value.extra == {"event": theirs.pk}
    mine.refresh_from_db()
    assert mine.calendar == calendar


@pytest.mark.parametrize(
    ("had", "reminded"),
    [
        (None, [60]),
        ([ReminderWish(30), ReminderWish(10)], [60]),
        ([ReminderWish(30)], [30]),
        ([ReminderWish(10), ReminderWish(30, ["sms"])], [10, 30]),
        ([], []),
    ],
    ids=["usual", "the same chosen", "fewer", "over other channels", "none"],
)
def test_usual_reminders_are_those_of_the_new_calendar_and_chosen_ones_stay(
    plan, agent, calendar, team_calendar, had, reminded
):
    change_calendar(calendar, changes={"reminder_minutes": [30, 10]}, by=agent)
    change_calendar(team_calendar, changes={"reminder_minutes": [60]}, by=agent)
    event = plan("2026-03-02T09:00", reminders=had)
    put(event, team_calendar, agent)
    assert minutes(event) == reminded
    pending = ReminderDelivery.objects.filter(event=event, state=ReminderDelivery.State.PENDING)
    assert sorted(pending.values_list("reminder__minutes_before", flat=True)) == reminded


def test_whoever_may_not_read_it_any_more_is_not_reminded_of_it(plan, agent, coordinator, calendar, manager):
    event = plan("2026-03-02T09:00")
    share_calendar(calendar, user=coordinator, access=Access.READ, by=agent)
    set_own_reminders(event, [ReminderWish(15)], by=coordinator)
    put(event, create_calendar(name="Apart", by=agent), agent)
    (row,) = ReminderDelivery.objects.filter(user=coordinator)
    assert row.state == ReminderDelivery.State.CANCELLED
    assert not Event.objects.visible_to(coordinator).exists()


def test_it_takes_the_time_of_the_owner_of_its_new_calendar_and_no_longer_of_the_old(plan, agent, coordinator, hers):
    def taken():
        day = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
        return [len(each) for each in busy_of([agent.pk, coordinator.pk], *day).values()]

    event = plan("2026-03-02T09:00")
    assert taken() == [1, 0]
    put(event, hers, agent)
    assert taken() == [0, 1]


def test_the_new_calendar_judges_dates_that_stay_as_those_of_a_new_event(plan, agent, coordinator, calendar, hers):
    plan("2026-03-09T09:30", title="Closing", into=hers, by=coordinator)
    event = plan("2026-03-02T09:00", recurrence=WEEKLY)
    assert event.conflicts == []
    change_calendar(hers, changes={"conflicts": ConflictPolicy.REFUSE}, by=coordinator)
    for changes in ({}, {"exdates": [datetime(2026, 3, 16, 9)]}):
        with pytest.raises(TimeTaken) as refused:
            put(event, hers, agent, **changes)
        assert [each["recurrence_id"] for each in refused.value.extra["conflicts"]] == ["2026-03-09T09:00:00"]
    event.refresh_from_db()
    assert event.calendar == calendar
    change_calendar(hers, changes={"conflicts": ConflictPolicy.WARN}, by=coordinator)
    assert [each["name"] for each in put(event, hers, agent).conflicts] == ["Cora Coordinator"]


def test_with_another_time_it_is_judged_at_that_time_alone(plan, room, agent, coordinator, hers):
    plan("2026-03-02T09:30", title="Closing", into=hers, by=coordinator)
    event = plan("2026-03-02T09:00")
    book_resource(event, room, by=agent)
    change_calendar(hers, changes={"conflicts": ConflictPolicy.REFUSE}, by=coordinator)
    moved = put(event, hers, agent, starts_at=datetime(2026, 3, 2, 14))
    assert (moved.calendar, moved.conflicts) == (hers, [])
    assert moved.bookings.holding().get().recurrence_id == datetime(2026, 3, 2, 14)


def test_a_calendar_belongs_to_all_dates_and_what_follows_one_may_go_apart(plan, agent, calendar, team_calendar):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY)
    with pytest.raises(ValidationError) as refused:
        edit_occurrence(event, SECOND, changes={"calendar": team_calendar}, by=agent)
    assert list(refused.value.message_dict) == ["calendar"]
    rest = edit_following(event, SECOND, changes={"calendar": team_calendar}, by=agent)
    assert (rest.calendar, rest.follows, rest.starts_at) == (team_calendar, event, SECOND)
    event.refresh_from_db()
    assert event.calendar == calendar


def test_a_series_that_another_one_follows_goes_alone(plan, agent, calendar, team_calendar):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY)
    rest = edit_following(event, SECOND, changes={"title": "Later"}, by=agent)
    put(event, team_calendar, agent)
    rest.refresh_from_db()
    assert (rest.calendar, rest.follows_id) == (calendar, event.pk)


def test_subscribers_of_either_calendar_see_it_go_and_come(plan, agent, calendar, team_calendar):
    feeds = {each: open_calendar_feed(each, by=agent).partition("token=")[2] for each in (calendar, team_calendar)}

    def shown():
        found = [opened_feed(each.pk, secret) for each, secret in feeds.items()]
        return [len(feed.entries) for feed in found if feed]

    event = plan("2026-03-02T09:00")
    assert shown() == [1, 0]
    put(event, team_calendar, agent)
    assert shown() == [0, 1]


def test_the_links_of_both_calendars_are_due(plan, agent, manager, calendar, team_calendar, settle):
    account = create_integration(
        provider="sandbox_calendar", name="Elsewhere", mode="sandbox", config={}, credentials={}, by=manager
    )
    for each in (calendar, team_calendar):
        CalendarLink.objects.create(calendar=each, user=agent, integration=account, remote_id=each.name)
    event = plan("2026-03-02T09:00")
    settle()
    CalendarLink.objects.update(next_attempt_at=None)
    put(event, team_calendar, agent)
    settle()
    assert set(CalendarLink.objects.values_list("next_attempt_at", flat=True)) == {now.now()}


@pytest.fixture
def appointment(agent, calendar):
    return book(open_page(agent))


def test_an_appointment_stays_where_its_host_may_write(appointment, manager):
    with pytest.raises(HostMayNotWrite):
        put(appointment.event, create_calendar(name="Maria", by=manager), manager)


def test_an_appointment_goes_where_its_host_may_write_and_its_visitor_still_moves_it(
    appointment, agent, coordinator, hers
):
    written = Message.objects.count()
    put(appointment.event, hers, agent)
    assert Message.objects.count() == written
    move_appointment(appointment, starts_at=at(15))
    moved = Event.objects.get(pk=appointment.event_id)
    assert (moved.calendar, moved.starts_at.hour) == (hers, 10)


def test_whoever_read_it_in_its_old_calendar_may_change_it_in_its_new_one_only_if_they_write_there(
    plan, agent, coordinator, calendar
):
    share_calendar(calendar, user=coordinator, access=Access.WRITE, by=agent)
    read_before = Event.objects.get(pk=plan("2026-03-02T09:00").pk)
    put(read_before, create_calendar(name="Apart", by=agent), agent)
    stale = Event(pk=read_before.pk, calendar=calendar)
    with pytest.raises(PermissionDenied):
        edit_event(stale, changes={"title": "Not mine"}, by=coordinator)


def test_whoever_planned_it_and_may_not_read_it_any_more_hears_no_more_of_it(
    plan, agent, coordinator, stranger, team_calendar, settle
):
    event = plan("2026-03-02T09:00", into=team_calendar, by=coordinator, attendees=[stranger])
    put(event, create_calendar(name="Apart", by=agent), agent, title="Confidential")
    edit_event(event, changes={"starts_at": datetime(2026, 3, 2, 10)}, by=agent)
    rsvp(event, status="declined", by=stranger)
    settle()
    assert not Notification.objects.filter(user=coordinator).exists()
    pending = ReminderDelivery.objects.filter(state=ReminderDelivery.State.PENDING)
    assert not pending.filter(user=coordinator).exists()


def test_guests_are_invited_to_what_follows_apart(plan, agent, team_calendar):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY, attendees=["buyer@example.com"])
    rest = edit_following(event, SECOND, changes={"calendar": team_calendar}, by=agent)
    told_of = [icalendar.Calendar.from_ical(each.calendar).events[0]["UID"] for each in Message.objects.order_by("pk")]
    assert told_of == [event.uid, event.uid, rest.uid]


def test_neither_calendar_hears_what_it_is_called_in_the_other(plan, agent, calendar, team_calendar):
    put(plan("2026-03-02T09:00", title="Divorce"), team_calendar, agent, title="Away")
    (gone,) = told("event.transferred")
    assert (gone.payload["title"], gone.sentence) == ("", "moved an event to another calendar")
