"""Concurrent edits: a stale writer is told, and nothing is written."""

import pytest

from estateman.common.errors import VersionConflict
from estateman.common.versions import save_changes
from estateman.people.models import Team


@pytest.fixture
def team(db):
    return Team.objects.create(name="Sales")


def test_a_change_counts_the_version_up(team):
    save_changes(team, {"name": "Lettings"}, version=1)
    team.refresh_from_db()
    assert (team.name, team.version) == ("Lettings", 2)


def test_a_stale_writer_learns_what_stands_there_now(team):
    save_changes(team, {"name": "Lettings"})
    with pytest.raises(VersionConflict) as conflict:
        save_changes(team, {"name": "Rentals"}, version=1)
    assert conflict.value.extra == {"current": {"name": "Lettings", "version": 2}}
    assert Team.objects.get().name == "Lettings"


def test_without_a_version_the_last_writer_wins_field_by_field(agent):
    here, there = type(agent).objects.get(pk=agent.pk), type(agent).objects.get(pk=agent.pk)
    save_changes(here, {"name": "A. Agent"})
    save_changes(there, {"phone": "+12125550199"})
    agent.refresh_from_db()
    assert (agent.name, agent.phone, agent.version) == ("A. Agent", "+12125550199", 3)


@pytest.mark.django_db(transaction=True)
def test_of_eight_writers_with_one_version_one_wins(team, in_threads):
    results = in_threads(8, lambda n: save_changes(Team.objects.get(), {"name": f"Team {n}"}, version=1))
    assert sum(isinstance(result, VersionConflict) for result in results) == 7
