"""Google Calendar against a mock of Google's own description of it."""

from datetime import timedelta

import httpx
import pytest

from estateman.common import clock
from integrations import services
from integrations.models import Grant
from integrations.sealing import Secret
from tests.support import standins
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
