"""Time summed by person, project, kind and task, beside the estimates."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks import services
from tasks.models import TimeLog
from tasks.time_summary import summary
from tasks.timesheets import Days, Spent, seconds_within

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 5, 4, 13, tzinfo=UTC)


@pytest.fixture(autouse=True)
def afterwards(time_machine):
    time_machine.move_to("2026-06-01T12:00:00Z", tick=False)


@pytest.fixture
def worked(agent, coordinator, manager, make_task):
    """Two listings and a lease: seven hours in all, of which one is billable."""
    photos, sign = make_task("Photos", estimate_minutes=60), make_task("Sign")
    tasks = [photos, sign]
    for name, kind in (("5 Mill Lane", "listing"), ("Flat 5", "lease")):
        project = services.open_project(name=name, kind=kind, by=manager, roles={"listing_agent": agent})
        tasks.append(services.create_task(project, name="Keys", by=manager, estimate_minutes=30))
    log(agent, photos, 0, 2)
    log(coordinator, photos, 0, 1, is_billable=True)
    log(agent, sign, 2, 1)
    log(agent, tasks[2], 3, 2)
    log(agent, tasks[3], 5, 1)
    services.start_timer(sign, by=coordinator)
    return tasks


def log(who, task, after, hours, **about):
    start = MONDAY + after * HOUR
    return services.log_time(task, by=who, started_at=start, ended_at=start + hours * HOUR, **about)


@pytest.fixture
def summed(api):
    def get(who, **query):
        answer = api(who).get("/api/v1/time-logs/summary", query)
        assert answer.status_code == 200, answer.data
        return answer.json()

    return get


def test_by_kind_with_what_one_project_took(summed, manager, worked):
    found = summed(manager, group_by="kind")
    listing, lease = found["groups"]
    assert listing == {
        "key": "listing",
        "name": "Listing",
        "seconds": 6 * 3600,
        "billable_seconds": 3600,
        "projects": 2,
        "tasks": 3,
        "seconds_per_project": 3 * 3600,
        "estimated_seconds": 90 * 60,
        "seconds_on_estimated": 5 * 3600,
    }
    assert (lease["key"], lease["seconds"], lease["projects"]) == ("lease", 3600, 1)
    total = found["total"]
    assert (total["seconds"], total["projects"], total["tasks"]) == (7 * 3600, 3, 4)
    assert (total["estimated_seconds"], total["seconds_on_estimated"]) == (120 * 60, 6 * 3600)
    assert (found["since"], found["until"], found["group_by"]) == (None, None, "kind")


def test_by_person_a_shared_estimate_counts_for_each_and_once_in_all(summed, manager, worked):
    found = summed(manager, group_by="person")
    assert [(each["name"], each["seconds"], each["estimated_seconds"]) for each in found["groups"]] == [
        ("Alex Agent", 6 * 3600, 120 * 60),
        ("Cora Coordinator", 3600, 60 * 60),
    ]
    assert found["total"]["estimated_seconds"] == 120 * 60


def test_by_project_and_by_task(summed, manager, worked, deal):
    assert [(each["name"], each["seconds"]) for each in summed(manager)["groups"]] == [
        ("12 Quay Street", 4 * 3600),
        ("5 Mill Lane", 2 * 3600),
        ("Flat 5", 3600),
    ]
    tasks = summed(manager, group_by="task", project=deal.pk)["groups"]
    assert [(each["name"], each["seconds"], each["estimated_seconds"]) for each in tasks] == [
        ("Photos", 3 * 3600, 3600),
        ("Sign", 3600, 0),
    ]


def test_of_one_person(summed, manager, agent, worked):
    assert summed(manager, user=agent.pk)["total"]["seconds"] == 6 * 3600


def test_it_sums_what_one_may_see(summed, agent, coordinator, stranger, worked):
    assert summed(agent)["total"]["seconds"] == 6 * 3600
    assert summed(coordinator)["total"]["seconds"] == 3600
    assert (summed(stranger)["groups"], summed(stranger)["total"]["seconds_per_project"]) == ([], 0)


def test_a_period_counts_what_lies_within(summed, agent, make_task):
    task = make_task()
    log(agent, task, 10, 8)  # from Monday 19:00 to Tuesday 03:00 in New York
    days = {"2026-05-03": 0, "2026-05-04": 5, "2026-05-05": 3, "2026-05-06": 0}
    for day, hours in days.items():
        assert summed(agent, since=day, until=day)["total"]["seconds"] == hours * 3600
    assert summed(agent, since="2026-05-04", until="2026-05-05")["total"]["seconds"] == 8 * 3600


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"group_by": "weather"}, "group_by"),
        ({"since": "2026-05-04"}, "until"),
        ({"until": "2026-05-04"}, "since"),
        ({"since": "2026-05-04", "until": "2026-05-03"}, "until"),
        ({"since": "0001-01-01", "until": "2026-05-03"}, "since"),
        ({"since": "2026-05-01", "until": "9999-12-31"}, "since"),
        ({"user": "me"}, "user"),
        ({"project": "999999"}, "project"),
    ],
)
def test_what_is_wrong_in_the_query_is_named(api, agent, query, field):
    answer = api(agent).get("/api/v1/time-logs/summary", query)
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, field)


@given(
    begins=st.lists(st.integers(-60, 60), unique=True, min_size=1, max_size=8),
    zone=st.sampled_from(("Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Australia/Lord_Howe")),
    first=st.integers(-2, 2),
    length=st.integers(0, 2),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_the_database_sums_and_what_is_cut_are_the_whole(agent, make_task, begins, zone, first, length):
    TimeLog.objects.all().delete()
    task = make_task()
    first_day = MONDAY.date() + timedelta(days=first)
    days = Days(first_day, first_day + timedelta(days=length))
    starts = [MONDAY + number * HOUR for number in begins]
    for start in starts:
        services.log_time(task, by=agent, started_at=start, ended_at=start + HOUR * 3 / 4, timezone=zone)
    whole = [seconds_within(Spent(0, start, start + HOUR * 3 / 4, zone), days) for start in starts]
    assert summary(TimeLog.objects.all(), "task", days).total.seconds == sum(whole)


def test_days_are_the_same_wherever_summed():
    assert Days(date(2026, 5, 4), date(2026, 5, 4)).surely_within == datetime(2026, 5, 4, 10, tzinfo=UTC)
