# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Reminders: planned with the event, asked again when they fall due, announced once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F

from estateman.activity.models import Activity
from estateman.common.claims import claim
from events import jobs
from events.models import Event, ReminderDelivery
from events.services import (
    NoReminders,
    ReminderWish,
    cancel_event,
    edit_event,
    edit_following,
    invite,
    rsvp,
    send_reminders_now,
    set_own_reminders,
    set_reminders,
)
from events.services.reminders import MOST_ATTEMPTS, plan_deliveries, send_reminder

State = ReminderDelivery.State
HALF_PAST_EIGHT = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)


@pytest.fixture
def showing(clock, plan):
    """Monday at nine in New York, with a reminder half an hour before."""
    return plan("2026-03-02T09:00", reminders=[ReminderWish(30)])


def sent():
    return [activity.fact for activity in Activity.objects.filter(kind="reminder.due").order_by("pk")]


def states():
    return sorted(ReminderDelivery.objects.values_list("state", flat=True))


def test_a_reminder_is_sent_when_it_falls_due_and_not_before_and_once(showing, agent, clock):
    clock.move_to(HALF_PAST_EIGHT - timedelta(seconds=1))
    jobs.send_due_reminders()
    assert sent() == []
    clock.move_to(HALF_PAST_EIGHT)
    jobs.send_due_reminders()
    jobs.send_due_reminders()
    (fact,) = sent()
    assert (fact.user_id, fact.title, fact.minutes_before) == (agent.pk, "Showing", 30)
    assert (fact.recurrence_id, fact.starts_at, fact.timezone) == (
        "2026-03-02T09:00:00", "2026-03-02T14:00:00Z", "America/New_York",
    )  # fmt: skip
    assert fact.channels == ("in_app", "email")
    assert fact.rooms() == (f"user:{agent.pk}",)
    assert fact.dedupe_key == ReminderDelivery.objects.get().dedupe_key
    assert ReminderDelivery.objects.get().state == State.SENT


def test_organiser_and_attendees_are_reminded_each_once(showing, agent, coordinator, stranger):
    invite(showing, attendees=[agent, coordinator, stranger, "buyer@example.com"], by=agent)
    rsvp(showing, status="declined", by=stranger)
    pending = ReminderDelivery.objects.filter(state=State.PENDING)
    assert set(pending.values_list("user", flat=True)) == {agent.pk, coordinator.pk}
    assert pending.count() == 2


def test_who_declines_and_comes_after_all_is_reminded(showing, agent, coordinator):
    invite(showing, attendees=[coordinator], by=agent)
    rsvp(showing, status="declined", by=coordinator)
    rsvp(showing, status="accepted", by=coordinator)
    assert ReminderDelivery.objects.get(user=coordinator).state == State.PENDING


def test_a_series_is_planned_up_to_the_horizon_and_rolled_on(clock, plan):
    series = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY", reminders=[ReminderWish(30)])
    assert series.reminder_deliveries.count() == 5
    clock.shift(timedelta(days=7))
    jobs.roll_horizon()
    jobs.roll_horizon()
    assert series.reminder_deliveries.count() == 6


def test_setting_reminders_replaces_those_there_were(showing, agent):
    set_reminders(showing, [ReminderWish(60, ["email"]), ReminderWish(10, ["in_app"])], by=agent)
    assert states() == [State.CANCELLED, State.PENDING, State.PENDING]
    set_reminders(showing, [ReminderWish(30)], by=agent)
    assert states() == [State.CANCELLED, State.CANCELLED, State.PENDING]
    set_reminders(showing, [], by=agent)
    assert not ReminderDelivery.objects.filter(state=State.PENDING).exists()


@pytest.mark.parametrize(
    "wishes",
    [
        [ReminderWish(30), ReminderWish(30)],
        [ReminderWish(minutes) for minutes in range(11)],
        [ReminderWish(30, ["pigeon"])],
        [ReminderWish(30, [])],
        [ReminderWish(60 * 24 * 60)],
    ],
)
def test_impossible_reminders_are_refused(showing, agent, wishes):
    with pytest.raises(ValidationError):
        set_reminders(showing, wishes, by=agent)


def test_only_who_may_change_the_event_sets_its_reminders(showing, stranger):
    with pytest.raises(PermissionDenied):
        set_reminders(showing, [], by=stranger)


def test_one_whose_moment_has_passed_is_sent_at_once_as_long_as_the_event_is_ahead(clock, plan):
    clock.move_to(datetime(2026, 3, 2, 13, 50, tzinfo=UTC))
    plan("2026-03-02T09:00", reminders=[ReminderWish(30)])
    jobs.send_due_reminders()
    assert len(sent()) == 1


def test_nobody_is_reminded_of_what_has_begun(clock, plan):
    clock.move_to(datetime(2026, 3, 2, 14, 0, tzinfo=UTC))
    assert not plan("2026-03-02T09:00", reminders=[ReminderWish(30)]).reminder_deliveries.exists()


@pytest.mark.parametrize(("late", "state"), [(timedelta(minutes=59), "sent"), (timedelta(hours=1), "skipped_late")])
def test_a_reminder_that_comes_too_late_is_skipped(clock, plan, late, state):
    plan("2026-03-02T09:00", duration_minutes=480, reminders=[ReminderWish(30)])
    clock.move_to(datetime(2026, 3, 2, 14, tzinfo=UTC) + late)
    jobs.send_due_reminders()
    assert states() == [state]


def test_a_reminder_of_what_is_over_is_skipped(clock, plan):
    plan("2026-03-02T09:00", duration_minutes=10, reminders=[ReminderWish(5)])
    clock.move_to(datetime(2026, 3, 2, 14, 10, tzinfo=UTC))
    jobs.send_due_reminders()
    assert (states(), sent()) == ([State.SKIPPED_LATE], [])


def test_a_moved_event_reminds_again_for_its_new_time(showing, agent, clock):
    clock.move_to(HALF_PAST_EIGHT)
    jobs.send_due_reminders()
    edit_event(showing, changes={"starts_at": datetime(2026, 3, 2, 12)}, by=agent)
    clock.move_to(datetime(2026, 3, 2, 16, 30, tzinfo=UTC))
    jobs.send_due_reminders()
    assert [fact.starts_at for fact in sent()] == ["2026-03-02T14:00:00Z", "2026-03-02T17:00:00Z"]


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"status": Event.Status.CANCELLED},
        {"starts_at": datetime(2026, 3, 2, 10)},
        {"timezone": "Europe/London"},
    ],
)
def test_what_is_true_no_more_when_it_falls_due_is_not_sent(showing, clock, meanwhile):
    """The services would have moved the rows; this asks that sending looks again all the same."""
    Event.objects.filter(pk=showing.pk).update(**meanwhile)
    clock.move_to(HALF_PAST_EIGHT)
    jobs.send_due_reminders()
    assert (states(), sent()) == ([State.CANCELLED], [])


def test_nobody_who_left_is_reminded(showing, agent, clock):
    agent.is_active = False
    agent.save()
    clock.move_to(HALF_PAST_EIGHT)
    jobs.send_due_reminders()
    assert states() == [State.CANCELLED]


def test_a_failing_reminder_is_tried_again_and_given_up_in_the_end_and_stops_nobody(
    showing, agent, coordinator, clock, monkeypatch
):
    invite(showing, attendees=[coordinator], by=agent)

    def fails_for_the_agent(delivery):
        if delivery.user_id == agent.pk:
            raise ValueError("no luck")
        send_reminder(delivery)

    monkeypatch.setattr(jobs, "send_reminder", fails_for_the_agent)
    clock.move_to(HALF_PAST_EIGHT)
    for _ in range(MOST_ATTEMPTS + 1):
        jobs.send_due_reminders()
        clock.shift(timedelta(hours=1))
    assert states() == [State.FAILED, State.SENT]
    assert ReminderDelivery.objects.get(user=agent).last_error == "ValueError: no luck"


def test_a_worker_that_outlived_its_lease_sends_nothing(showing, clock):
    clock.move_to(HALF_PAST_EIGHT)
    (stale,) = claim(ReminderDelivery.objects.all(), limit=1, lease=timedelta(seconds=60))
    clock.shift(timedelta(seconds=61))
    jobs.send_due_reminders()
    send_reminder(stale)
    assert len(sent()) == 1


def test_what_a_dead_worker_held_is_sent_by_the_next(showing, clock):
    clock.move_to(HALF_PAST_EIGHT)
    claim(ReminderDelivery.objects.all(), limit=1, lease=timedelta(seconds=60))
    jobs.send_due_reminders()
    assert sent() == []
    clock.shift(timedelta(seconds=61))
    jobs.send_due_reminders()
    assert len(sent()) == 1


def test_the_next_occurrences_reminders_can_be_sent_now_and_are_not_sent_again(showing, agent, clock):
    send_reminders_now(showing, by=agent)
    jobs.send_due_reminders()
    assert len(sent()) == 1
    assert [row.state for row in send_reminders_now(showing, by=agent)] == [State.SENT]
    clock.move_to(HALF_PAST_EIGHT)
    jobs.send_due_reminders()
    assert len(sent()) == 1


def test_sending_now_tries_again_what_was_given_up(plan, agent, clock, monkeypatch):
    far = plan("2026-03-16T09:00", reminders=[ReminderWish(14 * 24 * 60)])
    clock.move_to(HALF_PAST_EIGHT + timedelta(minutes=30))
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "send_reminder", lambda delivery: 1 / 0)
        for _ in range(MOST_ATTEMPTS):
            jobs.send_due_reminders()
            clock.shift(timedelta(hours=1))
    assert states() == [State.FAILED]
    assert [row.state for row in send_reminders_now(far, by=agent)] == [State.PENDING]
    jobs.send_due_reminders()
    assert (states(), len(sent())) == ([State.SENT], 1)


def test_sending_now_reaches_beyond_the_horizon_and_says_when_there_is_nothing(clock, plan, agent):
    far = plan("2026-12-02T09:00", reminders=[ReminderWish(30)])
    assert len(send_reminders_now(far, by=agent)) == 1
    jobs.send_due_reminders()
    assert len(sent()) == 1
    with pytest.raises(NoReminders):
        send_reminders_now(plan("2026-03-02T09:00"), by=agent)
    assert send_reminders_now(plan("2026-02-02T09:00", reminders=[ReminderWish(30)]), by=agent) == []


def test_a_cancelled_event_sends_nothing_that_was_due(showing, agent, clock):
    clock.move_to(HALF_PAST_EIGHT)
    cancel_event(showing, by=agent)
    jobs.send_due_reminders()
    assert sent() == []


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_send_each_reminder_once(agent, plan, in_threads):
    soon = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(minutes=20)
    for number in range(30):
        plan((soon + timedelta(seconds=number)).isoformat(), timezone="UTC", reminders=[ReminderWish(30)])
    in_threads(8, lambda _: jobs.send_due_reminders())
    # Whatever a worker missed while another held it, the next look finds.
    ReminderDelivery.objects.filter(state=State.PENDING).update(lease_until=None, next_attempt_at=F("due_at"))
    jobs.send_due_reminders()
    keys = [fact.dedupe_key for fact in sent()]
    assert len(keys) == len(set(keys)) == 30


def test_ones_own_reminder_reaches_nobody_else_and_needs_no_right_to_change(showing, agent, coordinator):
    invite(showing, attendees=[coordinator], by=agent)
    set_own_reminders(showing, [ReminderWish(120, ["sms"])], by=coordinator)
    own = ReminderDelivery.objects.filter(reminder__user=coordinator)
    assert [row.user_id for row in own] == [coordinator.pk]
    set_reminders(showing, [], by=agent)
    assert ReminderDelivery.objects.filter(state=State.PENDING).get() == own.get()
    set_own_reminders(showing, [], by=coordinator)
    assert not ReminderDelivery.objects.filter(state=State.PENDING).exists()


def test_ones_own_reminder_takes_the_place_of_the_events_at_the_same_time(showing, agent, clock):
    set_own_reminders(showing, [ReminderWish(30, ["push"])], by=agent)
    clock.move_to(HALF_PAST_EIGHT)
    jobs.send_due_reminders()
    assert [fact.channels for fact in sent()] == [("push",)]


def test_who_may_not_read_the_event_sets_no_reminder_and_gets_none_any_more(
    showing, agent, coordinator, stranger, clock
):
    with pytest.raises(PermissionDenied):
        set_own_reminders(showing, [ReminderWish(120)], by=stranger)
    invite(showing, attendees=[coordinator], by=agent)
    set_own_reminders(showing, [ReminderWish(120)], by=coordinator)
    showing.attendees.filter(user=coordinator).delete()
    clock.move_to(HALF_PAST_EIGHT)
    jobs.send_due_reminders()
    assert [fact.user_id for fact in sent()] == [agent.pk]


def test_who_stays_away_on_one_date_is_not_reminded_of_it(clock, plan, agent, coordinator):
    series = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=3", reminders=[ReminderWish(30)])
    (attendee,) = invite(series, attendees=[coordinator], by=agent)
    second = datetime(2026, 3, 9, 9)
    attendee.answers.create(recurrence_id=second, status="declined")
    plan_deliveries(series)
    pending = ReminderDelivery.objects.filter(state=State.PENDING)
    assert pending.filter(recurrence_id=second).get().user == agent
    assert pending.filter(user=coordinator).count() == 2


def test_who_has_no_place_yet_is_not_reminded(showing, agent, coordinator):
    (attendee,) = invite(showing, attendees=[coordinator], by=agent)
    attendee.status = "waiting"
    attendee.save()
    plan_deliveries(showing)
    assert ReminderDelivery.objects.filter(state=State.PENDING).get().user == agent


def test_what_happens_as_it_begins_takes_nobodys_reminder_away(plan, agent, manager, clock):
    event = plan("2026-03-02T09:00", reminders=[ReminderWish(0)], attendees=[manager])
    clock.move_to("2026-03-02T14:00:05Z")
    rsvp(event, status="accepted", by=manager)
    jobs.send_due_reminders()
    assert states() == ["sent", "sent"]


def test_whoever_comes_to_it_once_it_has_begun_is_not_reminded(showing, agent, manager, clock):
    clock.move_to("2026-03-02T14:05:00Z")
    invite(showing, attendees=[manager], by=agent)
    assert set(ReminderDelivery.objects.values_list("user", flat=True)) == {agent.pk}


def test_a_split_at_a_date_that_has_just_begun_loses_no_reminder_of_it(plan, agent, clock):
    nine = datetime(2026, 3, 2, 14, tzinfo=UTC)
    series = plan("2026-03-01T09:00", recurrence="FREQ=DAILY;COUNT=3", reminders=[ReminderWish(0)])
    clock.move_to(nine + timedelta(seconds=2))
    jobs.send_due_reminders()
    Activity.objects.filter(kind="reminder.due").delete()
    ReminderDelivery.objects.filter(starts_at=nine).update(state=State.PENDING, next_attempt_at=nine)
    (held,) = claim(ReminderDelivery.objects.filter(state=State.PENDING), limit=1, lease=timedelta(minutes=1))
    rest = edit_following(series, datetime(2026, 3, 2, 9), changes={"title": "Second showing"}, by=agent)
    send_reminder(held)
    jobs.send_due_reminders()
    (fact,) = sent()
    assert (fact.event_id, fact.title, fact.recurrence_id) == (rest.pk, "Second showing", "2026-03-02T09:00:00")
