"""What a task tells of itself beside its days: deadline, description, estimate, role."""

from datetime import date, time

import pytest

from tasks import services
from tasks.models import ProjectRole


@pytest.fixture
def change(api):
    return lambda who, task, **fields: api(who).patch(f"/api/v1/tasks/{task.pk}", fields, format="json")


def test_a_deadline_is_an_instant_where_the_property_stands(api, manager, agent, change, deal, make_task):
    services.edit_project(deal, changes={"timezone": "America/Denver"}, by=manager)
    task = make_task()
    told = change(agent, task, deadline_on="2026-05-08").data
    assert told["deadline_at"] == "2026-05-09T05:59:59Z"
    assert (told["deadline_time"], told["deadline_timezone"]) == (None, "America/Denver")
    told = change(agent, task, deadline_time="17:00").data
    assert (told["deadline_at"], told["deadline_on"], told["deadline_time"]) == (
        "2026-05-08T23:00:00Z",
        "2026-05-08",
        "17:00:00",
    )
    told = change(agent, task, deadline_timezone="America/New_York").data
    assert (told["deadline_at"], told["deadline_timezone"]) == ("2026-05-08T21:00:00Z", "America/New_York")
    gone = change(agent, task, deadline_on=None).data
    assert [gone[f"deadline_{part}"] for part in ("on", "time", "timezone", "at")] == [None, None, "", None]


def test_a_new_task_has_its_deadline_at_once(api, agent, deal):
    body = {"project": deal.pk, "name": "Inspection", "deadline_on": "2026-11-01", "deadline_time": "01:30"}
    assert api(agent).post("/api/v1/tasks", body).data["deadline_at"] == "2026-11-01T05:30:00Z"


def test_a_deadline_moves_with_the_zone_of_the_project_unless_it_has_one(manager, deal, make_task):
    ours = make_task(deadline_on=date(2026, 5, 8), deadline_time=time(17))
    said = make_task(deadline_on=date(2026, 5, 8), deadline_time=time(17), deadline_timezone="America/Chicago")
    services.edit_project(deal, changes={"timezone": "America/Los_Angeles"}, by=manager)
    for task, hour in ((ours, 0), (said, 22)):
        task.refresh_from_db()
        assert task.deadline_at.hour == hour


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("deadline_on", "1999-12-31"),
        ("deadline_on", "soon"),
        ("deadline_time", "25:00"),
        ("deadline_timezone", "Mars/Olympus"),
        ("not_before", "2100-01-01"),
        ("estimate_minutes", -1),
        ("estimate_minutes", 2**70),
        ("role", "boss"),
        ("parent", 2**70),
    ],
)
def test_what_is_wrong_is_named(change, agent, make_task, field, value):
    answer = change(agent, make_task(deadline_on=date(2026, 5, 8)), **{field: value})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, field)


def test_a_time_needs_its_day(change, agent, make_task):
    answer = change(agent, make_task(), deadline_time="17:00")
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "deadline_time")


def test_the_description_is_shown_as_safe_html_where_one_task_is_told(api, agent, make_task):
    task = make_task(description="**Bright** ones <script>alert(1)</script>")
    told = api(agent).get(f"/api/v1/tasks/{task.pk}").data
    assert told["description_html"] == ("<p><strong>Bright</strong> ones &lt;script&gt;alert(1)&lt;/script&gt;</p>\n")
    assert "description_html" not in api(agent).get("/api/v1/tasks").data["results"][0]


def test_an_estimate_is_kept_in_minutes(change, agent, make_task):
    task = make_task(estimate_minutes=90)
    assert change(agent, task, estimate_minutes=45).data["estimate_minutes"] == 45
    assert change(agent, task, estimate_minutes=None).data["estimate_minutes"] is None


def test_a_task_that_nobody_has_goes_to_who_plays_its_part(api, agent, coordinator, change, deal, make_task):
    new = api(agent).post("/api/v1/tasks", {"project": deal.pk, "name": "File it", "role": "coordinator"}).data
    assert (new["role"], new["assignees"]) == ("coordinator", [coordinator.pk])
    task = make_task()
    assert change(agent, task, role="listing_agent").data["assignees"] == [agent.pk]
    assert change(agent, task, role="coordinator").data["assignees"] == [agent.pk]
    assert change(agent, make_task(), role="marketing").data["assignees"] == []
    assert change(agent, task, role="").data["role"] == ""


def test_a_viewers_part_gives_them_nothing(agent, manager, coordinator, deal, make_task):
    services.change_member(deal.memberships.get(user=coordinator), role=ProjectRole.VIEWER, by=manager)
    assert make_task(role="coordinator").assignee_ids == []
