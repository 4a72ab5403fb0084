"""Outlook over Microsoft Graph: its calendars, what its refusals mean, and its change notifications."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from integrations import services
from integrations.models import WebhookEvent
from integrations.sealing import Secret
from integrations.services.webhooks_secrets import add_webhook_secret
from integrations.spi import AuthFailed, InvalidConfig, ProviderError, RateLimited, RawRequest, WebhookRefused
from tests.support.http import HttpServer, Reply
from tests.support.oauth import CLIENT_ID, CLIENT_SECRET, OAuthVendor
from tests.support.providers import build

TOKEN = "access-token-0123456789"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRETS = [Secret("an older state"), Secret("the client state")]


@pytest.fixture
def server():
    with HttpServer() as running:
        yield running


def outlook(url="https://graph.example.com/v1.0", token=TOKEN, **config):
    secrets = {"access_token": token} if token else {}
    return build("outlook", {"client_id": "us", "api_url": url, **config}, client_secret="secret", **secrets)


def told(body, **query):
    url = "https://office.example.com/api/v1/integrations/webhooks/outlook"
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawRequest(method="POST", url=url, headers={}, query=query, body=raw)


def notification(**fields):
    usual = {
        "subscriptionId": "sub-1",
        "clientState": "the client state",
        "changeType": "updated",
        "resource": "Users/u/Events/e",
        "resourceData": {"id": "e", "@odata.etag": 'W/"1"'},
    }
    return {**usual, **fields}


class TestCalendars:
    def test_are_listed_page_by_page(self, server):
        next_page = f"{server.url}/me/more?$skip=1"
        first = {"id": "c1", "name": "Calendar", "hexColor": "#0078d4", "isDefaultCalendar": True, "canEdit": True}
        server.answer("GET", "/me/calendars", Reply(200, {"value": [first], "@odata.nextLink": next_page}))
        server.answer("GET", "/me/more", Reply(200, {"value": [{"id": "c2", "name": "Team", "canEdit": False}]}))
        own, team = outlook(server.url).list_calendars().calendars
        assert (own.id, own.name, own.color, own.is_primary, own.may_write) == ("c1", "Calendar", "#0078d4", True, True)
        assert (team.name, team.is_primary, team.may_write) == ("Team", False, False)
        assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {TOKEN}"}

    def test_a_next_page_elsewhere_does_not_get_the_token(self, server):
        with HttpServer() as thief:
            page = {"value": [], "@odata.nextLink": f"{thief.url}/me/calendars"}
            server.answer("GET", "/me/calendars", Reply(200, page))
            with pytest.raises(ProviderError, match="another server"):
                outlook(server.url).list_calendars()
            assert thief.asked == []

    def test_of_a_server_whose_pages_never_end_are_read_for_a_while_only(self, server):
        page = {"value": [], "@odata.nextLink": f"{server.url}/me/calendars"}
        server.answer("GET", "/me/calendars", Reply(200, page))
        assert outlook(server.url).list_calendars().calendars == ()
        assert len(server.asked) == 40

    def test_a_check_asks_for_one(self, server):
        server.answer("GET", "/me/calendars", Reply(200, {"value": [{"id": "c1", "name": "Calendar"}]}))
        assert outlook(server.url).check().detail == "Outlook answers, and shows Calendar."
        assert server.asked[0].query["$top"] == "1"

    def test_without_anybodys_account_nothing_is_asked(self, server):
        with pytest.raises(AuthFailed, match="Nobody has connected"):
            outlook(server.url, token="").check()
        assert server.asked == []


@pytest.mark.parametrize(
    ("status", "body", "kind", "permanent"),
    [
        (401, {"error": {"code": "InvalidAuthenticationToken", "message": "It has expired"}}, AuthFailed, False),
        (403, {"error": {"code": "ErrorAccessDenied", "message": "Access is denied"}}, AuthFailed, False),
        (404, {"error": "text"}, ProviderError, True),
        (429, {"error": {"code": "TooManyRequests", "message": "Slow down"}}, RateLimited, False),
        (503, "<html>", ProviderError, False),
        (200, "<html>", ProviderError, False),
    ],
)
def test_a_refusal_says_what_it_means(server, status, body, kind, permanent):
    server.answer("GET", "/me/calendars", Reply(status, body))
    with pytest.raises(kind) as caught:
        outlook(server.url).check()
    assert caught.value.permanent == permanent


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tenant", ""), ("tenant", "a/b"), ("tenant", "common?x"), ("tenant", "x" * 200),
        ("login_url", "javascript:alert(1)"), ("login_url", "https://login.example.com/"), ("api_url", "graph"),
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(field, value):
    with pytest.raises(InvalidConfig) as caught:
        outlook(**({"url": value} if field == "api_url" else {field: value}))
    assert caught.value.field == f"config.{field}"


class TestConnecting:
    @pytest.fixture
    def vendor(self):
        with OAuthVendor() as running:
            yield running

    def test_goes_to_the_tenants_own_page_and_its_tokens(self, vendor, manager):
        path = "/harbour.example/oauth2/v2.0"
        integration = services.create_integration(
            provider="outlook",
            name="Outlook",
            config={
                "client_id": CLIENT_ID,
                "tenant": "harbour.example",
                "login_url": vendor.url,
                "api_url": f"{vendor.url}/v1.0",
            },
            credentials={"client_secret": CLIENT_SECRET},
            by=manager,
        )
        address = services.ask_consent(integration, by=manager)
        assert address.startswith(f"{vendor.url}{path}/authorize?")
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["scope"] == "offline_access Calendars.ReadWrite"
        back = vendor.consent(address)
        answer = {"access_token": "a", "refresh_token": "r", "expires_in": 3599, "scope": "Calendars.ReadWrite"}
        vendor.answer("POST", f"{path}/token", Reply(200, answer))
        grant = services.finish_consent(
            services.take_up_consent(back["state"], by=manager), code=back["code"], by=manager
        )
        assert grant.scopes == "Calendars.ReadWrite"
        vendor.answer("GET", "/v1.0/me/calendars", Reply(200, {"value": [{"id": "c1", "name": "Calendar"}]}))
        assert services.test_integration(integration, by=manager).ok
        services.revoke_grant(grant, by=manager)  # Microsoft has no such endpoint; it is forgotten here
        assert not integration.grants.exists()


class TestNotifications:
    def test_graph_is_answered_what_it_asks_when_we_subscribe(self):
        token = "Validation: Testing <client> application reachability for subscription Request-Id: 1"
        answer = outlook().handshake(told(b"", validationToken=token))
        assert (answer.status, answer.content_type, answer.body) == (200, "text/plain", token)

    @pytest.mark.parametrize("token", ["", "x" * 1025])
    def test_an_overlong_question_is_none(self, token):
        assert outlook().handshake(told(b"", validationToken=token)) is None

    def test_each_of_several_is_an_event_of_its_own(self):
        body = {"value": [notification(), notification(subscriptionId="sub-2", clientState="an older state")]}
        first, second = outlook().verify(told(body), SECRETS, NOW)
        (changed,) = outlook().read(first)
        assert (changed.channel, changed.resource) == ("sub-1", "Users/u/Events/e")
        assert changed.detail == {"changeType": "updated"}
        assert outlook().read(second)[0].channel == "sub-2"
        assert first.kind == "calendar.updated"
        assert "clientState" not in first.payload

    @pytest.mark.parametrize("state", ["another", "", None, 7, ["the client state"]])
    def test_one_that_is_not_proven_spoils_all(self, state):
        body = {"value": [notification(), notification(clientState=state)]}
        with pytest.raises(WebhookRefused):
            outlook().verify(told(body), SECRETS, NOW)

    @pytest.mark.parametrize("secrets", [[], [Secret("")]])
    def test_where_there_are_no_secrets_nothing_proves_it(self, secrets):
        with pytest.raises(WebhookRefused):
            outlook().verify(told({"value": [notification(clientState="")]}), secrets, NOW)

    @pytest.mark.parametrize(
        "body",
        [b"", b"no", b"\xff", b"[" * 100_000, b"[]", b"7", {}, {"value": []}, {"value": {}}, {"value": [7]},
         {"value": [{"clientState": "the client state"}]}, {"value": [notification()] * 1001}],
        ids=str,
    )  # fmt: skip
    def test_what_holds_none_is_refused(self, body):
        with pytest.raises(WebhookRefused):
            outlook().verify(told(body), SECRETS, NOW)

    def event_id(self, now=NOW, **fields):
        return outlook().verify(told({"value": [notification(**fields)]}), SECRETS, now)[0].event_id

    def test_told_again_it_is_the_same_event(self):
        assert self.event_id() == self.event_id(now=NOW + timedelta(hours=3))
        assert self.event_id(clientState="an older state") == self.event_id()

    def test_the_next_change_is_another(self):
        newer = {"id": "e", "@odata.etag": 'W/"2"'}
        assert self.event_id() != self.event_id(resourceData=newer)

    def test_where_nothing_tells_changes_apart_the_minute_does(self):
        missed = {"lifecycleEvent": "missed", "resourceData": None}
        assert self.event_id(**missed) != self.event_id(now=NOW + timedelta(minutes=1), **missed)
        assert self.event_id(**missed) == self.event_id(**missed)

    def test_a_lifecycle_event_is_heard_too(self):
        body = {"value": [notification(lifecycleEvent="missed", changeType=None)]}
        (event,) = outlook().verify(told(body), SECRETS, NOW)
        assert event.kind == "calendar.missed"
        assert outlook().read(event)[0].detail == {"lifecycleEvent": "missed"}


class TestOverTheApi:
    @pytest.fixture
    def path(self, manager):
        made = services.create_integration(
            provider="outlook",
            name="Outlook",
            config={"client_id": CLIENT_ID},
            credentials={"client_secret": CLIENT_SECRET},
            by=manager,
        )
        add_webhook_secret(made, secret="the client state", by=manager)
        return f"/api/v1/integrations/webhooks/outlook/{made.uuid}"

    def test_a_question_is_answered_as_text_that_no_browser_takes_for_a_page(self, path, client):
        token = "Validation: <script>alert(1)</script> 100%25 + more"
        answer = client.post(f"{path}?{urlencode({'validationToken': token})}", "", content_type="text/plain")
        assert (answer.status_code, answer.content.decode()) == (200, token)
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_a_change_is_kept_once_without_its_client_state(self, path, api):
        for _ in range(2):
            assert api(None).post(path, {"value": [notification()]}).status_code == 200
        event = WebhookEvent.objects.get()
        assert event.times_received == 2
        assert "the client state" not in str(event.payload)

    def test_what_is_not_proven_is_refused(self, path, api):
        assert api(None).post(path, {"value": [notification(clientState="x")]}).status_code == 403
        assert not WebhookEvent.objects.exists()
