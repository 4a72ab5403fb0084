"""The staff list, one's own profile, and teams."""

import pytest
from django.db import IntegrityError

from estateman.activity.models import Activity
from estateman.people.models import Team, User

TEAMS = "/api/v1/teams"


@pytest.fixture
def team(manager, agent, api):
    made = api(manager).post(TEAMS, {"name": "Sales"}).json()
    api(manager).post(f"{TEAMS}/{made['id']}/members", {"user": agent.pk, "is_lead": True})
    return Team.objects.get()


def test_everyone_sees_their_colleagues_but_no_secrets(api, agent, manager):
    rows = api(agent).get("/api/v1/users?ordering=name").json()["results"]
    assert [row["name"] for row in rows] == ["Alex Agent", "Maria Manager"]
    assert "password" not in rows[0]
    assert api(None).get("/api/v1/users").status_code == 401


def test_people_are_found_by_name_or_email(api, agent, manager):
    rows = api(agent).get("/api/v1/users?q=maria").json()["results"]
    assert [row["id"] for row in rows] == [manager.pk]


def test_i_change_my_own_profile_and_nothing_else(api, agent):
    answer = api(agent).patch("/api/v1/users/me", {"timezone": "Europe/London", "role": "admin", "email": "x@y.z"})
    assert answer.status_code == 200
    agent.refresh_from_db()
    assert (agent.timezone, agent.role, agent.email) == ("Europe/London", "agent", "alex@harbour.example")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Mars/Olympus"),
        ("timezone", 7),
        ("phone", "call me"),
        ("locale", "english"),
        ("name", None),
        ("name", ""),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused_by_field(api, agent, field, value):
    answer = api(agent).patch("/api/v1/users/me", {field: value})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, field)


def test_a_stale_profile_edit_learns_what_stands_there(api, agent):
    api(agent).patch("/api/v1/users/me", {"name": "A. Agent", "version": 1})
    answer = api(agent).patch("/api/v1/users/me", {"name": "B. Agent", "version": 1})
    assert (answer.status_code, answer.json()["current"]) == (409, {"name": "A. Agent", "version": 2})


def test_founding_renaming_and_dissolving_a_team_is_announced(api, manager, team):
    client = api(manager)
    assert client.patch(f"{TEAMS}/{team.pk}", {"name": "Lettings", "version": 1}).json()["name"] == "Lettings"
    assert client.delete(f"{TEAMS}/{team.pk}").status_code == 204
    said = [activity.sentence for activity in Activity.objects.order_by("pk")]
    assert said == [
        "founded team Sales",
        "put Alex Agent into team Sales",
        "renamed team Lettings",
        "dissolved team Lettings",
    ]


def test_a_taken_name_is_409(api, manager, team):
    answer = api(manager).post(TEAMS, {"name": "Sales"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "name_taken")


def test_a_new_lead_takes_over(api, manager, team, coordinator):
    members = (
        api(manager).post(f"{TEAMS}/{team.pk}/members", {"user": coordinator.pk, "is_lead": True}).json()["members"]
    )
    assert {row["name"]: row["is_lead"] for row in members} == {"Alex Agent": False, "Cora Coordinator": True}


def test_the_lead_may_add_and_remove_members_but_not_rename(api, agent, team, coordinator):
    client = api(agent)
    assert client.post(f"{TEAMS}/{team.pk}/members", {"user": coordinator.pk}).status_code == 200
    assert client.delete(f"{TEAMS}/{team.pk}/members?user={coordinator.pk}").status_code == 204
    assert client.patch(f"{TEAMS}/{team.pk}", {"name": "Mine"}).status_code == 403


def test_others_may_look_only(api, stranger, team):
    client = api(stranger)
    assert client.get(f"{TEAMS}/{team.pk}").status_code == 200
    assert client.post(TEAMS, {"name": "Own"}).status_code == 403
    assert client.post(f"{TEAMS}/{team.pk}/members", {"user": stranger.pk}).status_code == 403
    assert client.delete(f"{TEAMS}/{team.pk}").status_code == 403


@pytest.mark.parametrize("user", [None, "x", 999999, [1], True])
def test_a_member_who_is_nobody_is_400(api, manager, team, user):
    assert api(manager).post(f"{TEAMS}/{team.pk}/members", {"user": user}).status_code == 400


@pytest.mark.parametrize("count", [1, 6])
def test_teams_cost_the_same_queries_however_many(api, agent, count, django_assert_max_num_queries):
    for number in range(count):
        Team.objects.create(name=f"Team {number}").members.add(agent)
    with django_assert_max_num_queries(3):
        api(agent).get(TEAMS)


def test_two_people_cannot_share_an_email_whatever_its_case(agent):
    with pytest.raises(IntegrityError, match=r"email_once_whatever_its_case|UNIQUE"):
        User.objects.create_user("ALEX@harbour.example", "x", name="Twin")
