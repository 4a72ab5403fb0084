# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Units, buffers, hours, blackouts and who may book: what decides whether something can be had."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from estateman.activity.models import Activity
from events.diaries import free_between
from events.models import Blackout, Resource
from events.services import (
    BookingConflict,
    OutsideBookableHours,
    OverlapsItself,
    add_blackout,
    book_resource,
    cancel_booking,
    change_resource,
    create_calendar,
    create_resource,
    edit_event,
    remove_blackout,
)

WEEKLY = "FREQ=WEEKLY;BYDAY=MO;COUNT=4"
pytestmark = pytest.mark.usefixtures("clock")


def days(bookings):
    return [booking.recurrence_id.strftime("%m-%d") for booking in bookings]


def utc(day, hour, minute=0, month=3):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def keys(manager):
    return create_resource(name="Keys", kind="key", units=2, by=manager)


@pytest.fixture
def reshape(room, manager):
    """``reshape(units=3)``: the room with other rules."""

    def change(**changes):
        return change_resource(room, changes=changes, by=manager)

    return change


# Units


def test_each_booking_gets_the_lowest_unit_that_is_free(plan, keys, agent):
    (first,) = book_resource(plan("2026-03-02T09:00"), keys, by=agent)
    (second,) = book_resource(plan("2026-03-02T09:30"), keys, by=agent)
    assert (first.unit, second.unit) == (1, 2)
    with pytest.raises(BookingConflict):
        book_resource(plan("2026-03-02T09:15"), keys, by=agent)
    cancel_booking(first, by=agent)
    (third,) = book_resource(plan("2026-03-02T09:15"), keys, by=agent)
    assert third.unit == 1


def test_a_series_may_have_another_unit_on_each_date(plan, keys, agent):
    book_resource(plan("2026-03-09T09:00"), keys, by=agent)
    assert [each.unit for each in book_resource(plan("2026-03-02T09:00", recurrence=WEEKLY), keys, by=agent)] == [
        1, 2, 1, 1,
    ]  # fmt: skip


def test_a_moved_event_takes_another_unit_where_its_own_is_taken(plan, keys, agent):
    (taken,) = book_resource(plan("2026-03-03T09:00"), keys, by=agent)
    event = plan("2026-03-02T09:00")
    (booking,) = book_resource(event, keys, by=agent)
    edit_event(event, changes={"starts_at": datetime(2026, 3, 3, 9, 30)}, by=agent)
    booking.refresh_from_db()
    assert (booking.unit, taken.unit) == (2, 1)


def test_fewer_units_leave_what_is_booked_and_take_no_more(plan, keys, agent, manager):
    for _ in range(2):
        book_resource(plan("2026-03-02T09:00"), keys, by=agent)
    change_resource(keys, changes={"units": 1}, by=manager)
    assert keys.bookings.holding().count() == 2
    with pytest.raises(BookingConflict):
        book_resource(plan("2026-03-02T09:00"), keys, by=agent)


# Buffers


def test_buffers_keep_their_distance_to_the_minute(plan, room, agent, reshape):
    reshape(buffer_before_minutes=10, buffer_after_minutes=15)
    (booking,) = book_resource(plan("2026-03-02T10:00"), room, by=agent)
    assert (booking.blocked_from, booking.blocked_until) == (utc(2, 14, 50), utc(2, 16, 15))
    for near in ("2026-03-02T11:24", "2026-03-02T08:36"):
        with pytest.raises(BookingConflict):
            book_resource(plan(near), room, by=agent)
    for apart in ("2026-03-02T11:25", "2026-03-02T08:35"):
        book_resource(plan(apart), room, by=agent)


def test_a_moved_event_takes_its_buffers_along(plan, room, agent, reshape):
    reshape(buffer_after_minutes=30)
    event = plan("2026-03-02T10:00")
    (booking,) = book_resource(event, room, by=agent)
    edit_event(event, changes={"starts_at": datetime(2026, 3, 3, 10)}, by=agent)
    booking.refresh_from_db()
    assert booking.blocked_until == utc(3, 16, 30)


def test_a_series_that_leaves_no_room_for_its_own_buffers_cannot_be_booked(plan, room, agent, reshape):
    reshape(buffer_after_minutes=60)
    daily = plan("2026-03-02T09:00", recurrence="FREQ=DAILY;COUNT=3", duration_minutes=23 * 60 + 30)
    with pytest.raises(OverlapsItself):
        book_resource(daily, room, by=agent)


# Hours


def test_outside_the_hours_is_refused_by_name(plan, room, agent, reshape):
    reshape(bookable_hours={"0": [[540, 720], [720, 1020]]}, timezone="America/New_York")
    book_resource(plan("2026-03-02T09:00", duration_minutes=480), room, by=agent)
    for start, minutes in (("2026-03-09T08:59", 60), ("2026-03-09T16:30", 31), ("2026-03-10T10:00", 60)):
        with pytest.raises(OutsideBookableHours) as refused:
            book_resource(plan(start, duration_minutes=minutes), room, by=agent)
        assert refused.value.code == "outside_bookable_hours"
        assert refused.value.extra["conflicts"][0]["reason"] == "outside_hours"
        assert refused.value.extra["timezone"] == "America/New_York"


def test_hours_are_those_of_the_resource_and_not_of_the_event(plan, room, agent, reshape):
    reshape(bookable_hours={str(day): [[540, 1020]] for day in range(7)}, timezone="Europe/London")
    # Nine in New York is two in the afternoon in London, and four is nine in the evening.
    book_resource(plan("2026-03-02T09:00"), room, by=agent)
    with pytest.raises(OutsideBookableHours):
        book_resource(plan("2026-03-02T16:00"), room, by=agent)


def test_a_series_runs_into_the_hours_of_a_zone_whose_clocks_change_later(plan, room, agent, reshape):
    """New York's clocks go forward on the eighth, London's on the 29th: for three weeks they are an hour nearer."""
    reshape(bookable_hours={"0": [[840, 1020]]}, timezone="Europe/London")
    series = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=5")
    with pytest.raises(OutsideBookableHours) as refused:
        book_resource(series, room, by=agent)
    assert [each["recurrence_id"][5:10] for each in refused.value.extra["conflicts"]] == ["03-09", "03-16", "03-23"]
    assert days(book_resource(series, room, skip_conflicts=True, by=agent)) == ["03-02", "03-30"]


def test_hours_that_meet_at_midnight_are_one(plan, room, agent, reshape):
    reshape(bookable_hours={"0": [[1200, 1440]], "1": [[0, 120]]})
    book_resource(plan("2026-03-02T23:00", duration_minutes=120), room, by=agent)
    with pytest.raises(OutsideBookableHours):
        book_resource(plan("2026-03-09T23:30", duration_minutes=180), room, by=agent)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08T00:30", 2), ("2026-11-01T00:30", 4)])
def test_a_night_in_which_clocks_change_is_open_by_the_clock_on_the_wall(plan, room, agent, reshape, day, hours):
    reshape(bookable_hours={"6": [[30, 210]]})
    (booking,) = book_resource(plan(day, duration_minutes=180), room, by=agent)
    assert booking.ends_at - booking.starts_at == timedelta(hours=hours)


def test_a_date_outside_the_hours_stands_in_the_report_beside_those_that_are_taken(plan, room, agent, reshape, manager):
    reshape(bookable_hours={"0": [[540, 1020]]})
    book_resource(plan("2026-03-09T09:00"), room, by=agent)
    add_blackout(room, starts_at=utc(16, 0), ends_at=utc(17, 0), reason="Painting", by=manager)
    series = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;BYDAY=MO,TU;COUNT=6")
    with pytest.raises(BookingConflict) as refused:
        book_resource(series, room, by=agent)
    assert refused.value.code == "booking_conflict"
    found = {each["recurrence_id"][5:10]: (each["reason"], each["title"]) for each in refused.value.extra["conflicts"]}
    closed = ("outside_hours", None)
    assert found == {
        "03-03": closed, "03-09": ("booked", "Showing"), "03-10": closed, "03-16": ("blackout", "Painting"),
        "03-17": closed,
    }  # fmt: skip
    assert [each["recurrence_id"][5:10] for each in refused.value.extra["free"]] == ["03-02"]


@pytest.mark.parametrize(
    "hours",
    [[], {"7": [[0, 60]]}, {"0": [[60, 30]]}, {"0": [[0, 1441]]}, {"0": [[0, 60], [30, 90]]}, {"0": [["a", 1]]}],
)
def test_hours_that_are_none_are_refused(reshape, hours):
    with pytest.raises(ValidationError) as refused:
        reshape(bookable_hours=hours)
    assert list(refused.value.message_dict) == ["bookable_hours"]


# Blackouts


def test_a_series_leaves_out_just_the_dates_of_a_blackout_and_takes_them_once_it_is_gone(plan, room, agent, manager):
    blackout = add_blackout(room, starts_at=utc(9, 12), ends_at=utc(16, 13, 30), by=manager)
    series = plan("2026-03-02T09:00", recurrence=WEEKLY)
    with pytest.raises(BookingConflict):
        book_resource(series, room, by=agent)
    assert days(book_resource(series, room, skip_conflicts=True, by=agent)) == ["03-02", "03-23"]
    remove_blackout(blackout, by=manager)
    assert days(book_resource(series, room, recurrence_id=datetime(2026, 3, 9, 9), by=agent)) == ["03-09"]
    assert days(book_resource(series, room, by=agent)) == ["03-02", "03-09", "03-16", "03-23"]
    assert room.bookings.count() == 4


def test_a_blackout_touches_neither_what_ends_before_it_nor_what_begins_after(plan, room, agent, manager):
    add_blackout(room, starts_at=utc(2, 15), ends_at=utc(2, 16), by=manager)
    for start in ("2026-03-02T09:00", "2026-03-02T11:00"):
        book_resource(plan(start), room, by=agent)


def test_a_blackout_closes_all_units_and_the_buffers_too(plan, keys, agent, manager):
    change_resource(keys, changes={"buffer_after_minutes": 15}, by=manager)
    add_blackout(keys, starts_at=utc(2, 15), ends_at=utc(2, 16), by=manager)
    with pytest.raises(BookingConflict):
        book_resource(plan("2026-03-02T09:00"), keys, by=agent)


def test_whoever_booked_in_a_blackout_is_told_and_keeps_the_booking(plan, room, agent, manager):
    (_, second, *_) = book_resource(plan("2026-03-02T09:00", recurrence=WEEKLY), room, by=agent)
    add_blackout(room, starts_at=utc(9, 0), ends_at=utc(10, 0), reason="Painting", by=manager)
    told = Activity.objects.get(kind="booking.in_blackout").payload
    assert (told["booking_id"], told["user_id"], told["reason"]) == (second.pk, agent.pk, "Painting")
    second.refresh_from_db()
    assert second.status == "accepted"
    assert Activity.objects.get(kind="blackout.added").payload["resource"] == room.name


def test_only_who_runs_a_resource_closes_and_opens_it(team, agent, coordinator, stranger, manager, reshape):
    room = reshape(team=team)
    for other in (coordinator, stranger):
        with pytest.raises(PermissionDenied):
            add_blackout(room, starts_at=utc(9, 0), ends_at=utc(10, 0), by=other)
    blackout = add_blackout(room, starts_at=utc(9, 0), ends_at=utc(10, 0), by=agent)
    with pytest.raises(PermissionDenied):
        remove_blackout(blackout, by=stranger)
    remove_blackout(blackout, by=manager)
    remove_blackout(blackout, by=manager)
    assert not Blackout.objects.exists()
    assert Activity.objects.filter(kind="blackout.removed").count() == 1


def test_a_blackout_ends_after_it_begins(room, manager):
    with pytest.raises(ValidationError):
        add_blackout(room, starts_at=utc(9, 0), ends_at=utc(9, 0), by=manager)


# Who may book


def test_a_resource_can_be_kept_for_a_team_or_for_those_who_run_it(plan, team, agent, coordinator, stranger, reshape):
    room = reshape()
    theirs = create_calendar(name="Sam", by=stranger)
    coras = create_calendar(name="Cora", by=coordinator)

    def may_book(person, calendar):
        number = room.bookings.count()
        event = plan(f"2026-03-02T{number + 9:02}:00", into=calendar, by=person)
        try:
            return bool(book_resource(event, room, by=person))
        except PermissionDenied:
            return False

    def who():
        return [may_book(agent, None), may_book(coordinator, coras), may_book(stranger, theirs)]

    assert who() == [True, True, True]
    reshape(team=team, bookers="team")
    assert who() == [True, True, False]
    reshape(bookers="leaders")
    assert who() == [True, False, False]


def test_what_is_kept_for_a_team_names_one(reshape):
    with pytest.raises(ValidationError) as refused:
        reshape(bookers="team")
    assert list(refused.value.message_dict) == ["team"]


# What is free


@pytest.fixture
def closed_van(van, manager):
    """From ten until eleven in New York."""
    add_blackout(van, starts_at=utc(2, 15), ends_at=utc(2, 16), by=manager)
    return van


def test_the_search_finds_just_what_can_then_be_booked(
    plan, closed_van, keys, agent, reshape, django_assert_num_queries
):
    room = reshape(bookable_hours={"0": [[540, 1020]]}, buffer_before_minutes=30)
    book_resource(plan("2026-03-02T09:00"), keys, by=agent)
    for hour in (8, 9, 10):
        event = plan(f"2026-03-02T{hour:02}:00")
        with django_assert_num_queries(4):
            found = {each.name for each in free_between(Resource.objects.in_use(), utc(2, hour + 5), utc(2, hour + 6))}
        for resource in (room, closed_van, keys):
            if resource.name in found:
                (booking,) = book_resource(event, resource, by=agent)
                cancel_booking(booking, by=agent)
            else:
                with pytest.raises(BookingConflict):
                    book_resource(event, resource, by=agent)
    assert found == {"Viewing room", "Keys"}
