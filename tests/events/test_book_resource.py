# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Booking: the database refuses overlap, and the refusal says what could be done instead."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from estateman.activity.models import Activity
from events.diaries import diaries_of
from events.diary import Diary
from events.models import EventResource, ResourceBooking
from events.services import (
    BookingConflict,
    EventCancelledAlready,
    OverlapsItself,
    book_resource,
    book_resources,
    cancel_booking,
    cancel_event,
    change_resource,
    create_calendar,
    create_event,
    create_resource,
    extend_bookings,
)
from events.services.bookings import HORIZON, ResourceOutOfUse, placing

WEEKLY = "FREQ=WEEKLY;BYDAY=MO;COUNT=4"
pytestmark = pytest.mark.usefixtures("clock")


def days(bookings):
    return [booking.recurrence_id.strftime("%m-%d") for booking in bookings]


def test_a_series_is_booked_for_every_date_at_the_real_instants(plan, room, agent):
    bookings = book_resource(plan("2026-03-02T09:00", recurrence=WEEKLY), room, by=agent)
    assert days(bookings) == ["03-02", "03-09", "03-16", "03-23"]
    # Nine in New York is 14:00 UTC before the eighth of March and 13:00 after it.
    assert [booking.starts_at.hour for booking in bookings] == [14, 13, 13, 13]
    payload = Activity.objects.get(kind="resource.booked").payload
    assert (payload["resource"], payload["occurrences"]) == ("Viewing room", 4)


def test_a_night_that_gains_an_hour_is_booked_for_an_hour_more(plan, room, agent):
    (booking,) = book_resource(plan("2026-11-01T00:30", duration_minutes=180), room, by=agent)
    assert booking.ends_at - booking.starts_at == timedelta(hours=4)


def test_one_occurrence_can_be_booked_by_itself(plan, room, agent):
    series = plan("2026-03-02T09:00", recurrence=WEEKLY)
    bookings = book_resource(series, room, recurrence_id=datetime(2026, 3, 9, 9), by=agent)
    assert days(bookings) == ["03-09"]
    assert not EventResource.objects.exists()


def test_an_occurrence_that_the_event_does_not_have_cannot_be_booked(plan, room, agent):
    series = plan("2026-03-02T09:00", recurrence=WEEKLY, exdates=[datetime(2026, 3, 9, 9)])
    for absent in (datetime(2026, 3, 9, 9), datetime(2026, 3, 9, 10), datetime(2026, 3, 3, 9)):
        with pytest.raises(ValidationError, match="does not take place then"):
            book_resource(series, room, recurrence_id=absent, by=agent)


def test_a_collision_is_reported_with_the_dates_that_collide_and_those_that_are_free(plan, room, agent):
    taken = book_resource(plan("2026-03-09T09:30", title="Valuation"), room, by=agent)
    with pytest.raises(BookingConflict) as refused:
        book_resource(plan("2026-03-02T09:00", recurrence=WEEKLY), room, by=agent)
    assert refused.value.extra["conflicts"] == [
        {
            "recurrence_id": "2026-03-09T09:00:00",
            "starts_at": "2026-03-09T13:00:00Z",
            "ends_at": "2026-03-09T14:00:00Z",
            "reason": "booked",
            "booking": taken[0].pk,
            "title": "Valuation",
        }
    ]
    assert [each["recurrence_id"][5:10] for each in refused.value.extra["free"]] == ["03-02", "03-16", "03-23"]
    assert ResourceBooking.objects.count() == 1


def test_a_conflict_keeps_the_title_of_an_event_that_the_booker_may_not_read(plan, room, agent, stranger):
    theirs = create_calendar(name="Sam", timezone="America/New_York", by=stranger)
    book_resource(plan("2026-03-02T09:00", title="Secret", into=theirs, by=stranger), room, by=stranger)
    with pytest.raises(BookingConflict) as refused:
        book_resource(plan("2026-03-02T09:00"), room, by=agent)
    assert refused.value.extra["conflicts"][0]["title"] is None


def test_the_colliding_dates_can_be_skipped(plan, room, agent):
    book_resource(plan("2026-03-09T09:30"), room, by=agent)
    bookings = book_resource(plan("2026-03-02T09:00", recurrence=WEEKLY), room, skip_conflicts=True, by=agent)
    assert days(bookings) == ["03-02", "03-16", "03-23"]


def test_skipping_everything_is_still_a_conflict(plan, room, agent):
    book_resource(plan("2026-03-02T09:00"), room, by=agent)
    with pytest.raises(BookingConflict):
        book_resource(plan("2026-03-02T09:30"), room, skip_conflicts=True, by=agent)


def test_a_collision_on_a_day_that_is_over_refuses_nothing(plan, room, agent, clock):
    book_resource(plan("2026-03-09T09:30"), room, by=agent)
    series = plan("2026-03-02T09:00", recurrence=WEEKLY)
    clock.move_to(datetime(2026, 3, 12, tzinfo=UTC))
    assert days(book_resource(series, room, by=agent)) == ["03-02", "03-16", "03-23"]


def test_adjacent_bookings_do_not_collide(plan, room, agent):
    for start in ("2026-03-02T09:00", "2026-03-02T10:00", "2026-03-02T08:00"):
        book_resource(plan(start), room, by=agent)
    assert ResourceBooking.objects.holding().count() == 3


def test_booking_again_what_one_holds_changes_nothing(plan, room, agent):
    series = plan("2026-03-02T09:00", recurrence=WEEKLY)
    single = book_resource(series, room, recurrence_id=datetime(2026, 3, 9, 9), by=agent)
    whole = book_resource(series, room, by=agent)
    assert single[0] in whole
    assert [booking.pk for booking in book_resource(series, room, by=agent)] == [booking.pk for booking in whole]
    assert ResourceBooking.objects.count() == 4


def test_a_series_whose_dates_overlap_cannot_hold_one_room(plan, room, agent):
    with pytest.raises(OverlapsItself):
        book_resource(plan("2026-03-02T09:00", recurrence="FREQ=DAILY", duration_minutes=25 * 60), room, by=agent)


def test_a_resource_out_of_use_takes_no_bookings(plan, room, agent, manager):
    change_resource(room, changes={"is_active": False}, by=manager)
    with pytest.raises(ResourceOutOfUse):
        book_resource(plan("2026-03-02T09:00"), room, by=agent)


def test_nothing_is_booked_for_a_cancelled_event(plan, room, agent):
    event = cancel_event(plan("2026-03-02T09:00"), by=agent)
    with pytest.raises(EventCancelledAlready):
        book_resource(event, room, by=agent)


def test_only_who_may_change_the_event_books_for_it(plan, room, stranger):
    with pytest.raises(PermissionDenied):
        book_resource(plan("2026-03-02T09:00"), room, by=stranger)


def test_several_resources_are_booked_all_or_none(plan, room, van, agent):
    book_resource(plan("2026-03-02T09:00"), van, by=agent)
    with pytest.raises(BookingConflict):
        book_resources(plan("2026-03-02T09:00"), [room, van], by=agent)
    assert not room.bookings.exists()


def test_a_booking_given_back_is_free_for_others(plan, room, agent):
    (booking,) = book_resource(plan("2026-03-02T09:00"), room, by=agent)
    cancel_booking(booking, by=agent)
    cancel_booking(booking, by=agent)
    assert len(book_resource(plan("2026-03-02T09:00"), room, by=agent)) == 1
    assert Activity.objects.filter(kind="booking.cancelled").count() == 1


def test_a_booking_is_given_back_by_its_booker_or_an_editor_only(plan, room, agent, stranger):
    (booking,) = book_resource(plan("2026-03-02T09:00"), room, by=agent)
    with pytest.raises(PermissionDenied):
        cancel_booking(booking, by=stranger)


def test_a_series_without_end_is_booked_up_to_the_horizon_and_carried_on(plan, room, agent, clock):
    series = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY")
    booked = book_resource(series, room, by=agent)
    assert booked[-1].starts_at <= datetime(2026, 3, 1, 12, tzinfo=UTC) + HORIZON
    assert extend_bookings(EventResource.objects.get(event=series)) == 0
    clock.shift(timedelta(days=14))
    other = plan((booked[-1].recurrence_id + timedelta(days=7)).isoformat())
    book_resource(other, room, by=agent)
    assert extend_bookings(EventResource.objects.get(event=series)) == 1
    assert room.bookings.filter(event=series).order_by("starts_at").last().recurrence_id == (
        booked[-1].recurrence_id + timedelta(days=14)
    )


# The guard itself, below the services


def raw(event, room, start, end, status="accepted", **fields):
    return ResourceBooking(
        event=event,
        resource=room,
        recurrence_id=datetime(2026, 3, 2, 9),
        starts_at=start,
        ends_at=end,
        blocked_from=start,
        blocked_until=end,
        status=status,
        **fields,
    )


TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
HALF = timedelta(microseconds=500_000)


@pytest.mark.parametrize(
    ("offset", "refused"),
    [
        (timedelta(0), False),
        (-HALF, True),
        (HALF, False),
        (timedelta(microseconds=-1), True),
        (-timedelta(minutes=30), True),
    ],
)
def test_the_guard_compares_instants_to_the_microsecond(plan, room, offset, refused):
    event = plan("2026-03-02T09:00")
    raw(event, room, TEN - timedelta(hours=1), TEN).save()
    following = raw(event, room, TEN + offset, TEN + timedelta(hours=1))
    if refused:
        with pytest.raises(IntegrityError, match="no_overlapping_bookings"), transaction.atomic():
            following.save()
    else:
        following.save()


def test_the_guard_compares_ends_with_fractions_too(plan, room):
    event = plan("2026-03-02T09:00")
    raw(event, room, TEN - timedelta(hours=1), TEN + HALF).save()
    with pytest.raises(IntegrityError, match="no_overlapping_bookings"), transaction.atomic():
        raw(event, room, TEN, TEN + timedelta(hours=1)).save()
    raw(event, room, TEN + HALF, TEN + timedelta(hours=1)).save()


def test_the_guard_holds_for_updates_and_lets_requests_cancelled_rows_and_other_units_be(plan, room):
    event = plan("2026-03-02T09:00")
    raw(event, room, TEN, TEN + timedelta(hours=1)).save()
    raw(event, room, TEN, TEN + timedelta(hours=1), "pending").save()
    raw(event, room, TEN, TEN + timedelta(hours=1), unit=2).save()
    cancelled = raw(event, room, TEN, TEN + timedelta(hours=1), "cancelled")
    cancelled.save()
    with pytest.raises(IntegrityError, match="no_overlapping_bookings"), transaction.atomic():
        ResourceBooking.objects.filter(pk=cancelled.pk).update(status="accepted")


def test_the_guard_does_not_mind_a_row_saved_again(plan, room):
    booking = raw(plan("2026-03-02T09:00"), room, TEN, TEN + timedelta(hours=1))
    booking.save()
    booking.save()


def test_a_form_sees_the_collision_before_the_database_does(plan, room):
    event = plan("2026-03-02T09:00")
    raw(event, room, TEN, TEN + timedelta(hours=1)).save()
    with pytest.raises(ValidationError, match="booked already"):
        raw(event, room, TEN, TEN + timedelta(hours=1)).validate_constraints()


def test_a_migration_that_rebuilds_the_table_keeps_the_guard(plan, room, transactional_db):
    event = plan("2026-03-02T09:00")
    constraint = next(each for each in ResourceBooking._meta.constraints if each.name == "no_overlapping_bookings")
    with connection.schema_editor() as editor:
        editor.remove_constraint(ResourceBooking, constraint)
    with connection.schema_editor() as editor:
        editor.add_constraint(ResourceBooking, constraint)
    raw(event, room, TEN, TEN + timedelta(hours=1)).save()
    with pytest.raises(IntegrityError, match="no_overlapping_bookings"), transaction.atomic():
        raw(event, room, TEN, TEN + timedelta(hours=1)).save()


def test_what_somebody_wrote_past_the_lock_is_a_conflict_all_the_same(plan, room, agent, monkeypatch):
    """The look into the diary finds nothing, so the database itself has to refuse."""
    (taken,) = book_resource(plan("2026-03-02T09:30"), room, by=agent)
    looks: Iterator[Callable[..., dict[int, Diary]]] = iter(
        [lambda resources, *_: {each.pk: Diary(each.units) for each in resources}, diaries_of]
    )
    monkeypatch.setattr(placing, "diaries_of", lambda *args: next(looks)(*args))  # noqa: PLW0108  a look at each call
    with pytest.raises(BookingConflict) as refused:
        book_resource(plan("2026-03-02T09:00"), room, by=agent)
    assert [each["booking"] for each in refused.value.extra["conflicts"]] == [taken.pk]


# Races


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_people_booking_one_slot_at_once_one_wins(agent, calendar, room, in_threads):
    for slot in range(4):
        start = datetime(2026, 3, 2 + slot, 9)
        events = [create_event(calendar, by=agent, title=f"Showing {n}", starts_at=start) for n in range(16)]
        results = in_threads(16, lambda n, events=events: book_resource(events[n], room, by=agent))
        assert sum(isinstance(result, list) for result in results) == 1
        assert sum(isinstance(result, BookingConflict) for result in results) == 15
    assert ResourceBooking.objects.holding().count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_resources_booked_in_opposite_order_never_wait_for_each_other(agent, manager, calendar, in_threads):
    pair = [create_resource(name=name, kind="key", by=manager) for name in ("Keys A", "Keys B")]
    for slot in range(5):
        start = datetime(2026, 3, 2 + slot, 9)
        events = [create_event(calendar, by=agent, title=f"Showing {n}", starts_at=start) for n in range(8)]

        def book(n, events=events):
            return book_resources(events[n], pair if n % 2 else pair[::-1], by=agent)

        results = in_threads(8, book)
        assert sorted(type(result).__name__ for result in results) == ["BookingConflict"] * 7 + ["list"]


def test_the_horizon_books_no_second_unit_for_a_date_that_was_booked_by_itself(plan, van, agent, manager, clock):
    change_resource(van, changes={"units": 2}, by=manager)
    event = plan("2026-03-02T09:00", recurrence="FREQ=YEARLY")
    book_resource(event, van, by=agent)
    book_resource(event, van, recurrence_id=datetime(2028, 3, 2, 9), by=agent)
    clock.move_to("2027-01-01T12:00:00Z")
    assert extend_bookings(EventResource.objects.get(event=event)) == 0
    assert [each.recurrence_id.year for each in event.bookings.order_by("starts_at")] == [2026, 2027, 2028]
