"""The feed shows what happened in the rooms one may enter, and nothing else."""

import pytest

from estateman.activity.services import announce
from estateman.people.activities import TeamChanged
from estateman.people.models import Team

FEED = "/api/v1/activity"


@pytest.fixture
def closed_team(agent):
    """A team whose room the stranger may not enter."""
    team = Team.objects.create(name="Closed")
    team.members.add(agent)
    return team


def happen(team, by, rooms=None):
    class _InTeam(TeamChanged, kind="test.in_team"):
        def rooms(self):
            return (f"team:{self.team_id}",)

    announce(_InTeam(by_id=by.pk, team_id=team.pk, team=team.name, change="met in"))


def test_members_see_what_happened_and_strangers_do_not(api, agent, stranger, closed_team):
    happen(closed_team, agent)
    (row,) = api(agent).get(FEED).json()["results"]
    assert (row["kind"], row["sentence"]) == ("test.in_team", "met in team Closed")
    assert row["actor"] == {"id": agent.pk, "name": "Alex Agent"}
    assert api(stranger).get(FEED).json()["results"] == []


def test_a_room_one_may_not_enter_is_not_there(api, stranger, agent, closed_team):
    happen(closed_team, agent)
    for room in (f"team:{closed_team.pk}", "team:999999", "nonsense", "team:x"):
        assert api(stranger).get(f"{FEED}?room={room}").status_code == 404


def test_filters_narrow_the_feed(api, agent, manager, closed_team):
    happen(closed_team, agent)
    client = api(agent)
    for query, found in (
        ("kind=test.in_team", 1),
        ("kind=other", 0),
        (f"actor={agent.pk}", 1),
        ("since=2999-01-01T00:00:00Z", 0),
    ):
        assert len(client.get(f"{FEED}?{query}").json()["results"]) == found
    for wrong in ("yesterday", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00%2B14:00"):
        assert client.get(f"{FEED}?since={wrong}").status_code == 400


@pytest.mark.parametrize("count", [2, 20])
def test_the_feed_costs_the_same_queries_however_long(api, agent, closed_team, count, django_assert_max_num_queries):
    for _ in range(count):
        happen(closed_team, agent)
    with django_assert_max_num_queries(7):
        api(agent).get(FEED)
