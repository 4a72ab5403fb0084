"""What happens to tasks counts for those who did them, and is taken back with them."""

import time_machine

from estateman.activity.models import Activity, Receipt
from estateman.activity.services import announce
from gamification.models import ActivityEvent, Award, Balance
from gamification.services import record
from tasks.activities import TaskCompleted, TaskReopened


def completed(*assignees, by, no=1, on_time=True, task_id=7):
    return TaskCompleted(
        by_id=by.pk,
        task_id=task_id,
        task="Order the sign",
        project_id=3,
        project="12 Elm Street",
        completion_no=no,
        assignee_ids=tuple(user.pk for user in assignees),
        on_time=on_time,
        completed_on="2026-05-04",
        column_id=1,
    )


def reopened(*assignees, by, no=1, task_id=7):
    return TaskReopened(
        by_id=by.pk,
        task_id=task_id,
        task="Order the sign",
        project_id=3,
        project="12 Elm Street",
        completion_no=no,
        assignee_ids=tuple(user.pk for user in assignees),
        column_id=1,
    )


def score(member):
    balance = Balance.objects.filter(member=member, currency="score").first()
    return balance.available if balance else 0


def test_a_first_task_done_on_time_brings_points_and_an_achievement(agent, settle):
    announce(completed(agent, by=agent))
    settle()
    assert score(agent) == 10 + 5 + 10
    assert Award.objects.get(member=agent).achievement.name == "First task"
    told = Activity.objects.exclude(kind="task.completed").order_by("pk")
    assert [(each.kind, each.payload["points"]) for each in told] == [
        ("points.awarded", 15),
        ("achievement.earned", 10),
    ]
    assert told[0].payload["reason"] == "Order the sign"


def test_a_late_task_and_one_without_a_due_day_bring_the_points_for_doing_it(agent, settle):
    announce(completed(agent, by=agent, on_time=False, task_id=1))
    announce(completed(agent, by=agent, on_time=None, task_id=2))
    settle()
    assert score(agent) == 10 + 10 + 10


def test_the_assignees_get_the_credit_not_whoever_ticked_it_off(agent, coordinator, manager, settle):
    announce(completed(agent, coordinator, by=manager))
    settle()
    assert (score(agent), score(coordinator), score(manager)) == (25, 25, 0)


def test_where_nobody_was_assigned_whoever_did_it_gets_the_credit(manager, settle):
    announce(completed(by=manager))
    settle()
    assert score(manager) == 25


def test_someone_who_left_gets_no_credit(agent, manager, settle):
    agent.is_active = False
    agent.save()
    announce(completed(agent, by=manager))
    settle()
    assert not ActivityEvent.objects.exists()


def test_a_completion_announced_twice_counts_once(agent, settle):
    for _ in range(2):
        announce(completed(agent, by=agent))
        settle()
    assert score(agent) == 25


def test_reopening_takes_the_points_back_and_leaves_the_first_task_award(agent, settle):
    announce(completed(agent, by=agent))
    announce(reopened(agent, by=agent))
    settle()
    assert score(agent) == 10
    assert Award.objects.get().state == "held"


def test_done_again_it_counts_again(agent, settle):
    announce(completed(agent, by=agent))
    announce(reopened(agent, by=agent))
    announce(completed(agent, by=agent, no=2))
    settle()
    assert score(agent) == 25


def test_the_points_go_back_from_those_who_got_them_whoever_is_assigned_now(agent, coordinator, settle):
    announce(completed(agent, by=agent))
    settle()
    announce(reopened(coordinator, by=coordinator))
    settle()
    assert (score(agent), score(coordinator)) == (10, 0)


def test_a_reopening_that_overtakes_its_completion_waits_for_it(agent, settle, monkeypatch):
    broken = [True]

    def fails_at_first(*args, **kwargs):
        if broken:
            raise ConnectionError("database away")
        return record(*args, **kwargs)

    monkeypatch.setattr("gamification.reactions.record", fails_at_first)
    with time_machine.travel("2026-05-04T09:00:00Z", tick=False) as clock:
        announce(completed(agent, by=agent))
        announce(reopened(agent, by=agent))
        settle()
        assert Receipt.objects.filter(state=Receipt.State.WAITING).count() == 2
        broken.clear()
        for _ in range(4):
            clock.shift(60)
            settle()
    assert not Receipt.objects.exclude(state=Receipt.State.DONE).exists()
    assert score(agent) == 10


def test_reopening_what_never_counted_is_no_failure(agent, settle):
    announce(reopened(agent, by=agent))
    settle()
    assert not Receipt.objects.exclude(state=Receipt.State.DONE).exists()
