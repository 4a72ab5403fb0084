"""Changing a task."""

import pytest

from tasks import services
from tasks.activities import TaskAssigned, TaskChanged, TaskCompleted, TaskMoved, TaskUnassigned


@pytest.fixture
def task(make_task, agent):
    return make_task("Photos", assignees=[agent])


@pytest.fixture
def edit(api, task):
    return lambda who, **body: api(who).patch(f"/api/v1/tasks/{task.pk}", body)


def test_only_what_changed_is_written_and_told(edit, agent, task, told):
    answer = edit(agent, name="Photos and film", priority="high", description="")
    assert answer.status_code == 200
    assert (answer.data["name"], answer.data["priority"]) == ("Photos and film", "high")
    assert answer.data["version"] == task.version + 1
    assert [fact.fields for fact in told(TaskChanged)] == [("name", "priority")]


def test_two_who_change_different_fields_both_win(edit, agent, coordinator):
    edit(agent, name="Film")
    assert edit(coordinator, priority="low").data["name"] == "Film"


def test_a_stale_change_is_refused_with_what_stands_there_now(edit, agent, task):
    edit(agent, name="Film")
    answer = edit(agent, name="Photos only", version=1)
    assert answer.status_code == 409
    assert answer.data["errors"][0]["code"] == "version_conflict"
    assert answer.data["current"] == {"version": 2, "name": "Film"}
    assert edit(agent, name="Photos only", version=2).status_code == 200
    assert edit(agent, version=2).status_code == 409


def test_moving_the_start_takes_the_due_day_along(edit, agent):
    edit(agent, starts_on="2026-05-04", duration_days=3)
    assert edit(agent, starts_on="2026-05-07").data["due_on"] == "2026-05-11"


def test_a_new_due_day_changes_the_duration(edit, agent):
    edit(agent, starts_on="2026-05-04")
    assert edit(agent, due_on="2026-05-08").data["duration_days"] == 5


def test_a_start_for_a_task_that_had_a_due_day_leaves_that_alone(edit, agent):
    edit(agent, due_on="2026-05-08")
    answer = edit(agent, starts_on="2026-05-06")
    assert (answer.data["due_on"], answer.data["duration_days"]) == ("2026-05-08", 3)


def test_days_may_be_taken_away_again(edit, agent):
    edit(agent, starts_on="2026-05-04", due_on="2026-05-08")
    answer = edit(agent, starts_on=None, due_on=None)
    assert (answer.data["starts_on"], answer.data["due_on"]) == (None, None)


def test_nothing_is_due_before_it_starts(edit, agent):
    edit(agent, due_on="2026-05-08")
    answer = edit(agent, starts_on="2026-05-11")
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "due_on")


def test_the_assignees_are_those_that_were_said(edit, agent, coordinator, manager, told):
    assert edit(agent, assignees=[coordinator.pk, manager.pk]).data["assignees"] == [manager.pk, coordinator.pk]
    assert [fact.assignee_id for fact in told(TaskAssigned)] == [agent.pk, manager.pk, coordinator.pk]
    assert [fact.assignee_id for fact in told(TaskUnassigned)] == [agent.pk]
    before = len(told(TaskAssigned))
    edit(agent, assignees=[manager.pk, coordinator.pk])
    assert len(told(TaskAssigned)) == before


def test_another_column_is_a_move_with_the_rules_of_moving(edit, agent, column, told, task, make_task):
    assert edit(agent, column=column("Waiting").pk).data["column_name"] == "Waiting"
    assert len(told(TaskMoved)) == 1
    blocker = make_task("Staging")
    services.add_dependency(task, predecessor=blocker, by=agent)
    answer = edit(agent, column=column("Done").pk, name="Not written")
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "blocked_by")
    task.refresh_from_db()
    assert task.name == "Photos"
    services.complete_task(blocker, by=agent)
    assert edit(agent, column=column("Done").pk).data["completed_at"]
    assert [fact.task for fact in told(TaskCompleted)] == ["Staging", "Photos"]


def test_a_task_stays_in_its_project(edit, agent, deal):
    other = services.open_project(name="5 Mill Lane", kind="lease", by=agent)
    assert edit(agent, project=other.pk).data["project"] == deal.pk


@pytest.mark.parametrize(("field", "value"), [("name", None), ("version", 0), ("progress", "half"), ("column", 999)])
def test_what_is_wrong_is_named(edit, agent, field, value):
    answer = edit(agent, **{field: value})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, field)


def test_viewers_change_nothing_and_strangers_find_nothing(edit, viewer, stranger, manager):
    assert [edit(who, name="Mine").status_code for who in (viewer, stranger, manager)] == [403, 404, 200]


@pytest.mark.parametrize(
    "days", [{"due_on": "9999-12-31"}, {"starts_on": "9999-12-31", "duration_days": 2000}, {"starts_on": "1753-01-01"}]
)
def test_days_that_leave_the_calendar_are_refused_by_field(api, agent, task, days):
    answer = api(agent).patch(f"/api/v1/tasks/{task.pk}", days)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, next(iter(days)))
