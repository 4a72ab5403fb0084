"""A project's report, on a case computed by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tasks import services
from tasks.models import Task, TimeLog

MONDAY = date(2026, 5, 4)
DAY = timedelta(days=1)


def day(number):
    return MONDAY + number * DAY


def at(number, hour=15):
    """An instant on that day, about noon in New York."""
    return datetime(2026, 5, 4, hour, tzinfo=UTC) + number * DAY


@pytest.fixture
def dropped(deal, manager):
    return services.create_column(deal, by=manager, values={"name": "Dropped", "group": "cancelled"})


@pytest.fixture
def case(make_task, column, agent, coordinator, dropped, time_machine):
    """Today is Monday, May 11, the sixth working day.

    Photos (2 days, due on Tuesday, estimated 120 min): begun on Monday, done on Wednesday, two hours and a half.
    Sign (1 day, due on Friday, 60 min): done on Thursday without ever being begun.
    Text (2 days, after the photos; due on Friday): open, one working day late. Live (a milestone) waits for it.
    Keys (1 day): cancelled on Wednesday.
    """
    time_machine.move_to(at(0), tick=False)
    done = {"starts_on": day(0), "assignees": [agent]}
    photos = make_task("Photos", duration_days=2, estimate_minutes=120, **done)
    sign = make_task("Sign", duration_days=1, due_on=day(4), estimate_minutes=60, assignees=[coordinator])
    text = make_task("Text", duration_days=2, after=[photos], estimate_minutes=90)
    live = make_task("Live", duration_days=0, after=[text])
    keys = make_task("Keys")
    services.move_task(photos, column=column("In progress"), by=agent)
    time_machine.move_to(at(2), tick=False)
    services.complete_task(photos, by=agent)
    services.move_task(keys, column=dropped, by=agent)
    TimeLog.objects.create(
        task=photos, user=agent, started_at=at(1), ended_at=at(1) + timedelta(minutes=150), seconds=9000,
        timezone="America/New_York", work_date=day(1), is_billable=True, source="manual",
    )  # fmt: skip
    time_machine.move_to(at(3), tick=False)
    services.complete_task(sign, by=coordinator)
    dropped.project.key_dates.create(kind="inspection", name="Inspection", on=day(2), met_on=day(3))
    dropped.project.key_dates.create(kind="closing", name="Closing", on=day(20))
    Task.objects.filter(pk=text.pk).update(starts_on=day(3), due_on=day(4))
    time_machine.move_to(at(7), tick=False)
    return {"photos": photos, "sign": sign, "text": text, "live": live, "keys": keys}


@pytest.fixture
def report(api, deal):
    return lambda who, query="": api(who).get(f"/api/v1/projects/{deal.pk}/report?{query}")


def test_how_far_it_is(report, viewer, case):
    """Weights 2, 1, 2 and 1 (the milestone); 2 x 100 + 1 x 100 of 6 x 100."""
    told = report(viewer).json()
    assert told["progress"] == {
        "open": 2,
        "completed": 2,
        "overdue": 1,
        "completion_rate": 0.5,
        "progress_percent": 50.0,
    }
    assert (told["since"], told["until"]) == ("2026-05-04", "2026-05-11")


def test_how_well_days_were_kept(report, viewer, case):
    """Photos came a day late, the sign a day early; the inspection a day late."""
    timeline = report(viewer).json()["timeline"]
    assert timeline["tasks"] == {"count": 2, "on_time": 1, "on_time_rate": 0.5, "mean_slip_days": 0.0}
    met = {"count": 1, "on_time": 0, "on_time_rate": 0.0, "mean_slip_days": 1.0}
    assert timeline["key_dates"] == [{"kind": "inspection", "met": met, "overdue": 0}]


def test_a_baseline_says_what_was_due_when(report, viewer, case, deal, manager):
    kept = services.keep_baseline(deal, name="As signed", by=manager)
    kept.tasks.filter(task=case["photos"]).update(due_on=day(0))
    tasks = report(viewer, f"baseline={kept.pk}").json()["timeline"]["tasks"]
    assert (tasks["count"], tasks["on_time"], tasks["mean_slip_days"]) == (2, 1, 1.0)
    assert report(viewer, "baseline=999").status_code == 404


def test_where_tasks_stood_day_by_day(report, viewer, case):
    flow = report(viewer).json()["cumulative_flow"]
    groups = ("backlog", "active", "done", "cancelled")
    assert [tuple(each[group] for group in groups) for each in flow] == [
        (4, 1, 0, 0),
        (4, 1, 0, 0),
        (3, 0, 1, 1),
        (2, 0, 2, 1),
        (2, 0, 2, 1),
        (2, 0, 2, 1),
        (2, 0, 2, 1),
        (2, 0, 2, 1),
    ]
    assert [flow[0]["on"], flow[-1]["on"]] == ["2026-05-04", "2026-05-11"]


def test_what_remained(report, viewer, case):
    """Two open and two done make four, over the six working days until Monday, as the milestone is seen then."""
    told = report(viewer, "until=2026-05-12").json()
    assert told["timeline"]["finishes_on"] == "2026-05-11"
    tasks, minutes = told["burndown"]["tasks"], told["burndown"]["estimate_minutes"]
    assert [each["remaining"] for each in tasks] == [5, 5, 3, 2, 2, 2, 2, 2, None]
    assert [each["remaining"] for each in minutes] == [270, 270, 150, 90, 90, 90, 90, 90, None]
    assert [each["ideal"] for each in tasks] == [3.33, 2.67, 2.0, 1.33, 0.67, 0.67, 0.67, 0.0, 0.0]
    assert minutes[1]["ideal"] == 180.0  # 270 x 4/6


def test_how_fast_it_was(report, viewer, case):
    """Photos were begun on Monday and done on Wednesday; the sign, made on Monday, was never begun."""
    told = report(viewer).json()
    assert told["cycle_time"] == {"count": 1, "median_days": 2.0, "p85_days": 2, "mean_days": 2.0}
    assert told["lead_time"] == {"count": 2, "median_days": 2.5, "p85_days": 3, "mean_days": 2.5}
    assert [each["completed"] for each in told["throughput"]["by_day"]] == [0, 0, 1, 1, 0, 0, 0, 0]
    assert told["throughput"]["by_week"] == [{"on": "2026-05-04", "completed": 2}, {"on": "2026-05-11", "completed": 0}]


def test_estimates_beside_what_it_took(report, manager, case):
    """Of the completed: 120 and 60 minutes were estimated, 150 and none logged."""
    told = report(manager).json()["estimates"]
    assert (told["estimate_seconds"], told["seconds"], told["ratio"]) == (10800, 9000, 0.8333)
    assert [(each["task"]["name"], each["over_seconds"]) for each in told["tasks"]] == [
        ("Photos", 1800),
        ("Sign", -3600),
        ("Text", -5400),
    ]


def test_hours_of_others_are_for_those_who_manage(report, manager, agent, viewer, case, deal):
    told = report(manager).json()
    assert (told["hours"]["seconds"], told["hours"]["billable_seconds"], told["sees_all_time"]) == (9000, 9000, True)
    person, project, kind = (told["hours"][f"by_{each}"][0] for each in ("person", "project", "kind"))
    assert (person["user"], person["name"], person["seconds"]) == (agent.pk, agent.name, 9000)
    assert (project["project"], kind["kind"], kind["seconds"]) == (deal.pk, "listing", 9000)
    assert report(agent).json()["hours"]["seconds"] == 9000
    assert (report(viewer).json()["hours"]["seconds"], report(viewer).json()["sees_all_time"]) == (0, False)


def test_what_a_late_task_moves(report, viewer, case):
    """The text was due on Friday: finished today, Monday, it moves what waits for it by one working day."""
    impact = report(viewer).json()["impact"]
    text = next(each for each in impact if each["is_open"])
    assert (text["task"]["name"], text["late_days"], text["pushes_finish_days"]) == ("Text", 1, 1)
    assert [(push["task"]["name"], push["days"]) for push in text["pushes"]] == [("Live", 1)]
    (photos,) = (each for each in impact if not each["is_open"])
    assert (photos["task"]["name"], photos["late_days"]) == ("Photos", 1)


def test_an_empty_project_has_a_report(report, viewer, time_machine):
    time_machine.move_to(at(1), tick=False)
    told = report(viewer).json()
    assert told["progress"] == {
        "open": 0, "completed": 0, "overdue": 0, "completion_rate": None, "progress_percent": None
    }  # fmt: skip
    assert (told["impact"], told["estimates"]["ratio"], told["cycle_time"]["median_days"]) == ([], None, None)
    assert told["timeline"]["finishes_on"] == "2026-05-04"


def test_a_project_that_has_not_started_has_a_report_of_today(report, deal, manager, viewer, time_machine):
    time_machine.move_to(at(1), tick=False)
    type(deal).objects.filter(pk=deal.pk).update(starts_on=day(30), created_at=at(30))
    told = report(viewer).json()
    assert (told["since"], told["until"]) == ("2026-05-05", "2026-05-05")


def test_an_old_project_is_told_of_for_400_days(report, deal, viewer, time_machine):
    time_machine.move_to(at(1000), tick=False)
    told = report(viewer).json()
    assert len(told["burndown"]["tasks"]) == 400


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=then", "since"),
        ("until=2026-13-01", "until"),
        ("until=1969-12-31", "until"),
        ("until=9999-12-31", "until"),
        ("since=2025-01-01&until=2026-05-01", "since"),
        ("since=2026-05-02&until=2026-05-01", "until"),
        ("baseline=first", "baseline"),
        (f"baseline={2**63}", "baseline"),
    ],
)
def test_what_is_wrong_is_named(report, viewer, query, field):
    answer = report(viewer, query)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, field)


def test_strangers_find_none(report, stranger):
    assert report(stranger).status_code == 404


def test_a_report_costs_the_same_however_much_there_is_to_tell(
    report, manager, case, make_task, agent, django_assert_max_num_queries
):
    def queries():
        with django_assert_max_num_queries(40) as counted:
            report(manager)
        return len(counted)

    few = queries()
    for number in range(6):
        late = make_task(f"Late {number}", due_on=day(1), assignees=[agent], estimate_minutes=10)
        make_task(f"After {number}", after=[late])
    assert queries() == few
