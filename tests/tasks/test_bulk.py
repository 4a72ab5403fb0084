"""Changing many tasks at once."""

from datetime import UTC, date, datetime
from unittest.mock import Mock

import pytest

from estateman.common import clock
from tasks import services
from tasks.activities import ProjectRescheduled, TaskChanged, TaskCompleted, TaskDeleted
from tasks.models import DateChange, Project, Task
from tasks.services import replanning

MONDAY = date(2026, 5, 4)


@pytest.fixture
def bulk(api):
    def post(who, tasks, **changes):
        return api(who).post("/api/v1/tasks/bulk", {"tasks": [task.pk for task in tasks], "changes": changes})

    return post


@pytest.fixture
def three(make_task):
    return [make_task(name) for name in ("Photos", "Video", "Sign")]


@pytest.fixture
def label(deal, manager):
    return services.create_label(deal, name="Paperwork", by=manager)


@pytest.fixture
def elsewhere(agent):
    """A task of another deal of the agent's."""
    other = services.open_project(name="3 Mill Lane", kind="lease", by=agent)
    return services.create_task(other, name="Keys", by=agent)


def test_all_of_them_change_and_are_told(bulk, agent, coordinator, label, three, told):
    answer = bulk(agent, three, priority="urgent", add_assignees=[coordinator.pk], add_labels=[label.pk])
    assert answer.status_code == 200
    assert [each["name"] for each in answer.data["tasks"]] == ["Photos", "Video", "Sign"]
    for each in answer.data["tasks"]:
        assert (each["priority"], each["assignees"], each["labels"]) == ("urgent", [coordinator.pk], [label.pk])
    assert len(told(TaskChanged)) == 3
    answer = bulk(agent, three, remove_assignees=[coordinator.pk], remove_labels=[label.pk])
    assert [(each["assignees"], each["labels"]) for each in answer.data["tasks"]] == [([], [])] * 3


def test_they_move_and_are_completed(bulk, agent, three, column, told):
    assert bulk(agent, three, column=column("Waiting").pk).status_code == 200
    assert list(column("Waiting").tasks.order_by("rank").values_list("name", flat=True)) == ["Photos", "Video", "Sign"]
    assert bulk(agent, three, complete=True).status_code == 200
    assert len(told(TaskCompleted)) == 3


def test_their_days_move_by_working_days(bulk, agent, make_task):
    dated = make_task("Photos", starts_on=date(2026, 5, 7), duration_days=2)
    due = make_task("Sign", due_on=date(2026, 5, 8))
    plain = make_task("Call")
    answer = bulk(agent, [dated, due, plain], shift_days=3)
    found = {each["name"]: (each["starts_on"], each["due_on"], each["duration_days"]) for each in answer.data["tasks"]}
    assert found == {
        "Photos": ("2026-05-12", "2026-05-13", 2),
        "Sign": (None, "2026-05-13", 1),
        "Call": (None, None, 1),
    }
    back = bulk(agent, [dated, due], shift_days=-3).data["tasks"]
    assert [each["due_on"] for each in back] == ["2026-05-08", "2026-05-08"]


def test_a_chain_is_completed_in_its_order(bulk, agent, make_task, told):
    gallery = make_task("Gallery")
    photos = make_task("Photos", parent=gallery)
    live = make_task("Go live")
    staging = make_task("Staging")
    services.add_dependency(photos, predecessor=staging, by=agent)
    services.add_dependency(live, predecessor=gallery, by=agent)
    assert bulk(agent, [live, gallery, photos, staging], complete=True).status_code == 200
    assert [fact.task for fact in told(TaskCompleted)] == ["Staging", "Photos", "Gallery", "Go live"]


def test_a_chain_is_deleted_whole_and_bridged_where_it_goes_on(bulk, manager, make_task, told):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    live = make_task("Go live", after=[photos])
    refused = bulk(manager, [photos], delete=True)
    assert (refused.status_code, refused.data["errors"][0]["code"]) == (409, "bridge_needed")
    assert refused.data["task"]["name"] == "Photos"
    answer = bulk(manager, [photos], delete=True, bridge=True)
    assert (answer.status_code, answer.data["tasks"]) == (200, [])
    assert [link.predecessor for link in live.incoming.all()] == [staging]
    assert bulk(manager, [staging, live], delete=True).status_code == 200
    assert len(told(TaskDeleted)) == 3


def test_of_all_or_none_one_that_is_blocked_keeps_all(bulk, agent, three, make_task, told):
    staging = make_task("Staging")
    blocked = make_task("Go live", after=[staging])
    answer = bulk(agent, [*three, blocked], complete=True, priority="high")
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "blocked_by")
    assert answer.data["task"] == {"id": blocked.pk, "key": blocked.key, "name": "Go live"}
    assert answer.data["errors"][0]["detail"].startswith("Go live: ")
    assert not Task.objects.filter(priority="high").exists()
    assert told(TaskCompleted) == []


def test_a_full_column_takes_none_of_them(bulk, agent, three, column):
    waiting = column("Waiting")
    waiting.wip_limit, waiting.wip_is_hard = 2, True
    waiting.save()
    answer = bulk(agent, three, column=waiting.pk)
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "wip_limit_exceeded")
    assert answer.data["task"]["name"] == "Sign"
    assert waiting.tasks.count() == 0


def test_what_one_may_not_see_is_not_there(bulk, agent, stranger, elsewhere, three):
    hidden = services.open_project(name="Hidden", kind="lease", by=stranger)
    secret = services.create_task(hidden, name="Keys", by=stranger)
    answer = bulk(agent, [*three, secret], priority="high")
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "tasks")
    assert str(secret.pk) in answer.data["errors"][0]["detail"]
    assert not Task.objects.filter(priority="high").exists()
    assert bulk(stranger, three, delete=True).status_code == 400
    assert Task.objects.count() == 5


def test_viewers_change_nothing_and_members_delete_theirs_only(bulk, viewer, agent, three, deal):
    assert bulk(viewer, three, priority="high").status_code == 403
    mine = services.create_task(deal, name="Call", by=agent)
    answer = bulk(agent, [mine, three[0]], delete=True)
    assert answer.status_code == 403
    assert "Photos" in answer.data["errors"][0]["detail"]
    assert Task.objects.count() == 4


def test_tasks_of_several_deals_change_together_but_for_what_is_one_deals_own(
    bulk, agent, label, three, elsewhere, column
):
    assert bulk(agent, [*three, elsewhere], priority="low").status_code == 200
    column_answer = bulk(agent, [*three, elsewhere], column=column("Waiting").pk)
    assert (column_answer.status_code, column_answer.data["errors"][0]["attr"]) == (400, "column")
    assert column_answer.data["errors"][0]["detail"].startswith("Keys: ")
    label_answer = bulk(agent, [*three, elsewhere], add_labels=[label.pk])
    assert (label_answer.status_code, label_answer.data["errors"][0]["attr"]) == (400, "labels")
    assert column("Waiting").tasks.count() == 0


def test_an_archived_deal_keeps_all_as_it_is(bulk, agent, manager, three, elsewhere, deal):
    services.archive_project(deal, by=manager)
    answer = bulk(agent, [elsewhere, three[0]], priority="high")
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "project_archived")
    assert not Task.objects.filter(priority="high").exists()


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"tasks": [], "changes": {"priority": "high"}}, "tasks"),
        ({"tasks": [2**70], "changes": {"priority": "high"}}, "tasks.0"),
        ({"tasks": ["x"], "changes": {"priority": "high"}}, "tasks.0"),
        ({"tasks": [99999], "changes": {"priority": "high"}}, "tasks"),
        ({"tasks": [1] * 201, "changes": {"priority": "high"}}, "tasks"),
    ],
)
def test_what_is_wrong_with_the_tasks_is_named(api, agent, deal, body, attr):
    answer = api(agent).post("/api/v1/tasks/bulk", body)
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, attr)


@pytest.mark.parametrize(
    ("changes", "attr"),
    [
        ({}, "changes.non_field_errors"),
        ({"priority": "huge"}, "changes.priority"),
        ({"shift_days": 2001}, "changes.shift_days"),
        ({"add_assignees": [2**70]}, "changes.add_assignees.0"),
        ({"column": 2**70}, "changes.column"),
        ({"complete": True, "delete": True}, "changes"),
    ],
)
def test_what_is_wrong_with_the_changes_is_named(bulk, agent, three, changes, attr):
    answer = bulk(agent, three, **changes)
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, attr)


def test_a_task_is_changed_once_however_often_it_is_named(bulk, agent, three, told):
    assert bulk(agent, [three[0]] * 3, priority="high").status_code == 200
    assert len(told(TaskChanged)) == 1


def test_two_hundred_are_changed_without_many_hundred_queries_each(
    bulk, agent, make_task, django_assert_max_num_queries
):
    tasks = [make_task(f"Task {number}") for number in range(20)]
    with django_assert_max_num_queries(20 * len(tasks) + 20):
        assert bulk(agent, tasks, priority="high").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_who_change_tasks_of_the_same_deals_wait_for_each_other_once(agent, three, elsewhere, in_threads, told):
    tasks = [[three[0].pk, elsewhere.pk], [elsewhere.pk, three[0].pk]]

    def change(number):
        for _ in range(5):
            rows = list(Task.objects.select_related("project").filter(pk__in=tasks[number % 2]).order_by("pk"))
            chosen = rows if number % 2 else rows[::-1]
            services.change_tasks(chosen, changes=services.Bulk(shift_days=1, priority="high"), by=agent)

    results = in_threads(4, change)
    assert results == [None] * 4
    assert Project.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_complete_and_delete_them_at_once_each_does_all_or_nothing(manager, three, in_threads, told):
    changes = [services.Bulk(complete=True), services.Bulk(delete=True)]

    def change(number):
        rows = Task.objects.select_related("project").filter(pk__in=[task.pk for task in three])
        services.change_tasks(list(rows), changes=changes[number], by=manager)

    in_threads(2, change)
    assert len(told(TaskDeleted)) in {0, 3}
    assert len(told(TaskCompleted)) in {0, 3}
    assert told(TaskDeleted) or told(TaskCompleted)


def test_what_follows_them_is_planned_once(agent, make_task, told, monkeypatch):
    """Each has one that starts on the day after; all of them are completed on Monday instead of Wednesday."""
    first = [make_task(f"Call {number}", starts_on=MONDAY, duration_days=3) for number in range(4)]
    after = [make_task(f"Note {number}", after=[task]) for number, task in enumerate(first)]
    told_before, planned = len(told(ProjectRescheduled)), Mock(wraps=replanning.proposed)
    monkeypatch.setattr(replanning, "proposed", planned)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 5, 4, 18, tzinfo=UTC))
    services.change_tasks(first, changes=services.Bulk(complete=True), by=agent)
    assert planned.call_count == 1
    assert {task.starts_on for task in Task.objects.filter(pk__in=[task.pk for task in after])} == {date(2026, 5, 5)}
    assert len(told(ProjectRescheduled)) == told_before + 1
    assert DateChange.objects.get(task=after[2], new_starts_on=date(2026, 5, 5)).why == "after Call 2 (FS)"
