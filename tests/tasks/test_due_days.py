"""Rules that wait for a task to be due, or overdue, for so many days."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from tasks import services
from tasks.activities import TaskDue
from tasks.models import AutomationRule

MONDAY = date(2026, 5, 11)
EIGHT = datetime(2026, 5, 11, 12, tzinfo=UTC)  # in New York


@pytest.fixture
def rule_at(make_rule):
    """A rule, as old as the hills unless said, that notes what is due in so many days."""

    def make(days, **said):
        made = make_rule(
            "task_due",
            [{"action": "comment", "body": f"Due in {days}"}],
            if_=[{"field": "days_until_due", "op": "is", "value": days}],
        )
        AutomationRule.objects.filter(pk=made.pk).update(created_at=said.get("since", datetime(2026, 1, 1, tzinfo=UTC)))
        return made

    return make


@pytest.fixture
def look(settle, told):
    """Look so long after 08:00 on Monday; returns the tasks and days told of so far."""

    def after(**passed):
        with time_machine.travel(EIGHT + timedelta(**passed), tick=False):
            services.announce_due_days()
            settle()
        return [(fact.task, fact.days) for fact in told(TaskDue)]

    return after


def test_it_is_told_at_eight_where_the_property_stands_and_once(rule_at, make_task, look):
    rule = rule_at(3)
    task = make_task("Photos", due_on=MONDAY + timedelta(days=3))
    make_task("Keys", due_on=MONDAY + timedelta(days=4))
    assert look(minutes=-1) == []
    assert look() == look(hours=3) == [("Photos", 3)]
    assert rule.runs.get().outcome == "done"
    assert task.comments.get().body == "Due in 3"


def test_a_negative_number_is_overdue(rule_at, make_task, look, agent):
    rule_at(-2)
    task = make_task("Photos", due_on=MONDAY - timedelta(days=2))
    services.complete_task(make_task("Done", due_on=MONDAY - timedelta(days=2)), by=agent)
    assert look() == [("Photos", -2)]
    services.edit_task(task, by=agent, changes={"due_on": MONDAY})
    assert look(hours=1) == [("Photos", -2)]
    assert look(days=2) == [("Photos", -2), ("Photos", -2)]


def test_only_what_a_rule_waits_for_is_told(make_task, look, rule_at):
    make_task("Photos", due_on=MONDAY)
    assert look() == []
    rule = rule_at(0)
    AutomationRule.objects.update(is_active=False)
    assert look() == []
    AutomationRule.objects.update(is_active=True)
    assert look() == [("Photos", 0)]
    assert rule.runs.count() == 1


def test_each_rule_meets_the_number_of_days_that_it_names(rule_at, make_task, look):
    three, one = rule_at(3), rule_at(1)
    make_task("Photos", due_on=MONDAY + timedelta(days=3))
    assert look() == [("Photos", 3)]
    assert look(days=2) == [("Photos", 3), ("Photos", 1)]
    outcomes = {rule: list(rule.runs.order_by("pk").values_list("outcome", flat=True)) for rule in (three, one)}
    assert outcomes == {three: ["done", "skipped"], one: ["skipped", "done"]}


def test_mornings_that_the_clock_missed_are_made_up_for(rule_at, make_task, look):
    rule = rule_at(3)
    make_task("Photos", due_on=MONDAY + timedelta(days=3))
    assert look(days=2) == [("Photos", 3)]
    assert rule.runs.get().outcome == "done"


def test_but_not_those_before_there_was_the_rule(rule_at, make_task, look):
    rule_at(3, since=EIGHT + timedelta(days=1))
    make_task("Photos", due_on=MONDAY + timedelta(days=3))
    assert look(days=2) == []


def test_a_task_that_is_put_off_is_told_of_anew(rule_at, make_task, look, agent):
    rule_at(0)
    task = make_task("Photos", due_on=MONDAY)
    assert look() == [("Photos", 0)]
    services.edit_task(task, by=agent, changes={"due_on": MONDAY + timedelta(days=1)})
    assert look(days=1) == [("Photos", 0), ("Photos", 0)]


@pytest.mark.django_db(transaction=True)
def test_two_clocks_tell_once(rule_at, make_task, in_threads, told):
    rule_at(0)
    make_task("Photos", due_on=MONDAY)
    with time_machine.travel(EIGHT, tick=False):
        assert sorted(in_threads(3, lambda _: services.announce_due_days())) == [0, 0, 1]
    assert len(told(TaskDue)) == 1


def test_an_archived_project_is_left_alone(rule_at, make_task, look, deal, manager):
    rule_at(0)
    make_task("Photos", due_on=MONDAY)
    services.archive_project(deal, by=manager)
    assert look() == []
