"""Making a task."""

from datetime import date

import pytest

from tasks import services
from tasks.activities import TaskAssigned, TaskCreated
from tasks.models import BoardColumn


@pytest.fixture
def body(deal):
    return {"project": deal.pk, "name": "Order the sign"}


def test_a_task_needs_a_project_and_a_name_only(api, agent, body, deal, column, told):
    answer = api(agent).post("/api/v1/tasks", body)
    assert answer.status_code == 201, answer.data
    expected = {
        **body,
        "key": "T-1",
        "column": column("Backlog").pk,
        "assignees": [],
        "duration_days": 1,
        "starts_on": None,
        "due_on": None,
        "progress": 0,
        "scheduling_mode": "automatic",
        "version": 1,
    }
    assert {name: answer.data[name] for name in expected} == expected
    assert api(agent).post("/api/v1/tasks", body).data["key"] == "T-2"
    assert [(fact.task, fact.project, fact.by_id) for fact in told(TaskCreated)] == [
        ("Order the sign", deal.name, agent.pk)
    ] * 2


def test_it_is_given_to_people_and_they_are_told(api, manager, agent, coordinator, body, told):
    answer = api(manager).post("/api/v1/tasks", {**body, "assignees": [coordinator.pk, agent.pk, agent.pk]})
    assert answer.data["assignees"] == [coordinator.pk, agent.pk]
    assert answer.data["people"][0] == {"id": coordinator.pk, "name": "Cora Coordinator"}
    assert [fact.assignee_id for fact in told(TaskAssigned)] == [coordinator.pk, agent.pk]


def test_a_start_and_a_duration_give_the_due_day(api, agent, body):
    answer = api(agent).post("/api/v1/tasks", {**body, "starts_on": "2026-05-07", "duration_days": 3})
    assert answer.data["due_on"] == "2026-05-11"


def test_both_days_give_the_duration(api, agent, body):
    answer = api(agent).post("/api/v1/tasks", {**body, "starts_on": "2026-05-07", "due_on": "2026-05-12"})
    assert answer.data["duration_days"] == 4


def test_a_key_of_ones_own_is_kept_and_is_ones_own(api, agent, body):
    assert api(agent).post("/api/v1/tasks", {**body, "key": "T-1"}).data["key"] == "T-1"
    answer = api(agent).post("/api/v1/tasks", {**body, "key": "T-1"})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "key_taken")
    assert api(agent).post("/api/v1/tasks", body).data["key"] == "T-2"


def test_it_stands_at_the_end_of_the_column_that_was_said(api, agent, body, column, deal):
    waiting = column("Waiting")
    for name in ("First", "Second"):
        assert api(agent).post("/api/v1/tasks", {**body, "name": name, "column": waiting.pk}).status_code == 201
    assert list(waiting.tasks.order_by("rank").values_list("name", flat=True)) == ["First", "Second"]


def test_a_new_task_is_an_open_task_of_its_own_board(api, agent, body, column, manager):
    elsewhere = services.open_project(name="5 Mill Lane", kind="lease", by=agent)
    for strange in (column("Done"), elsewhere.columns.get(name="To do")):
        answer = api(agent).post("/api/v1/tasks", {**body, "column": strange.pk})
        assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "column")
    unseen = services.open_project(name="7 Mill Lane", kind="lease", by=manager).columns.get(name="To do")
    assert api(agent).post("/api/v1/tasks", {**body, "column": unseen.pk}).status_code == 400


def test_a_full_column_takes_no_new_task(api, agent, body, column, make_task):
    BoardColumn.objects.filter(name="Backlog").update(wip_limit=1, wip_is_hard=True)
    make_task()
    answer = api(agent).post("/api/v1/tasks", body)
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "wip_limit_exceeded")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", ["x"]),
        ("name", "x" * 201),
        ("project", "first"),
        ("project", 10**30),
        ("assignees", "Alex"),
        ("assignees", [999]),
        ("priority", "huge"),
        ("duration_days", -1),
        ("duration_days", "two"),
        ("starts_on", "2026-02-30"),
        ("due_on", 20260508),
        ("progress", 101),
        ("scheduling_mode", "magic"),
        ("column", "Backlog"),
    ],
)
def test_what_is_wrong_is_named(api, agent, body, field, value):
    answer = api(agent).post("/api/v1/tasks", {**body, field: value})
    assert answer.status_code == 400
    assert answer.data["errors"][0]["attr"].split(".")[0] == field


def test_nothing_is_due_before_it_starts(api, agent, body):
    answer = api(agent).post("/api/v1/tasks", {**body, "starts_on": "2026-05-07", "due_on": "2026-05-06"})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "due_on")


def test_viewers_make_none_and_strangers_see_no_project_to_make_it_in(api, viewer, stranger, body):
    assert api(viewer).post("/api/v1/tasks", body).status_code == 403
    answer = api(stranger).post("/api/v1/tasks", body)
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "project")


@pytest.mark.django_db(transaction=True)
def test_tasks_made_at_once_have_keys_and_places_of_their_own(deal, manager, in_threads):
    in_threads(
        8, lambda number: services.create_task(deal.__class__.objects.get(pk=deal.pk), name=str(number), by=manager)
    )
    tasks = deal.tasks.all()
    assert {task.key for task in tasks} == {f"T-{number}" for number in range(1, 9)}
    assert len({task.rank for task in tasks}) == 8


def test_dates_are_days_and_never_shift(make_task):
    task = make_task(starts_on=date(2026, 3, 8), due_on=date(2026, 3, 9))
    task.refresh_from_db()
    assert (task.starts_on, task.due_on) == (date(2026, 3, 8), date(2026, 3, 9))
