# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Google Calendar against a mock of Google's own description of it."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest

from estateman.common import clock
from integrations import services
from integrations.models import Grant
from integrations.sealing import Secret
from integrations.spi import EventContent, Override, ProviderError
from tests.support import standins
from tests.support.providers import build
from tests.support.standins import violations
from tests.support.waiting import eventually


@pytest.fixture
def google_api(prism):
    return prism("google_calendar_v3.patched.json")


@pytest.fixture
def google(google_api, manager):
    """An integration that speaks to the mock, with an account connected."""
    integration = services.create_integration(
        provider="google_calendar",
        name="Google",
        config={"client_id": "us", "api_url": google_api.url},
        credentials={"client_secret": "client-secret-0815-4711"},
        by=manager,
    )
    grant = Grant(integration=integration, user=manager, expires_at=clock.now() + timedelta(hours=1))
    grant.tokens = grant.seal(access=Secret("access-token-0815"), refresh=Secret("refresh-token-0815"))
    grant.save()
    return integration


def test_what_is_asked_is_what_google_describes(google, google_api, manager):
    assert services.test_integration(google, by=manager).ok
    found = services.list_calendars(google, by=manager)
    assert found
    assert all(each.id and each.name for each in found)
    assert violations(google_api) == []


def test_the_mock_would_say_so_if_it_were_not():
    """Else no violations would prove nothing."""
    # One of its own, for the other is shared by the whole run.
    with standins.prism("google_calendar_v3.patched.json") as another:
        httpx.get(f"{another.url}/users/me/calendarList", params={"maxResults": "many"}, trust_env=False)
        assert eventually(lambda: violations(another))


def test_events_are_read_and_written_as_google_describes_it(google_api):
    # One that gives back what was asked for would need a memory; here the words are judged.
    provider = build(
        "google_calendar", {"client_id": "us", "api_url": google_api.url}, access_token="access-token-0815"
    )
    content = EventContent(
        title="Showing",
        starts_at=datetime(2031, 3, 3, 9),
        minutes=60,
        timezone="America/New_York",
        rule="FREQ=WEEKLY;COUNT=3",
        exdates=frozenset({datetime(2031, 3, 10, 9)}),
        overrides={datetime(2031, 3, 17, 9): Override(title="Later")},
    )
    calendar = "maria@harbour.example"
    whole_day = EventContent(title="Open day", all_day=True, starts_at=datetime(2031, 3, 3), minutes=1440)
    for act in (
        lambda: provider.list_changes(calendar, cursor="", page="", zone="UTC"),
        lambda: provider.list_changes(calendar, cursor="token", page="2", zone="UTC"),
        lambda: provider.fetch_event(calendar, "event1", zone="UTC"),
        lambda: provider.create_event(calendar, content, uid="1@estateman", key="1", zone="UTC"),
        lambda: provider.update_event(
            calendar, "event1", replace(content, title="Visit", minutes=30), before=content, etag='"1"', zone="UTC"
        ),
        lambda: provider.create_event(calendar, whole_day, uid="2@estateman", key="2", zone="UTC"),
        lambda: provider.delete_event(calendar, "event1", etag='"1"'),
        lambda: provider.watch(calendar, channel="c1", address="https://office.example.com/", secret=Secret("s" * 20)),
        lambda: provider.unwatch("c1", "r1"),
    ):
        with suppress(ProviderError):  # a made-up answer need not make sense
            act()
    assert violations(google_api) == []
