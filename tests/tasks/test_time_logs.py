"""Finding time: one's own, a task's, and that of the projects one manages."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks import services
from tasks.models import TimeLog

NOW = datetime(2026, 5, 6, 16, tzinfo=UTC)
NINE = datetime(2026, 5, 4, 13, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def wednesday_noon(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def work():
    """``work(agent, task, at=9, hours=2)``: time on Monday, by the clock of New York."""

    def log(who, task, at=9, hours=1, **about):
        start = NINE + (at - 9) * HOUR
        return services.log_time(task, by=who, started_at=start, ended_at=start + hours * HOUR, **about)

    return log


@pytest.fixture
def found(api):
    def ids(who, query="", path="time-logs"):
        answer = api(who).get(f"/api/v1/{path}?{query}")
        assert answer.status_code == 200, answer.data
        return [each["id"] for each in answer.data["results"]]

    return ids


@pytest.fixture
def logs(work, agent, coordinator, make_task):
    """Two of the agent's, the coordinator's, and the agent's on a private project of their own."""
    photos, sign = make_task("Photos", estimate_minutes=90), make_task("Sign")
    private = services.open_project(name="Quiet sale", kind="purchase", by=agent, is_private=True)
    quiet = services.create_task(private, name="Whisper", by=agent)
    made = (
        work(agent, photos, at=9, is_billable=True),
        work(agent, sign, at=33),
        work(coordinator, photos, at=9, hours=2),
        work(agent, quiet, at=12),
    )
    return [log.pk for log in made]


def test_the_list_is_mine_unless_others_are_asked_for(found, agent, coordinator, manager, deal, logs):
    first, second, theirs, quiet = logs
    assert found(agent) == [second, quiet, first]
    assert found(manager) == []
    assert found(agent, f"user={coordinator.pk}") == []
    assert found(manager, f"user={agent.pk}") == [second, first]
    assert found(manager, "everyone=true") == [second, theirs, first]
    assert found(manager, "everyone=false") == []
    assert found(manager, f"project={deal.pk}") == [second, theirs, first]
    assert found(coordinator, f"project={deal.pk}") == [theirs]


def test_the_list_is_narrowed_down(found, agent, manager, logs, make_task):
    first, second, theirs, quiet = logs
    assert found(agent, "billable=true") == [first]
    assert found(agent, "since=2026-05-05") == [second]
    assert found(agent, "until=2026-05-04") == [quiet, first]
    assert found(agent, "ordering=started_at") == [first, quiet, second]
    photos = TimeLog.objects.get(pk=first).task
    assert found(manager, f"task={photos.pk}") == [theirs, first]
    services.edit_time(TimeLog.objects.get(pk=second), by=agent, changes={"needs_review": True})
    assert found(agent, "needs_review=true") == [second]
    running, _ = services.start_timer(photos, by=agent)
    assert found(agent, "running=true") == [running.pk]
    assert running.pk not in found(agent, "running=false")


@pytest.mark.parametrize(
    "query", ["user=me", "project=0", "task=x", "since=soon", "until=2026-13-01", "billable=perhaps", "everyone=7"]
)
def test_what_is_wrong_in_the_query_is_named(api, agent, query):
    answer = api(agent).get(f"/api/v1/time-logs?{query}")
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, query.split("=")[0])


@pytest.fixture
def others(coordinator, viewer, stranger):
    """Who neither spent the agent's time nor manages the deal."""
    return coordinator, viewer, stranger


def test_one_log_is_its_persons_and_the_managers(api, agent, manager, others, logs):
    first, quiet = logs[0], logs[3]
    seen = {who: api(who).get(f"/api/v1/time-logs/{first}").status_code for who in (agent, manager)}
    assert set(seen.values()) == {200}
    assert {api(who).get(f"/api/v1/time-logs/{first}").status_code for who in others} == {404}
    assert api(manager).get(f"/api/v1/time-logs/{quiet}").status_code == 404


def test_the_time_of_a_task_is_seen_in_all_and_its_logs_by_those_who_may(api, agent, manager, viewer, stranger, logs):
    first, _, theirs, _ = logs
    task = TimeLog.objects.get(pk=first).task
    services.start_timer(task, by=manager)
    path = f"/api/v1/tasks/{task.pk}/time"
    mine, all_of_it = api(agent).get(path).data, api(manager).get(path).data
    sums = {"estimate_minutes": 90, "seconds": 10_800, "billable_seconds": 3600, "running": 1}
    assert {name: mine[name] for name in sums} == {name: all_of_it[name] for name in sums} == sums
    assert (mine["my_seconds"], all_of_it["my_seconds"]) == (3600, 0)
    assert [each["id"] for each in mine["results"]] == [first]
    assert {each["id"] for each in all_of_it["results"]} >= {first, theirs}
    assert api(viewer).get(path).data["results"] == []
    assert api(stranger).get(path).status_code == 404


def test_lists_cost_a_constant_number_of_queries(api, agent, work, make_task, django_assert_max_num_queries):
    def queries(path):
        with django_assert_max_num_queries(12) as counted:
            assert api(agent).get(path).status_code == 200
        return len(counted)

    task = make_task("Photos")
    work(agent, task, at=0)
    paths = [
        "/api/v1/time-logs",
        f"/api/v1/tasks/{task.pk}/time",
        "/api/v1/timesheet?week=2026-W19",
        "/api/v1/timesheet.csv?week=2026-W19",
        "/api/v1/time-logs/summary?since=2026-05-04&until=2026-05-04",
        *(f"/api/v1/time-logs/summary?group_by={key}" for key in ("person", "project", "kind", "task")),
    ]
    few = [queries(path) for path in paths]
    for number in range(1, 9):
        work(agent, make_task(f"Room {number}"), at=number)
    assert [queries(path) for path in paths] == few
