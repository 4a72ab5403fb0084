# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""What takes approval is asked for; whoever is approved has it, and rivals that no unit is left for are declined."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from estateman.activity.models import Activity
from events.audience import deciders_of
from events.jobs import lapse_requests
from events.models import EventResource, Resource, ResourceBooking
from events.permissions import can_decide_booking
from events.services import (
    BookingConflict,
    BookingDecided,
    BookingOver,
    EventCancelledAlready,
    ResourceOutOfUse,
    add_blackout,
    approve_booking,
    book_resource,
    cancel_booking,
    cancel_event,
    change_resource,
    create_calendar,
    create_event,
    create_resource,
    decline_booking,
    edit_event,
    extend_bookings,
)
from events.services.bookings import lapse_request

WEEKLY = "FREQ=WEEKLY;BYDAY=MO;COUNT=3"
NINE = datetime(2026, 3, 2, 9)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def car(manager):
    return create_resource(name="Car", kind="vehicle", needs_approval=True, by=manager)


@pytest.fixture
def ask(plan, car, agent):
    """``ask("2026-03-02T09:00")``: the agent's request for the car, for an event of its own."""

    def make(starts_at, resource=None, **fields):
        return book_resource(plan(starts_at, **fields), resource or car, by=agent)

    return make


def states(*bookings):
    found = ResourceBooking.objects.in_bulk([booking.pk for booking in bookings])
    return [found[booking.pk].status for booking in bookings]


def test_several_may_ask_for_one_time_and_nobody_has_it(ask, car):
    (one,), (other,) = ask("2026-03-02T09:00"), ask("2026-03-02T09:30")
    assert states(one, other) == ["pending", "pending"]
    assert not car.bookings.holding().exists()
    assert Activity.objects.filter(kind="resource.requested").count() == 2
    assert not Activity.objects.filter(kind="resource.booked").exists()


def test_the_approved_one_has_it_and_its_rivals_are_declined(ask, manager, agent):
    (one,), (other,), (apart,) = ask("2026-03-02T09:00"), ask("2026-03-02T09:30"), ask("2026-03-02T10:00")
    (approved,) = approve_booking(one, by=manager)
    assert (approved.status, approved.decided_by, approved.decided_at is None) == ("accepted", manager, False)
    assert states(one, other, apart) == ["accepted", "declined", "pending"]
    declined = Activity.objects.get(kind="booking.declined").payload
    assert (declined["booking_id"], declined["rival"], declined["user_id"]) == (other.pk, True, agent.pk)
    assert approve_booking(one, by=manager) == [one]
    with pytest.raises(BookingDecided) as refused:
        approve_booking(other, by=manager)
    assert refused.value.extra == {"status": "declined"}


def test_with_a_unit_left_a_rival_goes_on_waiting(ask, car, manager):
    change_resource(car, changes={"units": 2}, by=manager)
    first, second, third = (ask("2026-03-02T09:00")[0] for _ in range(3))
    approve_booking(first, by=manager)
    assert states(first, second, third) == ["accepted", "pending", "pending"]
    (approved,) = approve_booking(second, by=manager)
    assert approved.unit == 2
    assert states(first, second, third) == ["accepted", "accepted", "declined"]


def test_a_buffer_makes_a_rival_too(ask, car, manager):
    change_resource(car, changes={"buffer_after_minutes": 15}, by=manager)
    (one,), (near,) = ask("2026-03-02T09:00"), ask("2026-03-02T10:10")
    approve_booking(one, by=manager)
    assert states(near) == ["declined"]


def test_a_request_for_what_is_taken_is_refused_at_once(ask, manager):
    (one,) = ask("2026-03-02T09:00")
    approve_booking(one, by=manager)
    with pytest.raises(BookingConflict):
        ask("2026-03-02T09:30")


def test_whoever_approves_books_at_once_and_declines_rivals_by_it(ask, plan, car, calendar, manager):
    (asked,) = ask("2026-03-02T09:00")
    office = create_calendar(name="Office", by=manager)
    (booked,) = book_resource(plan("2026-03-02T09:30", into=office, by=manager), car, by=manager)
    assert states(booked, asked) == ["accepted", "declined"]


def test_the_lead_of_the_resources_team_decides_and_others_do_not(ask, car, team, agent, coordinator, manager):
    (booking,) = ask("2026-03-02T09:00")
    change_resource(car, changes={"team": team}, by=manager)
    for decide in (approve_booking, decline_booking):
        with pytest.raises(PermissionDenied):
            decide(booking, by=coordinator)
    approve_booking(booking, by=agent)
    assert ask("2026-03-03T09:00")[0].status == "accepted"


def test_a_declined_request_can_be_made_again(ask, plan, car, agent, manager):
    event = plan("2026-03-02T09:00")
    (booking,) = book_resource(event, car, by=agent)
    assert [each.status for each in decline_booking(booking, by=manager)] == ["declined"]
    assert decline_booking(booking, by=manager) == [booking]
    (again,) = book_resource(event, car, by=agent)
    assert (again.pk != booking.pk, again.status) == (True, "pending")
    assert book_resource(event, car, by=agent) == [again]
    with pytest.raises(BookingDecided):
        decline_booking(approve_booking(again, by=manager)[0], by=manager)


def test_a_request_that_is_taken_back_cannot_be_approved(ask, agent, manager):
    (booking,) = ask("2026-03-02T09:00")
    assert cancel_booking(booking, by=agent).status == "cancelled"
    with pytest.raises(BookingDecided):
        approve_booking(booking, by=manager)


def test_what_is_over_blacked_out_or_cancelled_cannot_be_approved(ask, plan, car, agent, manager, clock):
    (past,) = ask("2026-03-02T09:00")
    (closed,) = ask("2026-03-04T09:00")
    event = plan("2026-03-05T09:00")
    (cancelled,) = book_resource(event, car, by=agent)
    cancel_event(event, by=agent)
    clock.move_to(datetime(2026, 3, 3, tzinfo=UTC))
    add_blackout(car, starts_at=datetime(2026, 3, 4, tzinfo=UTC), ends_at=datetime(2026, 3, 5, tzinfo=UTC), by=manager)
    for booking, why in ((past, BookingOver), (closed, BookingConflict), (cancelled, EventCancelledAlready)):
        with pytest.raises(why):
            approve_booking(booking, by=manager)
    assert states(past, closed, cancelled) == ["pending", "pending", "cancelled"]


def test_a_whole_series_is_approved_as_far_as_it_can_be(ask, manager):
    series = ask("2026-03-02T09:00", recurrence=WEEKLY)
    (rival,) = ask("2026-03-09T09:30")
    approve_booking(rival, by=manager)
    assert states(*series) == ["pending", "declined", "pending"]
    (again,) = ask("2026-03-16T09:30")
    approved = approve_booking(series[0], whole_series=True, by=manager)
    assert approved == [series[0], series[2]]
    assert states(*series, again) == ["accepted", "declined", "accepted", "declined"]
    with pytest.raises(BookingDecided):
        approve_booking(series[0], whole_series=True, by=manager)


def test_a_whole_series_is_declined_at_once(ask, manager):
    series = ask("2026-03-02T09:00", recurrence=WEEKLY)
    assert decline_booking(series[1], whole_series=True, by=manager) == series
    assert Activity.objects.filter(kind="booking.declined").count() == 3


def test_what_was_approved_and_is_moved_by_its_booker_is_asked_for_anew(plan, car, agent, manager):
    event = plan("2026-03-02T09:00")
    (booking,) = book_resource(event, car, by=agent)
    approve_booking(booking, by=manager)
    edit_event(event, changes={"title": "Viewing"}, by=agent)
    assert states(booking) == ["accepted"]
    edit_event(event, changes={"starts_at": datetime(2026, 3, 3, 9)}, by=agent)
    assert states(booking) == ["pending"]
    assert Activity.objects.filter(kind="resource.requested").count() == 2


def test_a_request_moves_with_its_event_and_stays_one(plan, car, calendar, agent, manager):
    event = plan("2026-03-02T09:00")
    (booking,) = book_resource(event, car, by=agent)
    edit_event(event, changes={"starts_at": datetime(2026, 3, 3, 9)}, by=agent)
    booking.refresh_from_db()
    assert (booking.status, booking.recurrence_id) == ("pending", datetime(2026, 3, 3, 9))


def test_a_series_goes_on_as_it_was_decided(plan, car, agent, manager, clock):
    """Two without end, one approved and one not; after three weeks the horizon has moved by three dates."""
    approved = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY")
    waiting = plan("2026-03-03T09:00", recurrence="FREQ=WEEKLY")
    for event in (approved, waiting):
        book_resource(event, car, by=agent)
    approve_booking(approved.bookings.first(), whole_series=True, by=manager)
    clock.shift(timedelta(days=22))
    for event, status in ((approved, "accepted"), (waiting, "pending")):
        assert extend_bookings(EventResource.objects.get(event=event)) == 3
        assert set(event.bookings.values_list("status", flat=True)) == {status}


@pytest.mark.django_db(transaction=True)
def test_of_two_approved_at_once_one_wins(agent, manager, calendar, in_threads):
    car = create_resource(name="Car", kind="vehicle", needs_approval=True, by=manager)
    for slot in range(6):
        events = [
            create_event(calendar, by=agent, title=f"Showing {n}", starts_at=NINE + timedelta(days=slot))
            for n in range(2)
        ]
        asked = [book_resource(event, car, by=agent)[0] for event in events]
        results = in_threads(2, lambda n, asked=asked: approve_booking(asked[n], by=manager))
        assert sorted(type(result).__name__ for result in results) == ["BookingDecided", "list"]
        assert sorted(states(*asked)) == ["accepted", "declined"]


def test_a_request_lapses_once_its_time_has_passed(ask, car, manager, agent, clock):
    (running,), (over,), (approved,) = ask("2026-03-02T09:00"), ask("2026-03-02T08:00"), ask("2026-03-02T07:00")
    approve_booking(approved, by=manager)
    clock.move_to("2026-03-02T14:00:00Z")
    lapse_requests()
    lapse_requests()
    assert states(running, over, approved) == ["pending", "declined", "accepted"]
    (told,) = (activity.payload for activity in Activity.objects.filter(kind="booking.declined"))
    assert (told["booking_id"], told["user_id"], told["rival"], told["lapsed"]) == (over.pk, agent.pk, False, True)
    over.refresh_from_db()
    assert (over.decided_by, over.decided_at) == (None, datetime(2026, 3, 2, 14, tzinfo=UTC))


def test_a_request_that_was_decided_meanwhile_does_not_lapse(ask, manager, clock):
    (booking,) = ask("2026-03-02T09:00")
    assert not lapse_request(booking)
    approve_booking(booking, by=manager)
    clock.move_to("2026-03-03T12:00:00Z")
    assert not lapse_request(booking)
    assert states(booking) == ["accepted"]


def test_a_series_that_was_declined_does_not_go_on(ask, car, manager, clock):
    asked = ask("2026-03-02T09:00", recurrence="FREQ=WEEKLY;BYDAY=MO")
    decline_booking(asked[0], whole_series=True, by=manager)
    clock.shift(timedelta(days=30))
    for wanted in EventResource.objects.all():
        extend_bookings(wanted)
    assert not car.bookings.requested().exists()


def test_nothing_is_approved_for_what_is_out_of_use(ask, car, manager):
    (booking,) = ask("2026-03-02T09:00")
    change_resource(car, changes={"is_active": False}, by=manager)
    with pytest.raises(ResourceOutOfUse):
        approve_booking(booking, by=manager)


def test_a_series_of_which_all_is_over_is_not_approved(ask, manager, clock):
    (booking,) = ask("2026-03-02T09:00")
    clock.move_to("2026-03-03T12:00:00Z")
    with pytest.raises(BookingOver):
        approve_booking(booking, whole_series=True, by=manager)


def test_who_decides_is_one_rule_from_both_sides(car, manager, agent, coordinator, team):
    people = (manager, agent, coordinator)
    for changes in ({}, {"team": team}):
        change_resource(car, changes=changes, by=manager)
        deciding = {user.pk for user in people if Resource.objects.run_by(user).exists()}
        assert set(deciders_of(car.pk)) == deciding == {user.pk for user in people if can_decide_booking(user, car)}
    assert agent.pk in deciding
