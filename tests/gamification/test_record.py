"""Counting a deed: once, in the member's own day, paid and rewarded."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from estateman.activity.models import Activity
from gamification.models import ActivityEvent, Award, Balance, Counter, LedgerEntry, Metric
from gamification.services import record


def score(member):
    return Balance.objects.get(member=member, currency="score").available


def test_a_deed_is_counted_in_every_period_and_paid_in_both_currencies(agent, visits, visit):
    (event,) = record(agent, visit())
    assert (event.status, event.quantity) == ("accepted", 1)
    assert dict(Counter.objects.filter(member=agent).values_list("period_kind", "value")) == (
        dict.fromkeys(["all", "year", "quarter", "month", "week", "day"], 1)
    )
    balances = Balance.objects.filter(member=agent).values_list("currency", "available", "lifetime")
    assert set(balances) == {("score", 10, 10), ("coins", 10, 10)}


def test_the_day_is_the_members_own(agent, visits, visit):
    agent.timezone = "America/Los_Angeles"
    (event,) = record(agent, visit(occurred_at=datetime(2026, 5, 4, 3, tzinfo=UTC)))
    assert event.local_date == date(2026, 5, 3)
    assert Counter.objects.get(period_kind="week").period_start == date(2026, 4, 27)


def test_the_same_act_delivered_twice_counts_once_and_gets_the_first_answer(agent, visits, visit):
    first = record(agent, visit(key="visit:a"))
    again = record(agent, visit(key="visit:a", title="Told differently", quantity=5))
    assert again == first
    assert score(agent) == 10
    assert LedgerEntry.objects.count() == 2


def test_one_act_counts_for_each_of_its_people(agent, coordinator, visits, visit):
    deed = visit()
    assert record(agent, deed) != record(coordinator, deed)
    assert (score(agent), score(coordinator)) == (10, 10)


def test_the_database_itself_refuses_to_count_an_act_twice(agent, visits, visit):
    (event,) = record(agent, visit())
    event.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        event.save(force_insert=True)


def test_every_metric_whose_conditions_are_met_counts(agent, visits, visit):
    on_time = Metric.objects.create(
        key="test.punctual",
        name="Punctual",
        activity_kind=visits.activity_kind,
        conditions={"on_time": True},
        points=5,
    )
    record(agent, visit(details={"on_time": False}))
    events = record(agent, visit(details={"on_time": True}))
    assert [event.metric for event in events] == [visits, on_time]
    assert score(agent) == 10 + 15


def test_what_no_active_metric_asks_for_leaves_no_trace(agent, visits, visit):
    visits.is_active = False
    visits.save()
    assert record(agent, visit()) == []
    assert not Counter.objects.exists()
    assert not Activity.objects.exists()


def test_over_the_daily_cap_an_event_is_kept_but_does_not_count(agent, visits, visit):
    visits.daily_cap = 2
    visits.save()
    deed = visit()
    for _ in range(2):
        record(agent, visit())
    (third,) = record(agent, deed)
    assert (third.status, third.reason) == ("rejected", "capped")
    assert record(agent, deed) == [third]
    assert score(agent) == 20
    (tomorrow,) = record(agent, visit(occurred_at=deed.occurred_at + timedelta(days=1)))
    assert tomorrow.status == "accepted"


def test_reaching_a_level_gives_the_award_once_and_pays_it(agent, visits, visit, make_achievement):
    make_achievement("walker", {2: 50})
    for _ in range(4):
        record(agent, visit())
    award = Award.objects.get(member=agent)
    assert (award.level, award.state, award.seq) == (1, "held", 1)
    assert score(agent) == 4 * 10 + 50


def test_one_deed_may_reach_several_levels(agent, visits, visit, make_achievement):
    make_achievement("walker", {1: 1, 3: 3, 5: 5, 8: 8})
    record(agent, visit(quantity=6))
    assert list(Award.objects.order_by("level").values_list("level", flat=True)) == [1, 2, 3]
    assert score(agent) == 60 + 1 + 3 + 5


def test_a_weekly_achievement_is_earned_anew_each_week(agent, visits, visit, make_achievement):
    make_achievement("busy", {2: 7}, period_kind="week")
    monday = visit().occurred_at
    for days in (0, 1, 6, 7, 8):
        record(agent, visit(occurred_at=monday + timedelta(days=days)))
    weeks = Award.objects.order_by("period_start").values_list("period_start", flat=True)
    assert list(weeks) == [date(2026, 5, 4), date(2026, 5, 11)]


def test_an_inactive_achievement_is_not_given(agent, visits, visit, make_achievement):
    make_achievement("walker", {1: 50}, is_active=False)
    record(agent, visit())
    assert not Award.objects.exists()


def test_points_and_achievements_are_announced_to_whom_they_concern(agent, visits, visit, make_achievement):
    walker = make_achievement("walker", {1: 50}, description="Go out.")
    record(agent, visit())
    points, earned = Activity.objects.order_by("pk")
    assert points.fact.payload() == {
        "user_id": agent.pk,
        "points": 10,
        "reason": "Visit to 12 Elm Street",
        "score": 60,
    }
    assert set(points.rooms.values_list("room", flat=True)) == {f"user:{agent.pk}"}
    assert earned.fact.payload() == {
        "user_id": agent.pk,
        "achievement_id": walker.pk,
        "key": "test.walker",
        "name": "Walker",
        "description": "Go out.",
        "icon": "🚶",
        "level": 1,
        "points": 50,
    }
    assert set(earned.rooms.values_list("room", flat=True)) == {"office", f"user:{agent.pk}"}
    assert earned.sentence == "earned Walker"


def test_filling_in_the_past_tells_nobody(agent, visits, visit, make_achievement):
    make_achievement("walker", {1: 50})
    record(agent, visit(), quiet=True)
    assert score(agent) == 60
    assert not Activity.objects.exists()


def test_what_is_rolled_back_was_never_counted(agent, visits, visit):
    with transaction.atomic():
        record(agent, visit())
        transaction.set_rollback(True)
    assert not ActivityEvent.objects.exists()
    assert not Counter.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_the_cost_of_a_deed_does_not_grow_with_the_history(
    agent, visits, visit, make_achievement, django_assert_max_num_queries
):
    make_achievement("walker", {100: 1})
    for _ in range(15):
        record(agent, visit())
    with django_assert_max_num_queries(14):
        record(agent, visit())
