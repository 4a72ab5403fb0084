"""A calendar, a room and a way to plan; the clock stands at a Monday morning before New York's spring change."""

from datetime import datetime

import pytest
import time_machine

from estateman.people.models import Team, TeamMembership
from events.models import Resource
from events.services import create_calendar, create_event, create_resource

NEW_YORK = "America/New_York"


@pytest.fixture
def clock():
    """``clock.move_to(…)`` and ``clock.shift(…)``; a day before the first showing, with Daylight Saving a week off."""
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def calendar(agent):
    """The agent's own."""
    return create_calendar(name="Alex", timezone=NEW_YORK, by=agent)


@pytest.fixture
def team(manager, agent, coordinator):
    """The agent leads it, the coordinator is in it."""
    team = Team.objects.create(name="Harbour sales")
    TeamMembership.objects.create(team=team, user=agent, is_lead=True)
    TeamMembership.objects.create(team=team, user=coordinator)
    return team


@pytest.fixture
def team_calendar(team, agent):
    return create_calendar(name="Harbour sales", team=team, by=agent)


@pytest.fixture
def room(manager) -> Resource:
    return create_resource(name="Viewing room", kind="room", capacity=8, features=["projector", "parking"], by=manager)


@pytest.fixture
def van(manager) -> Resource:
    return create_resource(name="Van", kind="vehicle", by=manager)


@pytest.fixture
def plan(calendar, agent):
    """``plan("2026-03-02T09:00", recurrence="…")``: an hour in the agent's calendar unless told otherwise."""

    def make(starts_at, *, title="Showing", into=None, by=None, **fields):
        start = datetime.fromisoformat(starts_at)
        return create_event(into or calendar, by=by or agent, title=title, starts_at=start, **fields)

    return make


@pytest.fixture
def browser(client, agent):
    """The agent has logged in."""
    client.force_login(agent)
    return client
