"""The plan as a Gantt chart shows it, on a case computed by hand."""

from datetime import date
from itertools import pairwise

import pytest

from tasks import services
from tasks.models import Task, TaskDependency

MONDAY = date(2026, 5, 4)


@pytest.fixture
def plan(make_task, agent):
    """From Monday, May 4: photos (2 days), then live (a milestone); a sign (1 day) that has a day to spare."""
    photos = make_task("Photos", key="photos", duration_days=2, starts_on=MONDAY, assignees=[agent])
    sign = make_task("Sign", key="sign", duration_days=1, starts_on=MONDAY)
    live = make_task("Live", key="live", duration_days=0, after=[photos, sign])
    return {"photos": photos, "sign": sign, "live": live}


@pytest.fixture
def gantt(api, deal):
    return lambda who, query="": api(who).get(f"/api/v1/projects/{deal.pk}/gantt?{query}")


@pytest.fixture
def keep(api, deal):
    return lambda who, name="As signed": api(who).post(f"/api/v1/projects/{deal.pk}/baselines", {"name": name})


def bars(answer):
    return {task["key"]: task for task in answer.json()["tasks"]}


def test_the_chart_says_how_early_and_how_late_each_task_can_be(gantt, viewer, plan, deal, agent):
    answer = gantt(viewer)
    told = answer.json()
    assert answer.status_code == 200
    assert (told["project"], told["length_days"], told["starts_on"]) == (deal.pk, 2, "2026-05-04")
    assert [task["key"] for task in told["tasks"]] == ["photos", "sign", "live"]
    photos, sign, live = told["tasks"]
    assert (photos["early_start"], photos["early_finish"]) == ("2026-05-04", "2026-05-05")
    assert (photos["critical"], photos["total_slack_days"], photos["milestone"]) == (True, 0, False)
    assert (sign["late_start"], sign["late_finish"]) == ("2026-05-05", "2026-05-05")
    assert (sign["critical"], sign["total_slack_days"], sign["free_slack_days"]) == (False, 1, 1)
    assert (live["milestone"], live["duration_days"], live["early_start"]) == (True, 0, live["early_finish"])
    assert (photos["assignees"], told["people"]) == ([agent.pk], [{"id": agent.pk, "name": agent.name}])
    assert (photos["baseline"], told["baseline"], told["warnings"]) == (None, None, [])
    assert [each["key"] for each in told["milestones"]] == ["live"]


def test_the_chart_has_the_dependencies_and_the_key_dates(gantt, viewer, plan, deal):
    deal.key_dates.create(kind="closing", name="Closing", on=date(2026, 6, 1))
    told = gantt(viewer).json()
    link = TaskDependency.objects.order_by("pk")[0]
    assert told["dependencies"][0] == {
        "id": link.pk,
        "predecessor": plan["photos"].pk,
        "successor": plan["live"].pk,
        "type": "FS",
        "lag_days": 0,
    }
    (closing,) = told["key_dates"]
    assert (closing["kind"], closing["name"], closing["on"]) == ("closing", "Closing", "2026-06-01")


def test_cancelled_and_deleted_tasks_are_not_in_the_plan(gantt, viewer, plan, deal, manager):
    dropped = services.create_column(deal, by=manager, values={"name": "Dropped", "group": "cancelled"})
    services.move_task(plan["sign"], column=dropped, by=manager)
    services.delete_task(plan["live"], by=manager)
    assert list(bars(gantt(viewer))) == ["photos"]


def test_an_empty_project_has_an_empty_chart(gantt, viewer):
    told = gantt(viewer).json()
    assert (told["tasks"], told["length_days"], told["finishes_on"]) == ([], 0, told["starts_on"])


def test_a_stranger_finds_none(gantt, stranger, plan):
    assert gantt(stranger).status_code == 404


def test_the_chart_is_the_same_each_time(gantt, viewer, make_task):
    for number in range(12):
        make_task(f"Task {number}", starts_on=MONDAY)
    assert gantt(viewer).content == gantt(viewer).content
    ids = [task["id"] for task in gantt(viewer).json()["tasks"]]
    assert ids == sorted(ids)


@pytest.fixture
def two_thousand(deal, column):
    """``two_thousand()``: so many more tasks, each of which waits for the one before."""

    def make():
        backlog = column("Backlog")
        made = Task.objects.bulk_create(
            Task(project=deal, column=backlog, key=f"C-{number}", name="C", rank=number) for number in range(2000)
        )
        TaskDependency.objects.bulk_create(TaskDependency(predecessor=a, successor=b) for a, b in pairwise(made))

    return make


def test_a_chart_of_two_thousand_tasks_takes_as_many_queries_as_one_of_three(
    gantt, plan, keep, manager, two_thousand, django_assert_max_num_queries
):
    baseline = keep(manager).json()["id"]

    def queries():
        with django_assert_max_num_queries(14) as counted:
            assert gantt(manager, f"baseline={baseline}").status_code == 200
        return len(counted)

    few = queries()
    two_thousand()
    assert queries() == few


def test_a_plan_is_compared_with_how_it_once_stood(gantt, keep, manager, viewer, agent, plan):
    kept = keep(manager).json()
    assert (kept["name"], kept["task_count"]) == ("As signed", 3)
    services.edit_task(plan["photos"], by=agent, changes={"duration_days": 4})
    told = gantt(viewer, f"baseline={kept['id']}").json()
    photos, sign, live = (next(task for task in told["tasks"] if task["key"] == key) for key in plan)
    assert photos["baseline"] == {"starts_on": "2026-05-04", "due_on": "2026-05-05", "slip_days": 2}
    assert (sign["baseline"]["slip_days"], live["baseline"]["slip_days"]) == (0, 2)
    assert (told["baseline"]["name"], told["baseline"]["slip_days"]) == ("As signed", 2)


def test_what_was_added_since_has_no_days_in_the_baseline(gantt, keep, manager, viewer, plan, make_task):
    kept = keep(manager).json()["id"]
    make_task("New", key="new")
    assert bars(gantt(viewer, f"baseline={kept}"))["new"]["baseline"] is None


def test_another_projects_baseline_is_not_found(gantt, keep, manager, viewer, api):
    other = services.open_project(name="5 Mill Lane", kind="lease", by=manager)
    theirs = services.keep_baseline(other, name="Theirs", by=manager)
    assert gantt(viewer, f"baseline={theirs.pk}").status_code == 404


@pytest.mark.parametrize("query", ["baseline=first", "baseline=0", f"baseline={2**70}"])
def test_what_is_wrong_is_named(gantt, viewer, query):
    answer = gantt(viewer, query)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "baseline")
