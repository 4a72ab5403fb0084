# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""The figures of a period, on cases counted by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from events import jobs
from events.analytics import figures
from events.models import Calendar, CalendarLink, DataSync, ReminderDelivery, SyncConflict
from events.services import (
    ReminderWish,
    book_resource,
    cancel_event,
    change_resource,
    record_attendance,
    rsvp,
)
from integrations.services import create_integration

FIRST, SECOND = datetime(2026, 3, 2, 9), datetime(2026, 3, 9, 9)
MARCH = datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2026, 4, 1, 4, tzinfo=UTC)
WEEK = datetime(2026, 3, 2, 5, tzinfo=UTC), datetime(2026, 3, 9, 4, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("clock")


def all_figures(start=MARCH[0], end=MARCH[1]):
    return figures(Calendar.objects.all(), start, end)


def test_attendance_counts_people_by_date(plan, agent, coordinator, stranger, clock):
    series = plan(
        "2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=3", attendees=[coordinator, stranger, "bo@example.com"]
    )
    cancelled = plan("2026-03-04T09:00", attendees=[coordinator])
    cancel_event(cancelled, by=agent)
    rsvp(series, status="accepted", by=coordinator)
    rsvp(series, status="declined", by=coordinator, recurrence_id=SECOND)
    rsvp(series, status="tentative", by=stranger)
    clock.move_to(datetime(2026, 3, 2, 14, 30, tzinfo=UTC))
    record_attendance(series, recurrence_id=FIRST, by=coordinator)
    guest = series.attendees.get(email="bo@example.com")
    for attendee in (guest, series.attendees.get(user=stranger)):
        record_attendance(series, recurrence_id=FIRST, by=agent, attendee=attendee, status="absent")
    found = all_figures().attendance
    assert (found.invited, found.accepted, found.declined, found.tentative, found.unanswered) == (9, 2, 1, 3, 3)
    assert (found.present, found.absent, found.rate) == (1, 2, round(1 / 3, 4))
    first_week = all_figures(*WEEK).attendance
    assert (first_week.invited, first_week.present) == (3, 1)


@pytest.mark.django_db
def test_a_period_in_which_nothing_happened_has_no_rates():
    found = all_figures()
    assert (found.attendance.rate, found.sync.effectiveness, found.reminders.delivery_rate) == (None, None, None)
    assert (found.sync.median_seconds, found.reminders.p95_late_seconds, found.utilisation) == (None, None, [])


def test_utilisation_is_booked_of_bookable_time_clipped_to_the_hours_and_the_period(plan, room, manager, agent):
    change_resource(room, changes={"bookable_hours": {"0": [[540, 1020]]}, "units": 2}, by=manager)
    book_resource(plan("2026-03-02T09:00", duration_minutes=120), room, by=agent)
    book_resource(plan("2026-03-02T10:00", duration_minutes=60), room, by=agent)
    book_resource(plan("2026-03-09T09:00", duration_minutes=60), room, by=agent)
    (found,) = all_figures(*WEEK).utilisation
    assert (found.booked_minutes, found.bookable_minutes, found.bookings) == (180, 2 * 480, 2)
    assert found.ratio == round(180 / 960, 4)
    ends_at_half_past_ten = all_figures(WEEK[0], datetime(2026, 3, 2, 15, 30, tzinfo=UTC)).utilisation[0]
    assert (ends_at_half_past_ten.booked_minutes, ends_at_half_past_ten.bookable_minutes) == (90 + 30, 2 * 90)


def test_reminders_are_counted_by_what_became_of_them_and_how_late_they_were(plan, clock):
    plan("2026-03-02T09:00", reminders=[ReminderWish(30)])
    plan("2026-03-03T09:00", reminders=[ReminderWish(30)])
    plan("2026-03-04T09:00", duration_minutes=600, reminders=[ReminderWish(30)])
    plan("2026-03-05T09:00", reminders=[ReminderWish(30)])
    for late in (datetime(2026, 3, 2, 13, 30, 10, tzinfo=UTC), datetime(2026, 3, 3, 13, 30, 50, tzinfo=UTC)):
        clock.move_to(late)
        jobs.send_due_reminders()
    clock.move_to(datetime(2026, 3, 4, 16, tzinfo=UTC))
    jobs.send_due_reminders()
    found = all_figures().reminders
    assert (found.sent, found.skipped_late, found.failed, found.pending) == (2, 1, 0, 1)
    assert found.delivery_rate == round(2 / 3, 4)
    assert (found.median_late_seconds, found.p95_late_seconds) == (30, 50)


def test_one_asked_for_after_its_time_is_not_late(plan, clock):
    clock.move_to(datetime(2026, 3, 2, 13, 50, tzinfo=UTC))
    plan("2026-03-02T09:00", reminders=[ReminderWish(30)])
    clock.shift(timedelta(seconds=5))
    jobs.send_due_reminders()
    ReminderDelivery.objects.update(created_at=datetime(2026, 3, 2, 13, 50, tzinfo=UTC))
    assert all_figures().reminders.median_late_seconds == 5


def test_sync_tells_what_arrived_and_what_did_not(calendar, agent, manager):
    integration = create_integration(
        provider="sandbox_calendar", name="Sandbox", mode="sandbox", config={}, credentials={}, by=manager
    )
    link = CalendarLink.objects.create(calendar=calendar, user=agent, integration=integration, remote_id="x")
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    done = DataSync.objects.create(
        link=link, status="partly", started_at=at, finished_at=at + timedelta(seconds=4), created_here=3,
        deleted_there=6, failures=1,
    )  # fmt: skip
    SyncConflict.objects.create(run=done, field="title", winner="local")
    DataSync.objects.create(link=link, status="failed", started_at=at, finished_at=at + timedelta(seconds=2))
    DataSync.objects.create(link=link, status="running", started_at=at, created_here=9)
    found = all_figures().sync
    assert (found.runs, found.failed, found.carried, found.failures, found.conflicts) == (2, 1, 9, 1, 1)
    assert (found.effectiveness, found.median_seconds) == (0.9, 3)


def test_the_number_of_queries_does_not_grow(plan, agent, coordinator, room, django_assert_max_num_queries):
    for day in range(2, 9):
        event = plan(f"2026-03-0{day}T09:00", recurrence="FREQ=DAILY;COUNT=5", attendees=[coordinator, agent])
        event.attendees.get(user=agent).answers.create(recurrence_id=event.starts_at, status="accepted")
    with django_assert_max_num_queries(18):
        all_figures()


def test_one_reads_the_figures_of_calendars_that_one_manages(api, plan, agent, manager, stranger, calendar):
    plan("2026-03-02T09:00", attendees=["bo@example.com"])
    asked = "/api/v1/events/analytics?from=2026-03-01&to=2026-04-01"
    assert api(agent).get(asked).json()["attendance"]["invited"] == 1
    assert api(manager).get(f"{asked}&calendar={calendar.pk}").json()["attendance"]["invited"] == 1
    assert api(stranger).get(asked).json()["attendance"]["invited"] == 0
    assert api(stranger).get(f"{asked}&calendar={calendar.pk}").status_code == 400
    assert api(agent).get("/api/v1/events/analytics?from=2026-03-01").status_code == 400
