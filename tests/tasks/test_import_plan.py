"""A plan from a file is taken in whole, or not at all."""

from datetime import date

import pytest

from tasks import services
from tasks.activities import PlanImported
from tasks.models import BusinessCalendar, Task, TaskDependency

MONDAY = date(2026, 5, 4)


@pytest.fixture
def take_in(api, manager, deal):
    """``take_in({...})``: post a plan into the deal as its manager."""

    def post(body, *, by=manager, kind="application/json", to=None):
        url = f"/api/v1/projects/{(to or deal).pk}/import"
        if kind == "application/json":
            return api(by).post(url, body, format="json")
        return api(by).generic("POST", url, body, content_type=kind)

    return post


def task(key, days=1, **more):
    return {"key": key, "name": key.capitalize(), "duration_days": days, **more}


def wait(before, after, kind="FS", lag=0):
    return {"predecessor": before, "successor": after, "type": kind, "lag_days": lag}


def days_of(deal):
    return {each.key: (each.starts_on, each.due_on) for each in deal.tasks.all()}


def test_a_plan_is_scheduled_from_the_projects_start(take_in, deal):
    plan = {"tasks": [task("photos", 2), task("copy", 3), task("live", 0)]}
    answer = take_in(plan | {"dependencies": [wait("photos", "copy", lag=1), wait("copy", "live")]})
    assert answer.status_code == 201, answer.data
    assert answer.data["dependencies"] == 2
    assert [each["key"] for each in answer.data["tasks"]] == ["photos", "copy", "live"]
    assert days_of(deal) == {
        "photos": (MONDAY, date(2026, 5, 5)),
        "copy": (date(2026, 5, 7), date(2026, 5, 11)),
        "live": (date(2026, 5, 12), date(2026, 5, 12)),
    }


def test_everything_a_plan_says_is_kept(take_in, deal, agent):
    said = task(
        "b", 2, parent="a", priority="high", estimate_minutes=90, role="coordinator", labels=["Legal", "Urgent"]
    )
    said |= {"deadline_on": "2026-05-08", "deadline_time": "17:00", "assignees": [agent.email.upper()], "progress": 30}
    take_in({"tasks": [task("a"), said, task("c", completed_on="2026-05-04")]})
    made = deal.tasks.get(key="b")
    assert (made.parent.key, made.priority, made.estimate_minutes, made.role) == ("a", "high", 90, "coordinator")
    assert made.deadline_at.isoformat() == "2026-05-08T21:00:00+00:00"
    assert [label.name for label in made.labels.all()] == ["Legal", "Urgent"]
    assert list(made.assignees.all()) == [agent]
    assert deal.tasks.get(key="c").is_completed


def test_a_label_that_is_there_is_the_one_meant_however_it_is_written(take_in, deal, manager):
    services.create_label(deal, name="Legal", by=manager)
    take_in({"tasks": [task("a", labels=["legal"]), task("b", labels=["LEGAL", "Money"])]})
    assert {label.name for label in deal.labels.all()} == {"Legal", "Money"}
    assert {label.name for label in deal.tasks.get(key="b").labels.all()} == {"Legal", "Money"}


def test_who_is_not_here_is_told_of(take_in):
    answer = take_in({"tasks": [task("a", assignees=["nobody@elsewhere.example"])]})
    assert answer.data["warnings"] == ["Nobody here has the address nobody@elsewhere.example."]


def test_a_plan_may_hang_off_what_is_there(take_in, deal, make_task):
    make_task("Photos", key="photos", starts_on=MONDAY, duration_days=3)
    take_in({"tasks": [task("copy")], "dependencies": [wait("photos", "copy")]})
    assert days_of(deal)["copy"] == (date(2026, 5, 7), date(2026, 5, 7))


@pytest.mark.parametrize(
    ("plan", "attr"),
    [
        ({"tasks": [task("a"), task("a")]}, "tasks"),
        ({"tasks": [task("a", parent="b")]}, "tasks"),
        ({"tasks": [task("a")], "dependencies": [wait("a", "b")]}, "dependencies"),
        ({"tasks": [task("a")], "dependencies": [wait("a", "a")]}, "dependencies"),
        ({"tasks": [task("a"), task("b")], "dependencies": [wait("a", "b"), wait("a", "b", "SS")]}, "dependencies"),
        ({"tasks": [task("a", 9999)]}, "tasks.0.duration_days"),
        ({"tasks": [task("a", starts_on="1066-10-14")]}, "tasks"),
        ({"tasks": [task("a", starts_on="2026-05-08", due_on="2026-05-04")]}, "due_on"),
        ({"tasks": [task("a", completed_on="2098-05-08")]}, "tasks"),
        ({"tasks": "a"}, "tasks.non_field_errors"),
        ({}, "tasks"),
    ],
)
def test_what_does_not_hold_together_changes_nothing(take_in, deal, plan, attr):
    answer = take_in(plan)
    assert answer.status_code == 400
    assert answer.data["errors"][0]["attr"] == attr
    assert not deal.tasks.exists()


def test_a_circle_is_named_by_keys_and_changes_nothing(take_in, deal):
    plan = {"tasks": [task("a"), task("b"), task("c")]}
    answer = take_in(plan | {"dependencies": [wait("a", "b"), wait("b", "c", "SS"), wait("c", "a", "FF")]})
    assert answer.status_code == 409
    assert answer.data["errors"][0]["code"] == "dependency_cycle"
    assert sorted(answer.data["cycle"]) == ["a", "b", "c"]
    assert not Task.every.filter(project=deal).exists()
    assert not TaskDependency.every.exists()


def test_a_part_cannot_wait_for_its_whole(take_in):
    answer = take_in({"tasks": [task("a"), task("b", parent="a")], "dependencies": [wait("a", "b")]})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "dependency_cycle")


def test_a_key_that_is_taken_is_refused_also_by_a_deleted_task(take_in, make_task, manager):
    services.delete_task(make_task("Photos", key="photos"), by=manager)
    answer = take_in({"tasks": [task("photos")]})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "key_taken")


def test_a_full_column_takes_no_plan(take_in, deal, column, manager):
    services.change_column(column("Backlog"), by=manager, changes={"wip_limit": 1, "wip_is_hard": True})
    answer = take_in({"tasks": [task("a"), task("b")]})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "wip_limit_exceeded")


def test_who_only_works_there_does_not_import(take_in, agent, viewer, stranger):
    plan = {"tasks": [task("a")]}
    assert [take_in(plan, by=each).status_code for each in (agent, viewer, stranger)] == [403, 403, 404]


def test_csv_is_taken_in(take_in, deal):
    answer = take_in("key,name,duration_days,predecessors\na,A,2,\nb,B,1,a FS+1\n", kind="text/csv")
    assert answer.status_code == 201, answer.data
    assert days_of(deal)["b"] == (date(2026, 5, 7), date(2026, 5, 7))


def test_xml_is_taken_in(take_in, deal):
    tasks = "<Task><UID>1</UID><Name>A</Name><Duration>PT16H0M0S</Duration></Task>"
    body = f'<Project xmlns="http://schemas.microsoft.com/project"><Tasks>{tasks}</Tasks></Project>'
    assert take_in(body, kind="application/xml").status_code == 201
    assert days_of(deal) == {"1": (MONDAY, date(2026, 5, 5))}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"\xff\xfe", "text/csv", 400),
        ("name\n", "text/csv", 400),
        ("key,name,priority\na,A,soon\n", "text/csv", 400),
        ("<a/>", "application/xml", 400),
        ("x" * (8 * 1024 * 1024 + 1), "text/csv", 413),
        ("key", "text/plain", 415),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(take_in, deal, body, kind, status):
    assert take_in(body, kind=kind).status_code == status
    assert not deal.tasks.exists()


def test_a_plan_of_thousands_takes_a_fixed_number_of_statements(take_in, deal, django_assert_max_num_queries):
    tasks = [task(f"t{number}", number % 5) for number in range(2000)]
    links = [wait(f"t{number}", f"t{number + 1}") for number in range(1999)]
    with django_assert_max_num_queries(130):
        assert take_in({"tasks": tasks, "dependencies": links}).status_code == 201
    assert deal.tasks.count() == 2000


def test_the_days_of_its_calendar_are_read_once_for_all(take_in, deal, manager, django_assert_max_num_queries):
    calendar = BusinessCalendar.objects.create(key="office", name="Office", country="US")
    services.edit_project(deal, by=manager, changes={"calendar": calendar})
    with django_assert_max_num_queries(60):
        take_in({"tasks": [task(f"t{number}", number % 5) for number in range(200)]})
    assert deal.tasks.count() == 200


@pytest.mark.parametrize("count", [20, 1500])
def test_a_plan_that_leaves_the_days_that_can_be_planned_is_refused(take_in, deal, count):
    tasks = [task(f"t{number}", 2000) for number in range(count)]
    links = [wait(f"t{number}", f"t{number + 1}") for number in range(count - 1)]
    answer = take_in({"tasks": tasks, "dependencies": links})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "plan_too_long")
    assert not deal.tasks.exists()


@pytest.mark.parametrize("field", ["starts_on", "due_on", "not_before", "deadline_on", "completed_on"])
def test_a_day_centuries_off_is_refused(take_in, deal, field):
    assert take_in({"tasks": [{**task("a"), field: "0001-01-01"}]}).status_code == 400
    assert not deal.tasks.exists()


def test_an_import_is_announced_once(take_in, deal, told):
    take_in({"tasks": [task("a"), task("b")]})
    assert [(fact.tasks, fact.dependencies) for fact in told(PlanImported)] == [(2, 0)]
