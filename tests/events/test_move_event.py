# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""What hangs on an event moves with it or is let go with it, in one transaction."""

from datetime import UTC, datetime, timedelta

import pytest

from events.models import EventResource, ReminderDelivery, ResourceBooking
from events.services import (
    BookingConflict,
    ReminderWish,
    ResourceOutOfUse,
    book_resource,
    cancel_booking,
    cancel_event,
    cancel_occurrence,
    change_resource,
    check_in_booking,
    create_calendar,
    create_resource,
    edit_event,
    edit_occurrence,
    extend_booking,
    restore_occurrence,
    set_reminders,
)

pytestmark = pytest.mark.usefixtures("clock")
WEEKLY = "FREQ=WEEKLY;BYDAY=MO;COUNT=4"


def held(event):
    return [booking.recurrence_id.strftime("%m-%d %H:%M") for booking in event.bookings.holding().order_by("starts_at")]


def test_the_booking_of_a_single_event_follows_it_and_keeps_its_id(plan, room, agent):
    event = plan("2026-03-02T09:00")
    (booking,) = book_resource(event, room, by=agent)
    edit_event(event, changes={"starts_at": datetime(2026, 3, 4, 15), "duration_minutes": 90}, by=agent)
    booking.refresh_from_db()
    assert held(event) == ["03-04 15:00"]
    assert booking.ends_at - booking.starts_at == timedelta(minutes=90)


def test_a_series_moved_by_an_hour_takes_its_room_along_without_colliding_with_itself(plan, room, agent):
    event = plan("2026-03-02T09:00", recurrence="FREQ=DAILY;COUNT=4", duration_minutes=23 * 60)
    book_resource(event, room, by=agent)
    edit_event(event, changes={"starts_at": datetime(2026, 3, 2, 10)}, by=agent)
    assert held(event) == ["03-02 10:00", "03-03 10:00", "03-04 10:00", "03-05 10:00"]


def test_a_move_onto_somebody_elses_booking_is_refused_and_changes_nothing(plan, room, agent):
    other = plan("2026-03-10T09:00", title="Valuation")
    book_resource(other, room, by=agent)
    event = plan("2026-03-02T09:00", recurrence=WEEKLY, reminders=[ReminderWish(30)])
    book_resource(event, room, by=agent)
    with pytest.raises(BookingConflict) as refused:
        edit_event(event, changes={"recurrence": "FREQ=WEEKLY;BYDAY=TU;COUNT=4"}, by=agent)
    assert [each["recurrence_id"] for each in refused.value.extra["conflicts"]] == ["2026-03-10T09:00:00"]
    event.refresh_from_db()
    assert event.recurrence == WEEKLY
    assert held(event) == ["03-02 09:00", "03-09 09:00", "03-16 09:00", "03-23 09:00"]


def test_a_longer_series_books_the_new_dates_and_a_shorter_one_frees_them(plan, room, agent):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY)
    book_resource(event, room, by=agent)
    edit_event(event, changes={"recurrence": "FREQ=WEEKLY;BYDAY=MO;COUNT=6"}, by=agent)
    assert len(held(event)) == 6
    edit_event(event, changes={"recurrence": "FREQ=WEEKLY;BYDAY=MO;COUNT=2"}, by=agent)
    assert held(event) == ["03-02 09:00", "03-09 09:00"]


def test_what_is_booked_for_a_date_that_stays_is_left_alone(plan, room, agent, manager):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY)
    booked = book_resource(event, room, by=agent)
    book_resource(plan("2026-03-09T10:00"), room, by=agent)
    extend_booking(booked[2], minutes=30, by=agent)
    change_resource(room, changes={"buffer_after_minutes": 30}, by=manager)
    cancel_occurrence(event, datetime(2026, 3, 2, 9), by=agent)
    assert held(event) == ["03-09 09:00", "03-16 09:00", "03-23 09:00"]
    booked[2].refresh_from_db()
    assert booked[2].ends_at - booked[2].starts_at == timedelta(minutes=90)


def test_what_is_out_of_use_keeps_its_bookings_and_is_not_moved(plan, room, agent, manager):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY, exdates=[datetime(2026, 3, 9, 9)])
    book_resource(event, room, by=agent)
    change_resource(room, changes={"is_active": False}, by=manager)
    with pytest.raises(ResourceOutOfUse):
        edit_event(event, changes={"starts_at": datetime(2026, 3, 2, 10)}, by=agent)
    cancel_occurrence(event, datetime(2026, 3, 2, 9), by=agent)
    restore_occurrence(event, datetime(2026, 3, 9, 9), by=agent)
    assert held(event) == ["03-16 09:00", "03-23 09:00"]


def test_a_booking_that_is_moved_declines_the_requests_that_it_leaves_no_unit_for(plan, agent, manager):
    car = create_resource(name="Car", kind="vehicle", needs_approval=True, by=manager)
    (rival,) = book_resource(plan("2026-03-03T09:00"), car, by=agent)
    calendar = create_calendar(name="Maria", timezone="America/New_York", by=manager)
    event = plan("2026-03-02T09:00", into=calendar, by=manager)
    book_resource(event, car, by=manager)
    edit_event(event, changes={"starts_at": datetime(2026, 3, 3, 9)}, by=manager)
    rival.refresh_from_db()
    assert rival.status == "declined"


def test_who_checked_in_early_checks_in_again_at_the_new_time(plan, room, agent, clock):
    event = plan("2026-03-02T09:00")
    (booking,) = book_resource(event, room, by=agent)
    clock.move_to("2026-03-02T13:45:00Z")
    check_in_booking(booking, by=agent)
    edit_event(event, changes={"starts_at": datetime(2026, 3, 4, 9)}, by=agent)
    booking.refresh_from_db()
    assert booking.checked_in_at is None


def test_a_date_left_out_of_the_series_is_free_again(plan, room, agent):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY)
    before = {booking.recurrence_id: booking.pk for booking in book_resource(event, room, by=agent)}
    edit_event(event, changes={"exdates": [datetime(2026, 3, 9, 9)]}, by=agent)
    assert held(event) == ["03-02 09:00", "03-16 09:00", "03-23 09:00"]
    assert event.bookings.holding().get(recurrence_id=datetime(2026, 3, 16, 9)).pk == before[datetime(2026, 3, 16, 9)]


def test_a_date_that_was_given_back_is_not_booked_again_by_a_move(plan, room, agent):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY)
    bookings = book_resource(event, room, by=agent)
    cancel_booking(bookings[1], by=agent)
    edit_event(event, changes={"starts_at": datetime(2026, 3, 2, 14)}, by=agent)
    assert held(event) == ["03-02 14:00", "03-16 14:00", "03-23 14:00"]


def test_a_single_date_booked_follows_on_its_day_and_is_given_back_when_the_day_goes(plan, room, agent):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY)
    book_resource(event, room, recurrence_id=datetime(2026, 3, 9, 9), by=agent)
    edit_event(event, changes={"starts_at": datetime(2026, 3, 2, 14)}, by=agent)
    assert held(event) == ["03-09 14:00"]
    edit_event(event, changes={"recurrence": "FREQ=WEEKLY;BYDAY=TU;COUNT=4"}, by=agent)
    assert held(event) == []


def test_what_is_over_stays_as_it_was(plan, room, agent, clock):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY)
    book_resource(event, room, by=agent)
    clock.move_to(datetime(2026, 3, 10, tzinfo=UTC))
    edit_event(event, changes={"starts_at": datetime(2026, 3, 2, 14)}, by=agent)
    assert held(event) == ["03-02 09:00", "03-09 09:00", "03-16 14:00", "03-23 14:00"]


def test_a_cancelled_event_frees_what_is_ahead(plan, room, agent, clock):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY)
    book_resource(event, room, by=agent)
    clock.move_to(datetime(2026, 3, 10, tzinfo=UTC))
    cancel_event(event, by=agent)
    assert held(event) == ["03-02 09:00", "03-09 09:00"]
    assert not EventResource.objects.exists()
    assert ResourceBooking.objects.count() == 4


def test_pending_reminders_move_with_the_event(plan, agent):
    event = plan("2026-03-02T09:00")
    set_reminders(event, [ReminderWish(30)], by=agent)
    edit_event(event, changes={"starts_at": datetime(2026, 3, 3, 9)}, by=agent)
    old, new = ReminderDelivery.objects.order_by("starts_at")
    assert (old.state, old.next_attempt_at) == ("cancelled", None)
    assert (new.state, new.due_at) == ("pending", datetime(2026, 3, 3, 13, 30, tzinfo=UTC))
    edit_event(event, changes={"starts_at": datetime(2026, 3, 2, 9)}, by=agent)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.state, new.state) == ("pending", "cancelled")


def test_pending_reminders_of_a_cancelled_event_are_dropped(plan, agent):
    event = plan("2026-03-02T09:00", reminders=[ReminderWish(30)])
    cancel_event(event, by=agent)
    assert ReminderDelivery.objects.get().state == "cancelled"


@pytest.fixture
def yearly(plan):
    """It goes on for ever, much further than bookings for all its dates are made."""
    return plan("2026-03-02T09:00", recurrence="FREQ=YEARLY")


def test_a_date_booked_by_itself_years_ahead_is_kept_when_another_date_moves(yearly, room, agent):
    (booking,) = book_resource(yearly, room, recurrence_id=datetime(2029, 3, 2, 9), by=agent)
    edit_occurrence(yearly, datetime(2026, 3, 2, 9), changes={"starts_at": datetime(2026, 3, 2, 10)}, by=agent)
    booking.refresh_from_db()
    assert booking.status == "accepted"


def test_beside_a_booking_for_all_dates_only_that_one_is_kept_beyond_the_horizon(yearly, room, agent):
    book_resource(yearly, room, by=agent)
    (booking,) = book_resource(yearly, room, recurrence_id=datetime(2029, 3, 2, 9), by=agent)
    edit_event(yearly, changes={"starts_at": datetime(2026, 3, 2, 10)}, by=agent)
    booking.refresh_from_db()
    assert (booking.status, booking.recurrence_id) == ("accepted", datetime(2029, 3, 2, 10))
    assert [each.recurrence_id.year for each in yearly.bookings.open().order_by("starts_at")] == [2026, 2027, 2029]


def test_a_booking_goes_with_its_date_however_far(plan, room, agent):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=3")
    (booking,) = book_resource(event, room, recurrence_id=datetime(2026, 3, 9, 9), by=agent)
    for year in (2029, 2032):
        edit_occurrence(event, datetime(2026, 3, 9, 9), changes={"starts_at": datetime(year, 3, 9, 10)}, by=agent)
        booking.refresh_from_db()
        assert (booking.status, booking.starts_at) == ("accepted", datetime(year, 3, 9, 15, tzinfo=UTC))


@pytest.mark.parametrize("whole", [True, False])
def test_of_two_dates_on_one_day_the_one_not_booked_stays_so_when_another_day_moves(plan, room, agent, whole):
    morning, afternoon = datetime(2026, 3, 2, 9), datetime(2026, 3, 2, 15)
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=3", rdates=[afternoon])
    booked = book_resource(event, room, recurrence_id=None if whole else morning, by=agent)
    if whole:
        cancel_booking(next(each for each in booked if each.recurrence_id == afternoon), by=agent)
    edit_occurrence(event, datetime(2026, 3, 9, 9), changes={"starts_at": datetime(2026, 3, 9, 10)}, by=agent)
    held = set(event.bookings.open().values_list("recurrence_id", flat=True))
    assert morning in held
    assert afternoon not in held
