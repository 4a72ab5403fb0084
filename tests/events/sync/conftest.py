# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""A calendar here, one at Google or Outlook that remembers, and a link between them."""

from datetime import datetime, timedelta

import pytest

from estateman.common import clock
from events.models import CalendarLink, Event
from events.services import create_calendar, create_event
from events.sync.engine import run
from integrations.models import Grant
from integrations.sealing import Secret
from integrations.services import create_integration
from tests.support.google import Google
from tests.support.graph import Graph

MONDAY = datetime(2031, 3, 3, 9)


@pytest.fixture
def own_calendar(manager):
    return create_calendar(name="Maria", timezone="America/New_York", by=manager)


@pytest.fixture
def connected_to(manager):
    """``connected_to("google_calendar", config)``: an integration with the manager's account."""

    def connect(provider, config, name=""):
        integration = create_integration(
            provider=provider,
            name=name or provider,
            config=config,
            credentials={"client_secret": "client-secret-0815-4711"},
            calls_per_minute=60_000,
            by=manager,
        )
        grant = Grant(integration=integration, user=manager, expires_at=clock.now() + timedelta(hours=1))
        grant.tokens = grant.seal(access=Secret("access-token-0815"), refresh=Secret("refresh-token-0815"))
        grant.save()
        return integration

    return connect


@pytest.fixture
def google():
    with Google() as running:
        yield running


@pytest.fixture
def graph():
    with Graph() as running:
        yield running


@pytest.fixture
def link(google, connected_to, own_calendar, manager):
    """With Google."""
    return CalendarLink.objects.create(
        calendar=own_calendar,
        user=manager,
        integration=connected_to("google_calendar", google.config),
        remote_id="maria@harbour.example",
    )


@pytest.fixture
def sync(link):
    """One run of the link with Google."""

    def once():
        link.refresh_from_db()
        return run(link)

    return once


@pytest.fixture
def plan_mine(own_calendar, manager):
    """``plan_mine("Showing")``: an event of the linked calendar."""

    def make(title, *, starts_at=MONDAY, **fields):
        return create_event(own_calendar, by=manager, title=title, starts_at=starts_at, **fields)

    return make


@pytest.fixture
def standing(own_calendar):
    """What takes place here, by title."""

    def by_title():
        found = Event.objects.filter(calendar=own_calendar).not_cancelled().with_series()
        assert len({event.title for event in found}) == len(found)
        return {event.title: event for event in found}

    return by_title
