"""Numbers, on a case computed by hand."""

from datetime import date

import pytest

from estateman.people.models import Team, TeamMembership
from tasks import services

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
    assert stats(agent).data == {
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
