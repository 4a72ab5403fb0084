"""Deadlines are warned of 72, 48 and 24 hours ahead and called missed when they have passed: each once."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from tasks import services
from tasks.activities import DeadlineMissed, DeadlineNear
from tasks.audience import keepers_of
from tasks.lead_times import LOOKS_BACK, MISSED, WARNINGS, spans
from tasks.models import AutomationRule, DeadlineNotice, ProjectMember

DEADLINE = datetime(2026, 5, 11, 21, tzinfo=UTC)  # 17:00 in New York
FIELDS = {"deadline_on": date(2026, 5, 11), "deadline_time": time(17)}


@pytest.fixture
def look(told):
    """Look so many hours before the deadline; returns the hours told of so far, 0 for missed."""

    def at(hours):
        with time_machine.travel(DEADLINE - timedelta(hours=hours), tick=False):
            services.warn_of_deadlines()
        return [fact.hours for fact in told(DeadlineNear)] + [0 for _ in told(DeadlineMissed)]

    return at


@pytest.fixture
def task(make_task, agent):
    return make_task("Inspection", assignees=[agent], **FIELDS)


def test_each_lead_time_is_told_once(task, look):
    assert look(73) == []
    assert look(72) == [72]
    assert look(71) == look(50) == [72]
    assert look(48) == look(30) == [72, 48]
    assert look(24) == look(1) == [72, 48, 24]
    assert look(0) == look(-100) == [72, 48, 24, 0]


def test_of_lead_times_that_have_passed_only_the_nearest_is_told(task, look):
    assert look(30) == [48]
    assert look(20) == [48, 24]


def test_after_a_clock_that_stood_still_only_what_holds_now_is_told(task, look):
    assert look(72) == [72]
    assert look(-5) == [72, 0]


def test_what_was_missed_long_ago_is_not_news(task, look):
    assert look(-24 * 7 - 1) == []


@given(hours=st.floats(min_value=-200, max_value=200))
def test_a_deadline_is_told_of_in_one_way_at_most_and_by_the_nearest_lead_time(hours):
    now = DEADLINE - timedelta(hours=hours)
    found = [lead for lead, after, upto in spans(now) if after < DEADLINE <= upto]
    nearest = [lead for lead in (MISSED, *WARNINGS) if DEADLINE - now <= timedelta(hours=lead)][:1]
    assert found == (nearest if DEADLINE - now > -LOOKS_BACK else [])


def test_a_deadline_that_is_moved_is_warned_of_anew(task, look, manager):
    assert look(48) == [48]
    services.edit_task(task, by=manager, changes={"deadline_on": date(2026, 5, 12)})
    assert look(47) == [48, 72]
    services.edit_task(task, by=manager, changes={"deadline_on": date(2026, 5, 11)})
    assert look(46) == [48, 72]
    assert DeadlineNotice.objects.count() == 2


@pytest.mark.parametrize("done", ["complete_task", "delete_task"])
def test_what_is_done_or_gone_is_not_warned_of(task, look, manager, done):
    getattr(services, done)(task, by=manager)
    assert look(24) == look(-1) == []


def test_neither_is_what_is_cancelled_or_archived(task, look, manager, deal):
    cancelled = services.create_column(deal, by=manager, values={"name": "Off", "group": "cancelled"})
    services.move_task(task, column=cancelled, by=manager)
    assert look(24) == []
    services.reopen_task(task, by=manager)
    services.archive_project(deal, by=manager)
    assert look(24) == []


def test_it_says_when_and_whom_it_concerns(task, look, told, agent, coordinator, manager):
    look(72), look(24), look(0)
    first, urgent = told(DeadlineNear)
    assert (first.deadline_at, first.timezone) == ("2026-05-11T21:00:00+00:00", "America/New_York")
    assert (first.assignee_ids, first.keeper_ids) == ((agent.pk,), ())
    keepers = sorted([coordinator.pk, manager.pk])
    assert (urgent.assignee_ids, list(urgent.keeper_ids)) == ((agent.pk,), keepers)
    (missed,) = told(DeadlineMissed)
    assert list(missed.keeper_ids) == keepers
    assert missed.sentence() == "found that the deadline of Inspection has passed"


def test_what_nobody_has_concerns_those_who_keep_the_deal_from_the_first_warning_on(
    make_task, look, told, coordinator, manager
):
    make_task("Inspection", **FIELDS)
    look(72)
    assert list(told(DeadlineNear)[0].keeper_ids) == sorted([coordinator.pk, manager.pk])


def test_without_coordinator_and_owner_the_offices_managers_are_told(task, look, told, deal, manager):
    ProjectMember.objects.exclude(deal_role="listing_agent").delete()
    look(24)
    assert told(DeadlineNear)[0].keeper_ids == (manager.pk,)


def test_but_a_private_deal_stays_among_its_members(task, look, told, deal):
    ProjectMember.objects.exclude(deal_role="listing_agent").delete()
    deal.is_private = True
    deal.save()
    look(24)
    assert told(DeadlineNear)[0].keeper_ids == ()


def test_one_that_fails_stops_nobody_elses(make_task, look, monkeypatch):
    first, _ = make_task("A", **FIELDS), make_task("B", **FIELDS)
    troubles = [ZeroDivisionError]

    def failing(project):
        if troubles:
            raise troubles.pop()
        return keepers_of(project)

    monkeypatch.setattr("tasks.services.warning.keepers_of", failing)
    assert look(48) == [48]
    assert look(47) == [48, 48]
    assert first.deadline_notices.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clocks_tell_once(task, in_threads, told):
    with time_machine.travel(DEADLINE - timedelta(hours=48), tick=False):
        assert sorted(in_threads(4, lambda _: services.warn_of_deadlines())) == [0, 0, 0, 1]
    assert len(told(DeadlineNear)) == 1


def test_rules_hear_of_it(make_rule, task, look, settle):
    rule = make_rule(
        "deadline_near",
        [{"action": "set_priority", "priority": "urgent"}],
        if_=[{"field": "hours_left", "op": "is", "value": 24}],
    )
    missed = make_rule("deadline_missed", [{"action": "comment", "body": "Too late"}])
    AutomationRule.objects.update(created_at=DEADLINE - timedelta(days=9))
    look(48), look(24), look(0), settle()
    assert list(rule.runs.order_by("pk").values_list("outcome", flat=True)) == ["skipped", "done"]
    assert missed.runs.get().outcome == "done"
