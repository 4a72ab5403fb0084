# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Answers, places and the waiting list; attendance."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from estateman.activity.models import Activity
from estateman.people.models import User
from events import jobs
from events.models import Attendee
from events.services import (
    HasAttended,
    Invitee,
    NotThenToCheckIn,
    TooLateToAnswer,
    answer_as_guest,
    cancel_occurrence,
    edit_event,
    edit_following,
    edit_occurrence,
    invitation_token,
    invite,
    invited_guest,
    record_attendance,
    remove_attendee,
    restore_occurrence,
    rsvp,
)

pytestmark = pytest.mark.usefixtures("clock")
FIRST, SECOND = datetime(2026, 3, 2, 9), datetime(2026, 3, 9, 9)


@pytest.fixture
def small(plan, coordinator, stranger, manager):
    """One place a date, for three colleagues, on three Mondays."""
    people = [coordinator, stranger, manager]
    return plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=3", capacity=1, attendees=people)


def status(event, user):
    return event.attendees.get(user=user).status


def test_a_yes_beyond_the_capacity_waits_and_moves_up_in_order(small, coordinator, stranger, manager):
    assert [rsvp(small, status="accepted", by=user).status for user in (coordinator, stranger, manager)] == [
        "accepted", "waiting", "waiting",
    ]  # fmt: skip
    rsvp(small, status="declined", by=coordinator)
    assert (status(small, stranger), status(small, manager)) == ("accepted", "waiting")
    assert Activity.objects.get(kind="attendee.seated").payload["user_id"] == stranger.pk


def test_asking_again_keeps_the_place_in_the_list(small, coordinator, stranger, manager, clock):
    for user in (coordinator, stranger, manager, stranger):
        rsvp(small, status="accepted", by=user)
        clock.shift(timedelta(minutes=1))
    rsvp(small, status="tentative", by=coordinator)
    assert (status(small, stranger), status(small, manager)) == ("accepted", "waiting")


def test_a_place_given_up_on_one_date_goes_to_who_waits_for_that_date(small, agent, coordinator, stranger):
    rsvp(small, status="accepted", by=coordinator)
    waiting = rsvp(small, status="accepted", by=stranger, recurrence_id=SECOND)
    assert [(row.recurrence_id, row.status) for row in waiting.answers.all()] == [(SECOND, "waiting")]
    rsvp(small, status="declined", by=coordinator, recurrence_id=SECOND)
    assert waiting.answers.get().status == "accepted"
    assert status(small, coordinator) == "accepted"


def test_a_larger_capacity_seats_those_who_wait_and_a_smaller_one_throws_nobody_out(
    small, agent, coordinator, stranger, manager
):
    for user in (coordinator, stranger, manager):
        rsvp(small, status="accepted", by=user)
    edit_event(small, changes={"capacity": 2}, by=agent)
    assert (status(small, stranger), status(small, manager)) == ("accepted", "waiting")
    edit_event(small, changes={"capacity": 1}, by=agent)
    assert (status(small, coordinator), status(small, stranger)) == ("accepted", "accepted")
    edit_event(small, changes={"capacity": None}, by=agent)
    assert status(small, manager) == "accepted"


def test_who_is_taken_off_the_list_gives_the_place_up(small, agent, coordinator, stranger):
    for user in (coordinator, stranger):
        rsvp(small, status="accepted", by=user)
    remove_attendee(small.attendees.get(user=coordinator), by=agent)
    assert status(small, stranger) == "accepted"
    assert not small.attendees.filter(user=coordinator).exists()
    with pytest.raises(PermissionDenied):
        rsvp(small, status="accepted", by=coordinator)


def test_whoever_waited_for_one_full_date_moves_up_when_it_is_cancelled(small, agent, coordinator, stranger):
    rsvp(small, status="accepted", by=coordinator, recurrence_id=SECOND)
    rsvp(small, status="accepted", by=stranger)
    assert status(small, stranger) == "waiting"
    cancel_occurrence(small, SECOND, by=agent)
    assert status(small, stranger) == "accepted"


def test_a_split_seats_those_who_waited_for_a_date_of_the_other_part(small, agent, coordinator, stranger):
    rsvp(small, status="accepted", by=coordinator, recurrence_id=SECOND)
    rsvp(small, status="accepted", by=stranger)
    rest = edit_following(small, SECOND, changes={"title": "Second showing"}, by=agent)
    assert (status(small, stranger), status(rest, stranger)) == ("accepted", "waiting")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_as_many_get_a_place_as_there_are(plan, agent, in_threads):
    people = [User.objects.create_user(f"p{n}@harbour.example", "x", name=f"P {n}") for n in range(8)]
    event = plan("2026-03-02T09:00", capacity=3, attendees=people)
    in_threads(8, lambda n: rsvp(event, status="accepted", by=people[n]))
    said = sorted(event.attendees.values_list("status", flat=True))
    assert said == ["accepted"] * 3 + ["waiting"] * 5
    in_threads(2, lambda n: rsvp(event, status="declined", by=event.attendees.filter(status="accepted")[n].user))
    assert event.attendees.filter(status="accepted").count() == 3


def test_nobody_answers_for_a_date_that_is_not_or_is_over(small, coordinator, clock):
    with pytest.raises(ValidationError):
        rsvp(small, status="accepted", by=coordinator, recurrence_id=datetime(2026, 3, 3, 9))
    with pytest.raises(ValidationError):
        rsvp(small, status="waiting", by=coordinator)
    clock.move_to(datetime(2026, 3, 2, 15, tzinfo=UTC))
    with pytest.raises(TooLateToAnswer):
        rsvp(small, status="accepted", by=coordinator, recurrence_id=FIRST)
    clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    with pytest.raises(TooLateToAnswer):
        rsvp(small, status="accepted", by=coordinator)


def test_a_guest_answers_by_their_secret_as_long_as_they_are_invited(plan, agent):
    event = plan("2026-03-02T09:00", attendees=[Invitee("buyer@example.com", name="Bo Buyer", is_required=False)])
    guest = event.attendees.get()
    assert (str(guest), guest.is_required) == ("Bo Buyer", False)
    token = invitation_token(guest)
    invited = invited_guest(token)
    assert invited == guest
    assert answer_as_guest(guest, status="accepted").status == "accepted"
    assert Activity.objects.get(kind="attendee.responded").payload["email"] == "buyer@example.com"
    remove_attendee(guest, by=agent)
    assert invited_guest(token) is None
    assert invited_guest(token[:-1]) is None
    assert invited_guest("") is None


def test_a_colleagues_secret_lets_nobody_in(plan, coordinator):
    event = plan("2026-03-02T09:00", attendees=[coordinator])
    assert invited_guest(invitation_token(event.attendees.get())) is None


# --- Attendance


def test_one_checks_in_oneself_from_an_hour_before_until_the_end(small, coordinator, agent, clock):
    nine = datetime(2026, 3, 2, 14, tzinfo=UTC)
    clock.move_to(nine - timedelta(hours=1, seconds=1))
    with pytest.raises(NotThenToCheckIn):
        record_attendance(small, recurrence_id=FIRST, by=coordinator)
    clock.move_to(nine - timedelta(hours=1))
    row = record_attendance(small, recurrence_id=FIRST, by=coordinator)
    assert (row.status, row.recorded_by) == ("present", coordinator)
    clock.move_to(nine + timedelta(hours=1))
    with pytest.raises(NotThenToCheckIn):
        record_attendance(small, recurrence_id=FIRST, by=coordinator)
    attendee = small.attendees.get(user=coordinator)
    assert record_attendance(small, recurrence_id=FIRST, by=agent, attendee=attendee, status="absent").pk == row.pk
    assert attendee.attendance.get().status == "absent"


def test_nobody_records_others_or_their_own_absence_who_may_not_change_the_event(small, coordinator, stranger, clock):
    clock.move_to(datetime(2026, 3, 2, 14, tzinfo=UTC))
    other = small.attendees.get(user=stranger)
    with pytest.raises(PermissionDenied):
        record_attendance(small, recurrence_id=FIRST, by=coordinator, attendee=other)
    with pytest.raises(PermissionDenied):
        record_attendance(small, recurrence_id=FIRST, by=coordinator, status="absent")
    with pytest.raises(ValidationError):
        record_attendance(small, recurrence_id=datetime(2026, 3, 3, 9), by=coordinator)


def test_who_has_come_stays_on_the_list(small, agent, coordinator, clock):
    clock.move_to(datetime(2026, 3, 2, 14, tzinfo=UTC))
    record_attendance(small, recurrence_id=FIRST, by=coordinator)
    with pytest.raises(HasAttended):
        remove_attendee(small.attendees.get(user=coordinator), by=agent)


# --- API


def test_answers_and_attendance_over_the_api(api, small, agent, coordinator, stranger, clock):
    url = f"/api/v1/events/{small.pk}"
    said = api(coordinator).post(f"{url}/rsvp", {"status": "accepted", "recurrence_id": "2026-03-02T09:00:00"})
    assert said.json()["answers"][0]["status"] == "accepted"
    assert api(stranger).post(f"{url}/rsvp", {"status": "accepted"}).json()["status"] == "waiting"
    assert api(stranger).post(f"{url}/rsvp", {"status": "waiting"}).status_code == 400
    clock.move_to(datetime(2026, 3, 2, 14, tzinfo=UTC))
    here = api(coordinator).post(f"{url}/check-in", {"recurrence_id": "2026-03-02T09:00:00"})
    assert (here.status_code, here.json()["status"]) == (200, "present")
    (row,) = api(agent).get(f"{url}/check-in").json()["results"]
    assert row["recorded_by"] == coordinator.pk
    early = api(coordinator).post(f"{url}/check-in", {"recurrence_id": "2026-03-09T09:00:00"})
    assert early.json()["errors"][0]["code"] == "not_then_to_check_in"
    gone = small.attendees.get(user=stranger)
    assert api(coordinator).delete(f"{url}/attendees/{gone.pk}").status_code == 403
    assert api(agent).delete(f"{url}/attendees/{gone.pk}").status_code == 204
    assert api(agent).delete(f"{url}/attendees/{gone.pk}").status_code == 404
    assert not Attendee.objects.filter(pk=gone.pk).exists()


@pytest.mark.parametrize(
    "attendee",
    [{"user": True}, {"user": 10**30}, {"email": 7}, {"email": "x"}, {}, [], None, {"user": 1, "email": "a@b.example"},
     {"email": "a@b.example", "name": 7}, {"email": "a@b.example", "is_required": "yes"}, {"name": "Bo"}],
)  # fmt: skip
def test_who_is_no_one_is_refused(api, plan, agent, attendee):
    event = plan("2026-03-02T09:00")
    answer = api(agent).post(f"/api/v1/events/{event.pk}/attendees", {"attendees": [attendee]})
    assert answer.status_code == 400
    assert not event.attendees.exists()


def test_a_guests_name_is_kept(api, plan, agent):
    event = plan("2026-03-02T09:00")
    body = {"attendees": [{"email": "bo@example.com", "name": "Bo Buyer", "is_required": False}]}
    (row,) = api(agent).post(f"/api/v1/events/{event.pk}/attendees", body).json()["results"]
    assert (row["name"], row["is_required"], row["answers"]) == ("Bo Buyer", False, [])


def test_inviting_again_changes_nothing(plan, agent, coordinator):
    event = plan("2026-03-02T09:00", attendees=[coordinator])
    rsvp(event, status="accepted", by=coordinator)
    assert invite(event, attendees=[coordinator], by=agent) == []
    assert status(event, coordinator) == "accepted"


def test_on_a_date_that_comes_back_whoever_has_the_whole_goes_first(small, agent, coordinator, stranger):
    """While it was left out its place went to somebody with that of every date."""
    rsvp(small, status="accepted", by=coordinator, recurrence_id=SECOND)
    cancel_occurrence(small, SECOND, by=agent)
    assert rsvp(small, status="accepted", by=stranger).status == "accepted"
    restore_occurrence(small, SECOND, by=agent)
    answer = small.attendees.get(user=coordinator).answers.get()
    assert (answer.status, answer.waiting_since) == ("waiting", answer.responded_at)
    fact = Activity.objects.get(kind="attendee.unseated").payload
    assert (fact["user_id"], fact["recurrence_id"]) == (coordinator.pk, SECOND.isoformat())
    rsvp(small, status="declined", by=stranger)
    assert small.attendees.get(user=coordinator).answer_on(SECOND) == "accepted"


def test_nor_is_a_date_overfull_that_the_rule_names_again(small, agent, coordinator, stranger):
    rsvp(small, status="accepted", by=coordinator, recurrence_id=SECOND)
    edit_event(small, changes={"recurrence": "FREQ=WEEKLY;COUNT=1"}, by=agent)
    rsvp(small, status="accepted", by=stranger)
    edit_event(small, changes={"recurrence": "FREQ=WEEKLY;COUNT=3"}, by=agent)
    assert small.attendees.get(user=coordinator).answer_on(SECOND) == "waiting"
    assert small.attendees.get(user=stranger).answer_on(SECOND) == "accepted"


def test_nobody_loses_a_place_that_they_had_on_a_date_that_is_over(small, agent, coordinator, stranger, clock):
    edit_event(small, changes={"capacity": 2}, by=agent)
    rsvp(small, status="accepted", by=coordinator, recurrence_id=FIRST)
    rsvp(small, status="accepted", by=stranger)
    edit_event(small, changes={"capacity": 1}, by=agent)
    cancel_occurrence(small, FIRST, by=agent)
    clock.move_to(datetime(2026, 3, 3, tzinfo=UTC))
    restore_occurrence(small, FIRST, by=agent)
    assert small.attendees.get(user=coordinator).answer_on(FIRST) == "accepted"


def test_whoever_waited_for_one_full_date_moves_up_when_it_is_over(small, coordinator, stranger, manager, clock):
    rsvp(small, status="accepted", by=coordinator, recurrence_id=FIRST)
    rsvp(small, status="accepted", by=stranger)
    jobs.roll_horizon()
    assert status(small, stranger) == "waiting"
    clock.move_to(datetime(2026, 3, 3, tzinfo=UTC))
    jobs.roll_horizon()
    assert status(small, stranger) == "accepted"
    assert Activity.objects.get(kind="attendee.seated").payload["user_id"] == stranger.pk


@pytest.mark.parametrize(
    "put_ahead",
    [
        lambda event, by: edit_occurrence(event, FIRST, changes={"starts_at": datetime(2026, 3, 5, 9)}, by=by),
        lambda event, by: edit_event(event, changes={"starts_at": datetime(2026, 3, 5, 9)}, by=by),
    ],
    ids=["that date", "the series"],
)
def test_nor_one_that_was_over_and_is_put_off(small, agent, coordinator, stranger, clock, put_ahead):
    rsvp(small, status="accepted", by=coordinator, recurrence_id=FIRST)
    clock.move_to(datetime(2026, 3, 3, tzinfo=UTC))
    assert rsvp(small, status="accepted", by=stranger).status == "accepted"
    put_ahead(small, agent)
    assert small.attendees.get(user=coordinator).answers.get().status == "waiting"
