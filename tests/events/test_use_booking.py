# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Checked in to, released, kept for longer, swapped."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from estateman.activity.models import Activity
from events.jobs import release_unused_bookings
from events.services import (
    BookingBegun,
    BookingConflict,
    BookingOver,
    CheckInClosed,
    NeedsApproval,
    NotHeld,
    OutsideBookableHours,
    OverlapsItself,
    ResourceOutOfUse,
    book_resource,
    cancel_booking,
    change_resource,
    check_in_booking,
    create_calendar,
    create_resource,
    edit_event,
    edit_following,
    exchange_bookings,
    extend_booking,
    invite,
    release_booking,
    swap_resource,
)

# Nine in New York on the second of March.
START = datetime(2026, 3, 2, 14, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _clock(clock):
    return clock


@pytest.fixture
def booking(plan, room, agent):
    (booking,) = book_resource(plan("2026-03-02T09:00"), room, by=agent)
    return booking


@pytest.fixture
def reshape(room, manager):
    return lambda **changes: change_resource(room, changes=changes, by=manager)


def facts(kind):
    return [activity.payload for activity in Activity.objects.filter(kind=kind).order_by("pk")]


# Check-in


def test_one_checks_in_from_half_an_hour_before_the_start_until_the_end(booking, agent, clock):
    for early_or_late in (START - 31 * MINUTE, START + 60 * MINUTE):
        clock.move_to(early_or_late)
        with pytest.raises(CheckInClosed) as refused:
            check_in_booking(booking, by=agent)
        assert refused.value.extra["opens_at"] == "2026-03-02T13:30:00+00:00"
    clock.move_to(START - 30 * MINUTE)
    first = check_in_booking(booking, by=agent).checked_in_at
    clock.shift(MINUTE)
    assert check_in_booking(booking, by=agent).checked_in_at == first == START - 30 * MINUTE
    assert len(facts("booking.checked_in")) == 1


def test_the_booker_and_who_is_invited_check_in_and_nobody_else(booking, agent, stranger, clock):
    clock.move_to(START)
    with pytest.raises(PermissionDenied):
        check_in_booking(booking, by=stranger)
    clock.move_to(START - timedelta(hours=1))
    invite(booking.event, attendees=[stranger], by=agent)
    clock.move_to(START)
    assert check_in_booking(booking, by=stranger).checked_in_at == START


def test_what_was_given_back_cannot_be_used(booking, room, van, agent, clock):
    cancel_booking(booking, by=agent)
    clock.move_to(START)
    acts = (
        lambda: check_in_booking(booking, by=agent),
        lambda: release_booking(booking, by=agent),
        lambda: extend_booking(booking, minutes=30, by=agent),
        lambda: swap_resource(booking, resource=van, by=agent),
    )
    for act in acts:
        with pytest.raises(NotHeld) as refused:
            act()
        assert refused.value.extra == {"status": "cancelled"}


# Release


def test_released_before_it_begins_it_is_cancelled(booking, agent):
    assert release_booking(booking, by=agent).status == "cancelled"
    assert len(facts("booking.cancelled")) == 1


def test_released_while_it_is_used_it_ends_now_and_keeps_its_buffer(plan, room, agent, clock, reshape):
    reshape(buffer_after_minutes=10)
    (booking,) = book_resource(plan("2026-03-02T09:00"), room, by=agent)
    clock.move_to(START + 20 * MINUTE)
    check_in_booking(booking, by=agent)
    released = release_booking(booking, by=agent)
    assert (released.status, released.ends_at) == ("accepted", START + 20 * MINUTE)
    assert released.blocked_until == START + 30 * MINUTE
    assert facts("booking.released")[0]["no_show"] is False
    book_resource(plan("2026-03-02T09:30"), room, by=agent)


def test_released_without_anybody_having_come_it_counts_as_that(booking, plan, room, agent, clock):
    clock.move_to(START + 20 * MINUTE)
    assert release_booking(booking, by=agent).status == "released"
    assert facts("booking.released")[0]["no_show"] is True
    book_resource(plan("2026-03-02T09:00"), room, by=agent)


def test_what_is_over_is_not_released(booking, agent, clock):
    clock.move_to(START + 60 * MINUTE)
    with pytest.raises(BookingOver):
        release_booking(booking, by=agent)


def test_what_was_had_is_not_given_back_afterwards(booking, agent, clock):
    clock.move_to(START + 60 * MINUTE)
    with pytest.raises(BookingOver):
        cancel_booking(booking, by=agent)


def test_only_who_has_it_or_runs_the_resource_releases_it(booking, agent, stranger, manager):
    with pytest.raises(PermissionDenied):
        release_booking(booking, by=stranger)
    assert release_booking(booking, by=manager).status == "cancelled"


def test_what_nobody_checks_in_to_is_free_again_after_the_resources_minutes(plan, room, van, agent, clock, reshape):
    reshape(release_after_minutes=15)
    (unused,) = book_resource(plan("2026-03-02T09:00"), room, by=agent)
    (used,) = book_resource(plan("2026-03-02T10:00"), room, by=agent)
    (kept,) = book_resource(plan("2026-03-02T09:00"), van, by=agent)
    clock.move_to(START + 15 * MINUTE - timedelta(seconds=1))
    release_unused_bookings()
    assert room.bookings.holding().count() == 2
    clock.move_to(START + 15 * MINUTE)
    release_unused_bookings()
    release_unused_bookings()
    clock.move_to(START + 60 * MINUTE)
    check_in_booking(used, by=agent)
    clock.shift(30 * MINUTE)
    release_unused_bookings()
    for booking in (unused, used, kept):
        booking.refresh_from_db()
    assert [each.status for each in (unused, used, kept)] == ["released", "accepted", "accepted"]
    (told,) = facts("booking.released")
    assert (told["booking_id"], told["user_id"], told["no_show"]) == (unused.pk, agent.pk, True)


# Extend


def test_a_booking_is_kept_longer_and_the_event_stays_as_it_is(booking, plan, room, agent):
    extended = extend_booking(booking, minutes=30, by=agent)
    assert (extended.ends_at, extended.blocked_until) == (START + 90 * MINUTE, START + 90 * MINUTE)
    booking.event.refresh_from_db()
    assert booking.event.duration_minutes == 60
    assert facts("booking.extended")[0]["minutes"] == 30
    with pytest.raises(BookingConflict):
        book_resource(plan("2026-03-02T10:00"), room, by=agent)


def test_it_is_not_kept_into_the_next_one_and_its_buffer(booking, plan, room, agent, reshape):
    (following,) = book_resource(plan("2026-03-02T10:30"), room, by=agent)
    with pytest.raises(BookingConflict) as refused:
        extend_booking(booking, minutes=31, by=agent)
    assert [each["booking"] for each in refused.value.extra["conflicts"]] == [following.pk]
    assert extend_booking(booking, minutes=30, by=agent).ends_at == START + 90 * MINUTE


def test_it_is_kept_on_its_own_unit_only(plan, room, agent, reshape):
    reshape(units=2)
    (one,), (other,), (late,) = (
        book_resource(plan(start), room, by=agent)
        for start in ("2026-03-02T09:00", "2026-03-02T09:00", "2026-03-02T10:00")
    )
    assert (one.unit, other.unit, late.unit) == (1, 2, 1)
    with pytest.raises(BookingConflict):
        extend_booking(one, minutes=10, by=agent)
    extend_booking(other, minutes=10, by=agent)


def test_it_is_not_kept_out_of_hours_nor_once_it_is_over_nor_by_others(booking, agent, stranger, clock, reshape):
    reshape(bookable_hours={"0": [[540, 630]]})
    with pytest.raises(OutsideBookableHours):
        extend_booking(booking, minutes=31, by=agent)
    with pytest.raises(PermissionDenied):
        extend_booking(booking, minutes=5, by=stranger)
    clock.move_to(START + 60 * MINUTE)
    with pytest.raises(BookingOver):
        extend_booking(booking, minutes=5, by=agent)


def test_what_takes_approval_is_kept_longer_by_those_who_give_it(booking, agent, manager, reshape):
    reshape(needs_approval=True)
    with pytest.raises(NeedsApproval):
        extend_booking(booking, minutes=5, by=agent)
    assert extend_booking(booking, minutes=5, by=manager).ends_at == START + 65 * MINUTE


# Swap


def test_another_resource_is_taken_for_one_occurrence(booking, room, van, agent, manager):
    change_resource(van, changes={"buffer_before_minutes": 10}, by=manager)
    swapped = swap_resource(booking, resource=van, by=agent)
    assert (swapped.pk, swapped.resource, swapped.blocked_from) == (booking.pk, van, START - 10 * MINUTE)
    assert not room.bookings.exists()
    assert facts("booking.swapped")[0] | {"former": "Viewing room", "resource": "Van"} == facts("booking.swapped")[0]


def test_swapped_for_a_single_event_it_is_what_a_series_made_of_it_has(booking, room, van, agent):
    swap_resource(booking, resource=van, by=agent)
    edit_event(booking.event, changes={"recurrence": "FREQ=WEEKLY;COUNT=3"}, by=agent)
    assert (van.bookings.holding().count(), room.bookings.holding().count()) == (3, 0)


def test_nothing_is_swapped_for_what_is_taken(booking, plan, van, agent):
    book_resource(plan("2026-03-02T09:30"), van, by=agent)
    with pytest.raises(BookingConflict):
        swap_resource(booking, resource=van, by=agent)
    booking.refresh_from_db()
    assert booking.status == "accepted"


def test_what_cannot_be_taken_cannot_be_swapped_for(booking, van, agent, manager, stranger, clock):
    def refused(why, resource=van, by=agent):
        with pytest.raises(why):
            swap_resource(booking, resource=resource, by=by)

    refused(ValidationError, booking.resource)
    refused(PermissionDenied, by=stranger)
    for changes, why in (
        ({"needs_approval": True}, NeedsApproval),
        ({"needs_approval": False, "bookers": "leaders"}, PermissionDenied),
        ({"bookers": "everyone", "is_active": False}, ResourceOutOfUse),
        ({"is_active": True, "bookable_hours": {"1": [[0, 60]]}}, OutsideBookableHours),
    ):
        change_resource(van, changes=changes, by=manager)
        refused(why)
    change_resource(van, changes={"bookable_hours": {}}, by=manager)
    book_resource(booking.event, van, by=agent)
    refused(OverlapsItself)
    clock.move_to(START)
    refused(BookingBegun)


def test_two_bookings_exchange_their_resources(booking, plan, room, van, agent):
    (other,) = book_resource(plan("2026-03-02T09:30"), van, by=agent)
    first, second = exchange_bookings(booking, other, by=agent)
    assert (first.resource, second.resource) == (van, room)
    assert len(facts("booking.swapped")) == 2


def test_two_bookings_of_one_event_exchange_theirs_on_different_dates_only(plan, room, van, agent):
    event = plan("2026-03-02T09:00", recurrence="FREQ=DAILY;COUNT=2")
    monday, tuesday = (datetime(2026, 3, day, 9) for day in (2, 3))
    (one,) = book_resource(event, room, recurrence_id=monday, by=agent)
    (other,) = book_resource(event, van, recurrence_id=tuesday, by=agent)
    exchange_bookings(one, other, by=agent)
    for booking in (one, other):
        booking.refresh_from_db()
    assert (one.resource, other.resource) == (van, room)


def test_an_exchange_that_fails_on_one_side_changes_neither(booking, plan, room, van, agent):
    (other,) = book_resource(plan("2026-03-02T09:30"), van, by=agent)
    book_resource(plan("2026-03-02T10:00"), room, by=agent)
    with pytest.raises(BookingConflict):
        exchange_bookings(booking, other, by=agent)
    for each, resource in ((booking, room), (other, van)):
        each.refresh_from_db()
        assert (each.status, each.resource) == ("accepted", resource)


def test_an_exchange_takes_a_right_to_both_and_two_resources(booking, plan, room, van, agent, stranger):
    theirs = create_calendar(name="Sam", by=stranger)
    (other,) = book_resource(plan("2026-03-02T09:00", into=theirs, by=stranger), van, by=stranger)
    with pytest.raises(PermissionDenied):
        exchange_bookings(booking, other, by=agent)
    with pytest.raises(ValidationError):
        exchange_bookings(booking, booking, by=agent)


@pytest.mark.django_db(transaction=True)
def test_two_exchanges_at_once_never_wait_for_each_other(agent, manager, plan, in_threads):
    pair = [create_resource(name=name, kind="key", by=manager) for name in ("Keys A", "Keys B")]
    bookings = [book_resource(plan("2026-03-02T09:00"), each, by=agent)[0] for each in pair]
    for _ in range(4):
        results = in_threads(4, lambda n: exchange_bookings(*(bookings if n % 2 else bookings[::-1]), by=agent))
        assert [each for each in results if isinstance(each, Exception)] == []
    for booking, resource in zip(bookings, pair, strict=True):
        booking.refresh_from_db()
        assert (booking.resource, booking.status) == (resource, "accepted")


def test_a_booking_that_a_split_took_along_meanwhile_is_seen_to_with_its_new_series(plan, room, van, agent):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=3")
    _, second, third = book_resource(event, room, by=agent)
    rest = edit_following(event, datetime(2026, 3, 9, 9), changes={"title": "From now on"}, by=agent)
    assert swap_resource(third, resource=van, by=agent).event_id == rest.pk
    cancel_booking(second, by=agent)
    assert Activity.objects.get(kind="booking.cancelled").payload["event_id"] == rest.pk
