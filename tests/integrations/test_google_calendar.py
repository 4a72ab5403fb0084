"""Google Calendar: its list of calendars, what its refusals mean, and its push notifications."""

from datetime import UTC, datetime

import pytest

from integrations.models import WebhookEvent
from integrations.sealing import Secret
from integrations.services.webhooks_secrets import add_webhook_secret
from integrations.spi import (
    AuthFailed,
    CalendarChanged,
    InvalidConfig,
    ProviderError,
    RateLimited,
    RawRequest,
    WebhookRefused,
)
from tests.support.http import HttpServer, Reply
from tests.support.providers import build

LIST = "/users/me/calendarList"
TOKEN = "access-token-0123456789"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRETS = [Secret("an older channel token"), Secret("the channel token")]


@pytest.fixture
def server():
    with HttpServer() as running:
        yield running


def calendar(url="https://calendar.example.com", token=TOKEN, **config):
    secrets = {"access_token": token} if token else {}
    return build("google_calendar", {"client_id": "us", "api_url": url, **config}, client_secret="secret", **secrets)


def told(body=b"", **headers):
    usual = {
        "x-goog-channel-id": "channel-7",
        "x-goog-channel-token": "the channel token",
        "x-goog-message-number": "12",
        "x-goog-resource-state": "exists",
        "x-goog-resource-id": "res-1",
        "x-goog-resource-uri": "https://www.googleapis.com/calendar/v3/calendars/primary/events",
    }
    sent = {f"x-goog-{name.replace('_', '-')}": value for name, value in headers.items()}
    url = "https://office.example.com/api/v1/integrations/webhooks/google_calendar"
    return RawRequest(method="POST", url=url, headers={**usual, **sent}, query={}, body=body)


class TestCalendars:
    def test_are_listed_page_by_page(self, server):
        first = {
            "id": "maria@example.com", "summary": "maria@example.com", "summaryOverride": "Maria",
            "timeZone": "America/New_York", "backgroundColor": "#9fe1e7", "primary": True, "accessRole": "owner",
        }  # fmt: skip
        second = {"id": "holidays", "summary": "Holidays", "accessRole": "reader"}
        server.answer(
            "GET", LIST, Reply(200, {"items": [first], "nextPageToken": "p2"}), Reply(200, {"items": [second]})
        )
        maria, holidays = calendar(server.url).list_calendars().calendars
        assert (maria.id, maria.name, maria.timezone) == ("maria@example.com", "Maria", "America/New_York")
        assert (maria.color, maria.is_primary, maria.may_write) == ("#9fe1e7", True, True)
        assert (holidays.name, holidays.is_primary, holidays.may_write) == ("Holidays", False, False)
        assert [asked.query.get("pageToken") for asked in server.asked] == [None, "p2"]
        assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {TOKEN}"}

    def test_of_a_server_whose_pages_never_end_are_read_for_a_while_only(self, server):
        server.answer("GET", LIST, *(Reply(200, {"items": [], "nextPageToken": f"p{n}"}) for n in range(99)))
        assert calendar(server.url).list_calendars().calendars == ()
        assert len(server.asked) == 40

    def test_a_check_asks_for_one(self, server):
        server.answer("GET", LIST, Reply(200, {"items": [{"id": "1", "summary": "Maria"}]}))
        assert calendar(server.url).check().detail == "Google answers, and shows Maria."
        assert server.asked[0].query == {"maxResults": "1"}

    def test_a_check_of_an_account_without_any_passes(self, server):
        server.answer("GET", LIST, Reply(200, {"kind": "calendar#calendarList"}))
        assert calendar(server.url).check().ok

    def test_without_anybodys_account_nothing_is_asked(self, server):
        with pytest.raises(AuthFailed, match="Nobody has connected"):
            calendar(server.url, token="").check()
        assert server.asked == []


@pytest.mark.parametrize(
    ("status", "body", "kind", "permanent"),
    [
        (401, {"error": {"message": "Invalid Credentials"}}, AuthFailed, False),
        (403, {"error": {"message": "Insufficient Permission", "errors": [{"reason": "insufficientPermissions"}]}},
         AuthFailed, False),
        (403, {"error": {"message": "Slow down", "errors": [{"reason": "userRateLimitExceeded"}]}}, RateLimited, False),
        (403, {"error": "text"}, AuthFailed, False),
        (404, {"error": {"message": "Not Found"}}, ProviderError, True),
        (429, {"error": {"message": "Slow down"}}, RateLimited, False),
        (500, "<html>", ProviderError, False),
        (503, {}, ProviderError, False),
        (200, "<html>a login page</html>", ProviderError, False),
        (200, [], ProviderError, False),
    ],
)  # fmt: skip
def test_a_refusal_says_what_it_means(server, status, body, kind, permanent):
    server.answer("GET", LIST, Reply(status, body, {"Retry-After": "7"}))
    with pytest.raises(kind) as caught:
        calendar(server.url).check()
    assert caught.value.permanent == permanent
    if kind is RateLimited:
        assert caught.value.retry_after == 7


@pytest.mark.parametrize("field", ["api_url", "authorize_url", "token_url", "revoke_url"])
@pytest.mark.parametrize(
    "address",
    ["", "calendar", "ftp://example.com", "javascript:alert(1)", "https://", "https://u:p@example.com", "http://[::"],
)
def test_an_address_that_is_none_is_refused(field, address):
    with pytest.raises(InvalidConfig) as caught:
        calendar(**{field: address} if field != "api_url" else {"url": address})
    assert caught.value.field == f"config.{field}"


class TestNotifications:
    def test_the_first_of_a_channel_only_says_that_it_stands(self):
        assert calendar().handshake(told(resource_state="sync")).status == 200
        assert calendar().handshake(told()) is None

    def test_a_change_says_in_which_channel(self):
        (event,) = calendar().verify(told(), SECRETS, NOW)
        assert (event.event_id, event.kind) == ("channel-7:12", "calendar.exists")
        uri = "https://www.googleapis.com/calendar/v3/calendars/primary/events"
        assert list(calendar().read(event)) == [
            CalendarChanged(channel="channel-7", resource="res-1", detail={"state": "exists", "uri": uri})
        ]
        assert "token" not in str(event.payload)

    def test_any_of_the_secrets_proves_it(self):
        assert calendar().verify(told(channel_token="an older channel token"), SECRETS, NOW)

    @pytest.mark.parametrize("token", ["", "another", "the channel token ", "the channel tokeñ", "x" * 10_000])
    def test_without_one_of_them_it_is_refused(self, token):
        with pytest.raises(WebhookRefused):
            calendar().verify(told(channel_token=token), SECRETS, NOW)

    @pytest.mark.parametrize("secrets", [[], [Secret("")]])
    def test_where_there_are_none_nothing_proves_it(self, secrets):
        with pytest.raises(WebhookRefused):
            calendar().verify(told(channel_token=""), secrets, NOW)

    @pytest.mark.parametrize("number", ["", "-1", "1.5", "٣", "9" * 30])
    def test_a_message_without_a_number_is_refused(self, number):
        with pytest.raises(WebhookRefused):
            calendar().verify(told(message_number=number), SECRETS, NOW)

    @pytest.mark.parametrize("channel", ["", "c" * 300])
    def test_a_message_of_no_channel_is_refused(self, channel):
        with pytest.raises(WebhookRefused):
            calendar().verify(told(channel_id=channel), SECRETS, NOW)


def test_over_the_api_a_watched_calendar_says_that_it_stands_and_then_that_it_changed(google, manager, api):
    token = add_webhook_secret(google, by=manager).reveal().reveal()
    path, channel = f"/api/v1/integrations/webhooks/google_calendar/{google.uuid}", told().headers
    stands = channel | {"x-goog-resource-state": "sync", "x-goog-message-number": "1"}
    assert api(None).post(path, headers=stands).status_code == 200
    assert not WebhookEvent.objects.exists()
    assert api(None).post(path, headers=channel | {"x-goog-channel-token": token}).status_code == 200
    assert WebhookEvent.objects.get().provider_event_id == "channel-7:12"
    assert api(None).post(path, headers=channel | {"x-goog-channel-token": "another"}).status_code == 403
