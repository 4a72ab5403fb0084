"""Trying a rule out: what it would do and why not, without doing it."""

import pytest

from estateman.activity.models import Activity
from tasks import services
from tasks.models import AutomationRun, Task

SET_HIGH = {"action": "set_priority", "priority": "high"}


@pytest.fixture
def attempt(api, deal):
    """Try the rule out as somebody; nothing in the database is other than before."""

    def run(who, rule, **body):
        before = (list(Task.every.order_by("pk").values()), Activity.objects.count(), AutomationRun.objects.count())
        answer = api(who).post(f"/api/v1/projects/{deal.pk}/automation-rules/{rule.pk}/dry-run", body)
        after = (list(Task.every.order_by("pk").values()), Activity.objects.count(), AutomationRun.objects.count())
        assert after == before
        return answer

    return run


def test_it_says_what_it_would_do(attempt, make_rule, make_task, manager, coordinator, column):
    rule = make_rule(
        "task_moved",
        [
            {"action": "assign", "user": coordinator.pk},
            {"action": "move", "column": column("Waiting").pk},
            {"action": "create_task", "name": "After {task}"},
            {"action": "set_priority", "priority": "normal"},
        ],
        if_=[{"field": "from_column", "op": "is", "value": column("Done").pk}],
        is_active=False,
    )
    answer = attempt(manager, rule, task=make_task("Photos").pk)
    assert answer.status_code == 200
    assert answer.data == {
        "outcome": "done",
        "why_not": "",
        "refused_action": None,
        "actions": [
            {"action": "assign", "does": ["gave Photos to Cora Coordinator"]},
            {"action": "move", "does": ["moved Photos to Waiting"]},
            {"action": "create_task", "does": ["created After Photos"]},
            {"action": "set_priority", "does": []},
        ],
        "assumed": ["from_column"],
    }


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_and_nobody_woken(attempt, make_rule, make_task, manager, coordinator, monkeypatch):
    rule = make_rule("task_created", [{"action": "assign", "user": coordinator.pk}])
    task = make_task()
    woken = []
    monkeypatch.setattr("estateman.activity.services._wake", lambda: woken.append(True))
    assert attempt(manager, rule, task=task.pk).data["outcome"] == "done"
    assert woken == []


def test_it_says_which_conditions_do_not_hold(attempt, make_rule, make_task, manager):
    rule = make_rule("task_created", [SET_HIGH], if_=[{"field": "name", "op": "contains", "value": "keys"}])
    answer = attempt(manager, rule, task=make_task("Photos").pk)
    assert (answer.data["outcome"], answer.data["why_not"]) == ("skipped", "name contains keys: it is Photos")


def test_it_says_which_action_is_refused_and_why(attempt, make_rule, make_task, manager):
    rule = make_rule("task_created", [SET_HIGH, {"action": "complete"}])
    answer = attempt(manager, rule, task=make_task("Go live", after=[make_task("Photos")]).pk)
    assert (answer.data["outcome"], answer.data["refused_action"]) == ("refused", 1)
    assert answer.data["why_not"] == "This has to wait for: Photos."


def test_a_rule_about_the_project_needs_no_task(attempt, make_rule, manager):
    rule = make_rule("key_date_changed", [{"action": "create_task", "name": "Tell the buyers"}])
    assert attempt(manager, rule).data["actions"] == [{"action": "create_task", "does": ["created Tell the buyers"]}]


def test_a_rule_about_tasks_needs_one_of_the_project(attempt, make_rule, make_task, manager):
    rule = make_rule("task_created", [SET_HIGH])
    other = services.open_project(name="5 Mill Lane", kind="lease", by=manager)
    for body in ({}, {"task": None}, {"task": make_task(project=other).pk}, {"task": 2**63}):
        answer = attempt(manager, rule, **body)
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "task")


def test_those_who_manage_the_project_try_rules_out(attempt, make_rule, make_task, agent, stranger):
    rule, task = make_rule("task_created", [SET_HIGH]), make_task()
    assert attempt(agent, rule, task=task.pk).status_code == 403
    assert attempt(stranger, rule, task=task.pk).status_code == 404
