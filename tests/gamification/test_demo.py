"""The demo's past: profiles look alive, nobody is told, and loading it twice adds nothing."""

from datetime import date

import pytest

from estateman.activity.models import Activity
from estateman.activity.services import announce
from gamification.demo import COMPLETED, load_history
from gamification.models import ActivityEvent, Balance, Counter, LedgerEntry
from gamification.profile import profile
from gamification.services import record
from tasks.activities import TaskCompleted

TODAY = date(2026, 5, 6)


@pytest.fixture
def staff(agent, coordinator, stranger, manager):
    return {"agent1": agent, "agent2": coordinator, "newcomer": stranger, "manager": manager}


def completed(member):
    counters = Counter.objects.filter(metric__key="tasks.completed", period_kind="all")
    return counters.filter(member=member).values_list("value", flat=True).first() or 0


def completion(member, task_id):
    return TaskCompleted(
        by_id=member.pk,
        task_id=task_id,
        task="Order the sign",
        project_id=3,
        project="12 Elm Street",
        completion_no=1,
        assignee_ids=(member.pk,),
        on_time=True,
        completed_on="2026-05-04",
        column_id=1,
    )


def test_everyone_has_the_past_that_is_planned_for_them(staff, agent, stranger):
    load_history(staff=staff, today=TODAY)
    for key, member in staff.items():
        assert completed(member) == COMPLETED.get(key, 0)
    assert profile(agent).score > 100
    assert profile(stranger).score == 0
    assert max(ActivityEvent.objects.values_list("local_date", flat=True)) < TODAY


def test_nobody_is_told_of_it(staff):
    load_history(staff=staff, today=TODAY)
    assert not Activity.objects.exists()


def test_loading_it_again_adds_nothing(staff):
    load_history(staff=staff, today=TODAY)
    before = LedgerEntry.objects.count()
    load_history(staff=staff, today=TODAY)
    assert LedgerEntry.objects.count() == before


def test_tasks_that_the_demo_completed_are_credited_and_count_towards_the_past(staff, agent):
    for task_id in range(4):
        announce(completion(agent, task_id))
    load_history(staff=staff, today=TODAY)
    assert ActivityEvent.objects.filter(source="tasks", metric__points=10).count() == 4
    assert completed(agent) == COMPLETED["agent1"]


def test_the_next_task_of_an_agent_brings_an_achievement(staff, agent, settle):
    load_history(staff=staff, today=TODAY)
    announce(completion(agent, 99))
    settle()
    earned = Activity.objects.filter(kind="achievement.earned", payload__key="tasks.done")
    assert earned.get().payload["user_id"] == agent.pk


def test_it_can_be_taken_back_like_any_other(staff, agent, visits, visit):
    load_history(staff=staff, today=TODAY)
    record(agent, visit(), quiet=True)
    assert Balance.objects.filter(member=agent, available__gt=0).count() == 2
