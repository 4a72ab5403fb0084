"""Numbers, on a case computed by hand."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from estateman.people.models import Team, TeamMembership
from tasks import services
from tasks.models import TimeLog

NOW = "2026-05-15T16:00:00Z"


@pytest.fixture
def case(make_task, agent, deal, time_machine):
    """Today is Friday, May 15. Open: 4, of them 1 overdue, 1 due today, 1 in six days, 1 blocked without a day.

    Completed in the 30 days before: 3, of them 2 with a due day, 1 of those in time. One more in March.
    """
    time_machine.move_to(NOW)
    mine = {"assignees": [agent]}
    overdue = make_task("Overdue", due_on=date(2026, 5, 14), **mine)
    make_task("Today", due_on=date(2026, 5, 15), **mine)
    make_task("Next week", due_on=date(2026, 5, 21), **mine)
    make_task("Blocked", after=[overdue], **mine)
    make_task("Not mine", due_on=date(2026, 5, 15))
    done = [
        (date(2026, 5, 10), date(2026, 5, 10)),
        (date(2026, 5, 10), date(2026, 5, 11)),
        (None, date(2026, 4, 15)),
        (date(2026, 3, 2), date(2026, 3, 2)),
    ]
    for due_on, completed_on in done:
        services.complete_task(make_task("Done", due_on=due_on, **mine), by=agent, completed_on=completed_on)


@pytest.fixture
def stats(api, case):
    return lambda who, query="": api(who).get(f"/api/v1/tasks/stats?{query}")


def test_mine(stats, agent):
    told = stats(agent).data
    expected = {
        "scope": "me",
        "since": "2026-04-15",
        "until": "2026-05-15",
        "open": 4,
        "overdue": 1,
        "due_today": 1,
        "due_in_7_days": 2,
        "blocked": 1,
        "completed": 3,
        "completed_with_due_day": 2,
        "completed_on_time": 1,
        "completion_rate": 0.4286,
        "on_time_rate": 0.5,
    }
    assert {name: told[name] for name in expected} == expected


def test_of_a_period(stats, agent):
    told = stats(agent, "since=2026-03-01&until=2026-03-31").data
    assert (told["completed"], told["on_time_rate"]) == (1, 1.0)
    assert stats(agent, "since=2026-01-01&until=2026-01-31").data["on_time_rate"] is None


def test_of_a_project(stats, agent, deal, stranger):
    assert stats(agent, f"project={deal.pk}").data["open"] == 5
    assert stats(stranger, f"project={deal.pk}").status_code == 404


def test_of_a_team(stats, agent, manager, stranger, deal):
    team = Team.objects.create(name="Harbour")
    TeamMembership.objects.create(team=team, user=agent)
    services.edit_project(deal, by=manager, changes={"team": team})
    assert stats(agent, f"team={team.pk}").data["open"] == 5
    assert stats(manager, f"team={team.pk}").data["scope"] == "team"
    assert stats(stranger, f"team={team.pk}").status_code == 404


def test_of_nothing(api, stranger, time_machine):
    time_machine.move_to(NOW)
    told = api(stranger).get("/api/v1/tasks/stats").data
    assert (told["open"], told["completion_rate"]) == (0, None)


@pytest.mark.parametrize("query", ["project=first", "team=ours", "since=then", "project=1&team=2"])
def test_what_is_wrong_is_named(stats, agent, query):
    assert stats(agent, query).status_code == 400


def test_a_period_has_an_order_and_400_days_at_most(stats, agent):
    late = stats(agent, "since=2026-05-02&until=2026-05-01")
    assert (late.status_code, late.data["errors"][0]["attr"]) == (400, "until")
    long = stats(agent, "since=2025-01-01&until=2026-05-01")
    assert (long.status_code, long.data["errors"][0]["attr"]) == (400, "since")
    assert len(stats(agent, "since=2025-03-28&until=2026-05-01").data["throughput"]["by_day"]) == 400


def test_throughput_and_how_long_things_took(stats, agent):
    """All was made on May 15 and said to be done earlier: no time passed, and nothing was ever being worked on."""
    told = stats(agent).data
    done = {each["on"]: each["completed"] for each in told["throughput"]["by_day"] if each["completed"]}
    assert done == {"2026-04-15": 1, "2026-05-10": 1, "2026-05-11": 1}
    weeks = [(each["on"], each["completed"]) for each in told["throughput"]["by_week"] if each["completed"]]
    assert weeks == [("2026-04-13", 1), ("2026-05-04", 1), ("2026-05-11", 1)]
    assert told["lead_time"] == {"count": 3, "median_days": 0.0, "p85_days": 0, "mean_days": 0}
    assert told["cycle_time"]["count"] == 0


def test_cycle_time_runs_from_the_first_day_it_was_worked_on(stats, agent, make_task, column, time_machine):
    task = make_task("Long", assignees=[agent])
    for on, name in ((16, "In progress"), (18, "Backlog"), (20, "In progress")):
        time_machine.move_to(f"2026-05-{on}T16:00:00Z")
        services.move_task(task, column=column(name), by=agent)
    time_machine.move_to("2026-05-22T16:00:00Z")
    services.complete_task(task, by=agent)
    told = stats(agent, "since=2026-05-20").data
    assert told["cycle_time"] == {"count": 1, "median_days": 6.0, "p85_days": 6, "mean_days": 6}
    assert told["lead_time"]["median_days"] == 7.0


def log(task, user, minutes, *, on="2026-05-12", zone="America/New_York", hour=14, **fields):
    began = datetime.fromisoformat(f"{on}T{hour:02}:00:00+00:00")
    return TimeLog.objects.create(
        task=task, user=user, started_at=began, ended_at=began + timedelta(minutes=minutes), seconds=minutes * 60,
        timezone=zone, work_date=began.astimezone(ZoneInfo(zone)).date(), source="manual", **fields,
    )  # fmt: skip


def test_what_a_team_got_done(stats, agent, coordinator, manager, deal, make_task):
    """The agent had three of the completed tasks, the coordinator none; one was nobody's, and the manager did it."""
    team = Team.objects.create(name="Harbour")
    for user in (agent, coordinator):
        TeamMembership.objects.create(team=team, user=user)
    services.edit_project(deal, by=manager, changes={"team": team})
    task = make_task("Nobody's")
    services.complete_task(task, by=manager)
    log(task, coordinator, 90, is_billable=True)
    log(task, agent, 30)
    told = stats(manager, f"team={team.pk}").data
    people = [(each["name"], each["completed"], each["seconds"]) for each in told["people"]]
    assert people == [
        ("Alex Agent", 3, 1800),
        ("Maria Manager", 1, 0),
        ("Cora Coordinator", 0, 5400),
    ]
    assert (told["hours"]["seconds"], told["hours"]["billable_seconds"]) == (7200, 5400)
    assert [(each["kind"], each["seconds"]) for each in told["hours"]["by_kind"]] == [("listing", 7200)]
    assert stats(agent, f"team={team.pk}").data["hours"]["seconds"] == 1800  # others' time is for who manages


def test_only_my_own_hours_are_mine_and_only_within_the_period(stats, agent, manager, make_task):
    """From eleven in the evening of the last day, New York time, until one: an hour lies within."""
    task = make_task("Worked on")
    log(task, agent, 120, on="2026-05-15", hour=3)
    log(task, agent, 60, on="2026-04-01")
    log(task, manager, 60)
    told = stats(agent, "since=2026-05-01&until=2026-05-14").data
    assert told["hours"]["seconds"] == 3600
    assert [(each["user"], each["seconds"]) for each in told["people"]] == [(agent.pk, 3600)]


def test_time_on_a_deleted_task_was_worked_all_the_same(stats, agent, manager, make_task, deal):
    task = make_task("Gone")
    log(task, agent, 60)
    services.delete_task(task, by=manager)
    assert stats(manager, f"project={deal.pk}").data["hours"]["seconds"] == 3600


def test_key_dates_by_kind_across_my_projects(stats, agent, deal, stranger, manager):
    theirs = services.open_project(name="5 Mill Lane", kind="lease", by=stranger)
    mine = services.open_project(name="7 Mill Lane", kind="lease", by=agent)
    for project, kind, on, met_on in (
        (deal, "inspection", date(2026, 5, 6), date(2026, 5, 8)),
        (mine, "inspection", date(2026, 5, 6), date(2026, 5, 5)),
        (deal, "closing", date(2026, 5, 14), None),
        (deal, "appraisal", date(2026, 5, 15), None),
        (theirs, "closing", date(2026, 5, 1), None),
        (mine, "walkthrough", date(2026, 1, 1), date(2026, 1, 1)),
    ):
        project.key_dates.create(kind=kind, name=kind, on=on, met_on=met_on)
    told = {each["kind"]: each for each in stats(agent).json()["key_dates"]}
    assert list(told) == ["closing", "inspection"]
    assert told["inspection"]["met"] == {"count": 2, "on_time": 1, "on_time_rate": 0.5, "mean_slip_days": 0.5}
    assert (told["closing"]["met"]["count"], told["closing"]["overdue"]) == (0, 1)


@pytest.mark.parametrize("query", ["", "project={deal}"])
def test_numbers_cost_the_same_however_much_there_is_to_count(
    stats, agent, make_task, deal, query, django_assert_max_num_queries
):
    def queries():
        with django_assert_max_num_queries(24) as counted:
            stats(agent, query.format(deal=deal.pk))
        return len(counted)

    log(make_task("First"), agent, 5)
    few = queries()
    for number in range(5):
        task = make_task(f"More {number}", assignees=[agent])
        log(task, agent, 5, on=f"2026-05-0{number + 1}")
        services.complete_task(task, by=agent)
    assert queries() == few
