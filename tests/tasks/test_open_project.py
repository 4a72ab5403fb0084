"""Opening a deal, with and without a template."""

import pytest
from django.core.exceptions import ValidationError

from estateman.common.rooms import may_enter, rooms_of
from tasks import services
from tasks.activities import ProjectOpened, TaskAssigned, TemplateApplied
from tasks.models import Project, ProjectRole
from tasks.services.columns import DEFAULT_COLUMNS

BODY = {"name": "12 Quay Street", "kind": "listing", "address": "12 Quay Street", "starts_on": "2026-05-04"}


def test_whoever_opens_a_deal_owns_it_and_the_named_people_join(deal, manager, agent, coordinator):
    roles = dict(deal.memberships.values_list("user", "role"))
    parts = dict(deal.memberships.exclude(deal_role="").values_list("deal_role", "user"))
    assert roles[manager.pk] == ProjectRole.OWNER
    assert roles[agent.pk] == ProjectRole.MEMBER
    assert parts == {"listing_agent": agent.pk, "coordinator": coordinator.pk}


def test_a_new_deal_has_a_board(deal):
    assert list(deal.columns.values_list("name", "group")) == list(DEFAULT_COLUMNS)


def test_a_deal_starts_today_where_its_opener_lives_unless_said_otherwise(manager, time_machine):
    time_machine.move_to("2026-05-05T02:00:00Z")  # still the 4th in New York
    project = services.open_project(name="1 Pier Road", kind="lease", by=manager)
    assert project.starts_on.isoformat() == "2026-05-04"


def test_nobody_who_left_is_given_a_part(manager, agent):
    agent.is_active = False
    agent.save(update_fields=["is_active"])
    with pytest.raises(ValidationError):
        services.open_project(name="1 Pier Road", kind="lease", by=manager, roles={"listing_agent": agent})
    assert not Project.objects.exists()


def test_opening_over_the_api_with_a_template_gives_dated_tasks_to_those_who_play_the_parts(
    api, manager, agent, coordinator, listing_launch, told
):
    body = {**BODY, "template": listing_launch.pk, "roles": {"listing_agent": agent.pk, "coordinator": coordinator.pk}}
    answer = api(manager).post("/api/v1/projects", body)
    assert answer.status_code == 201, answer.data
    assert {name: answer.data[name] for name in BODY} == BODY
    assert answer.data["version"] == 1
    assert answer.data["tasks_open"] == listing_launch.tasks.count()
    tasks = Project.objects.get(pk=answer.data["id"]).tasks
    assert tasks.get(key="agreement").assignee_ids == [agent.pk]
    assert tasks.get(key="photos").assignee_ids == []  # nobody does the marketing yet
    assert set(tasks.filter(due_on=None).values_list("date_rule__after_key_date__name", flat=True)) == {
        "Listing expires"
    }
    assert [len(told(kind)) for kind in (ProjectOpened, TemplateApplied)] == [1, 1]
    given = {(fact.task, fact.assignee_id) for fact in told(TaskAssigned)}
    assert ("Sign the listing agreement", agent.pk) in given


def test_the_agent_sees_the_deal_and_a_stranger_does_not(api, deal, agent, stranger):
    assert api(agent).get(f"/api/v1/projects/{deal.pk}").status_code == 200
    assert api(stranger).get(f"/api/v1/projects/{deal.pk}").status_code == 404
    assert api(stranger).get("/api/v1/projects").data["results"] == []


def test_the_deals_room_is_open_to_those_who_see_it(deal, agent, viewer, manager, stranger):
    room = f"project:{deal.pk}"
    assert [may_enter(who, room) for who in (agent, viewer, manager, stranger)] == [True, True, True, False]
    assert room in rooms_of(agent)
    assert room not in rooms_of(stranger)


def test_a_private_deal_is_its_members_only(api, agent, manager, admin_user):
    project = services.open_project(name="Quiet sale", kind="listing", by=agent, is_private=True)
    assert api(agent).get(f"/api/v1/projects/{project.pk}").status_code == 200
    for leader in (manager, admin_user):
        assert api(leader).get(f"/api/v1/projects/{project.pk}").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", None),
        ("kind", "castle"),
        ("status", "sold"),
        ("starts_on", "04/05/2026"),
        ("team", 999),
        ("is_private", "perhaps"),
        ("template", "first"),
        ("roles", [1]),
        ("roles", {"butler": 1}),
        ("roles", {"listing_agent": "Alex"}),
    ],
)
def test_what_is_wrong_is_named(api, manager, field, value):
    answer = api(manager).post("/api/v1/projects", {**BODY, field: value})
    assert answer.status_code == 400
    assert answer.data["errors"][0]["attr"].split(".")[0] == field


def test_nobody_opens_a_deal_without_signing_in(api):
    assert api(None).post("/api/v1/projects", BODY).status_code == 401
