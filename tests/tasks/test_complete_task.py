"""Completing a task."""

from datetime import date

import pytest

from tasks import services
from tasks.activities import TaskCompleted, TaskUnblocked
from tasks.models import BoardColumn


@pytest.fixture
def complete(api):
    return lambda who, task, **body: api(who).post(f"/api/v1/tasks/{task.pk}/complete", body)


def test_a_completed_task_stands_on_top_of_the_done_column(complete, agent, make_task, column):
    first, second = make_task("First"), make_task("Second")
    answer = complete(agent, first)
    assert answer.status_code == 200
    assert (answer.data["column"], answer.data["progress"]) == (column("Done").pk, 100)
    assert answer.data["completed_by"] == agent.pk
    assert answer.data["completed_at"]
    complete(agent, second)
    assert list(column("Done").tasks.order_by("rank").values_list("name", flat=True)) == ["Second", "First"]


@pytest.mark.parametrize(
    ("due_on", "on_time"), [(None, None), (date(2026, 5, 4), True), (date(2026, 5, 5), True), (date(2026, 5, 3), False)]
)
def test_what_is_told_says_whether_it_was_in_time_where_it_was_done(
    make_task, agent, told, due_on, on_time, time_machine
):
    time_machine.move_to("2026-05-05T03:00:00Z")  # the evening of the 4th in New York
    task = make_task(due_on=due_on, assignees=[agent])
    services.complete_task(task, by=agent)
    (fact,) = told(TaskCompleted)
    assert (fact.task_id, fact.completion_no, fact.assignee_ids, fact.on_time, fact.completed_on) == (
        task.pk,
        1,
        (agent.pk,),
        on_time,
        "2026-05-04",
    )


def test_completing_twice_is_once(complete, agent, make_task, told):
    task = make_task()
    first, second = complete(agent, task), complete(agent, task)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.data == second.data
    assert len(told(TaskCompleted)) == 1


@pytest.mark.django_db(transaction=True)
def test_completing_it_eight_times_at_once_is_once(make_task, agent, in_threads, told):
    task = make_task()
    results = in_threads(
        8, lambda _: services.complete_task(type(task).objects.get(pk=task.pk), by=agent).completion_no
    )
    assert results == [1] * 8
    assert len(told(TaskCompleted)) == 1


def test_a_blocked_task_is_refused_with_what_comes_first(complete, agent, make_task, told):
    staging, cleaning = make_task("Staging"), make_task("Cleaning", key="clean")
    photos = make_task("Photos", after=[staging, cleaning])
    answer = complete(agent, photos)
    assert answer.status_code == 409
    assert answer.data["errors"][0]["code"] == "blocked_by"
    assert answer.data["tasks"] == [
        {"id": staging.pk, "key": "T-1", "name": "Staging"},
        {"id": cleaning.pk, "key": "clean", "name": "Cleaning"},
    ]
    assert told(TaskCompleted) == []


@pytest.mark.parametrize(
    "case",
    [
        ("FS", "Backlog", True),
        ("FS", "In progress", True),
        ("FS", "Done", False),
        ("FF", "Backlog", True),
        ("FF", "In progress", True),
        ("FF", "Done", False),
        ("SS", "Backlog", False),
        ("SS", "In progress", False),
        ("SF", "Backlog", True),
        ("SF", "In progress", False),
        ("SF", "Done", False),
        ("FS", "Dropped", False),
        ("SF", "Dropped", False),
    ],
)
def test_what_each_type_of_dependency_holds(complete, manager, make_task, column, case):
    type_, predecessor_in, blocked = case
    predecessor, successor = make_task("First"), make_task("Second")
    BoardColumn.objects.create(project=predecessor.project, name="Dropped", group="cancelled", position=9)
    services.add_dependency(successor, predecessor=predecessor, type=type_, by=manager)
    services.move_task(predecessor, column=column(predecessor_in), by=manager)
    assert complete(manager, successor).status_code == (409 if blocked else 200)


def test_those_who_manage_the_deal_may_force_it_with_a_reason(complete, manager, agent, make_task, told):
    photos = make_task("Photos", after=[make_task("Staging")])
    refused = complete(agent, photos, force=True, reason="No time")
    assert refused.status_code == 403
    speechless = complete(manager, photos, force=True, reason=" ")
    assert (speechless.status_code, speechless.data["errors"][0]["attr"]) == (400, "reason")
    assert complete(manager, photos, force=True, reason="The seller has photos.").status_code == 200
    (fact,) = told(TaskCompleted)
    assert fact.forced_reason == "The seller has photos."
    assert fact.sentence() == "completed Photos, overriding what it waited for: The seller has photos."


def test_who_no_longer_has_to_wait_is_told(make_task, agent, coordinator, told):
    staging, cleaning = make_task("Staging"), make_task("Cleaning")
    photos = make_task("Photos", after=[staging, cleaning], assignees=[coordinator])
    services.complete_task(staging, by=agent)
    assert told(TaskUnblocked) == []
    services.complete_task(cleaning, by=agent)
    (fact,) = told(TaskUnblocked)
    assert (fact.task_id, fact.assignee_ids, fact.by_task, fact.by_id) == (
        photos.pk,
        (coordinator.pk,),
        "Cleaning",
        agent.pk,
    )


def test_starting_a_predecessor_frees_what_could_not_finish_before(make_task, manager, agent, column, told):
    closing, utilities = make_task("Closing"), make_task("Keep the utilities on")
    services.add_dependency(utilities, predecessor=closing, type="SF", by=manager)
    services.move_task(closing, column=column("In progress"), by=agent)
    assert [fact.task for fact in told(TaskUnblocked)] == ["Keep the utilities on"]


def test_a_forced_task_is_not_told_that_its_way_is_clear(make_task, manager, told):
    staging = make_task("Staging")
    services.complete_task(make_task("Photos", after=[staging]), by=manager, force=True, reason="They have some.")
    services.complete_task(staging, by=manager)
    assert told(TaskUnblocked) == []


def test_the_day_it_was_really_done_may_be_said(complete, agent, make_task, told, time_machine):
    time_machine.move_to("2026-05-08T15:00:00Z")
    task = make_task(due_on=date(2026, 5, 6))
    tomorrow = complete(agent, task, completed_on="2026-05-09")
    assert (tomorrow.status_code, tomorrow.data["errors"][0]["attr"]) == (400, "completed_on")
    assert complete(agent, task, completed_on="2026-05-06").data["completed_on"] == "2026-05-06"
    assert told(TaskCompleted)[0].on_time is True


def test_a_stale_completion_is_refused(complete, agent, make_task):
    task = make_task()
    services.edit_task(task, by=agent, changes={"name": "Film"})
    answer = complete(agent, task, version=1)
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "version_conflict")


def test_what_was_read_before_the_lock_does_not_block(make_task, agent, manager):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    read_earlier = type(photos).objects.for_display().get(pk=photos.pk)
    assert read_earlier.is_blocked
    services.complete_task(staging, by=agent)
    assert services.complete_task(read_earlier, by=agent).is_completed


@pytest.mark.parametrize(("field", "value"), [("force", "perhaps"), ("completed_on", "today"), ("reason", ["x"])])
def test_what_is_wrong_is_named(complete, manager, make_task, field, value):
    answer = complete(manager, make_task(), **{field: value})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, field)


def test_viewers_complete_nothing_and_strangers_find_nothing(complete, viewer, stranger, manager, make_task):
    task = make_task()
    assert [complete(who, task).status_code for who in (viewer, stranger, manager)] == [403, 404, 200]
