"""Connecting an account: there to the vendor's page, back once, and tokens that last."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections

from estateman.activity.models import Activity
from estateman.common import clock
from integrations import services
from integrations.models import ConsentRequest, Grant, Integration, IntegrationLog, Status
from integrations.sealing import Secret
from integrations.services import grants
from integrations.spi import NoConsent, OutcomeUnknown, ProviderError, TokenSet, Unreachable
from integrations.token_endpoint import TokenEndpoint
from notifications.models import Notification
from tests.support.http import Reply
from tests.support.oauth import CLIENT_ID, CLIENT_SECRET, OAuthVendor
from tests.support.stored import everything_stored
from tests.support.waiting import eventually

CALLBACK = "/integrations/oauth/callback"


def status_of(integration):
    return Integration.objects.get(pk=integration.pk).status


def announced(kind):
    return list(Activity.objects.filter(kind=kind).values_list("payload", flat=True))


def told(response):
    return [str(message) for message in response.wsgi_request._messages]


def about_to_end(grant: Grant, **left) -> Grant:
    """Its access token lasts only so long from now on."""
    grant.expires_at = clock.now() + timedelta(**left)
    grant.save(update_fields=["expires_at"])
    return grant


class TestThereAndBack:
    def test_a_person_connects_their_account_and_lands_where_they_came_from(self, google, vendor, manager, api, client):
        asked = api(manager).post(f"/api/v1/integrations/{google.pk}/connect", {"return_to": "/inbox"})
        assert asked.status_code == 200
        assert asked.data["redirect_uri"] == settings.SITE_URL + CALLBACK
        client.force_login(manager)
        back = client.get(CALLBACK, vendor.consent(asked.data["authorize_url"]))
        assert (back.status_code, back.url) == (302, "/inbox")
        assert told(back) == ["Your account is connected to Google."]
        grant = Grant.objects.get()
        assert (grant.integration, grant.user, grant.needs_consent) == (google, manager, False)
        assert "calendar.events" in grant.scopes
        assert timedelta(minutes=59) < grant.expires_at - clock.now() < timedelta(minutes=61)
        assert announced("integration.consent_given") == [
            {"integration_id": google.pk, "name": "Google", "user_id": manager.pk}
        ]

    def test_the_page_is_asked_for_offline_access_by_a_challenge_and_a_state_that_are_new_each_time(
        self, google, manager
    ):
        first, second = (dict(parse_qsl(urlsplit(services.ask_consent(google, by=manager)).query)) for _ in range(2))
        assert first["client_id"] == CLIENT_ID
        assert (first["access_type"], first["prompt"]) == ("offline", "consent")
        assert first["redirect_uri"] == settings.SITE_URL + CALLBACK
        assert not {first["state"], first["code_challenge"]} & {second["state"], second["code_challenge"]}
        stored = ConsentRequest.objects.values_list("state_digest", flat=True)
        assert first["state"] not in stored

    def test_without_a_place_to_return_to_they_land_on_the_integration_in_the_admin(
        self, google, vendor, manager, client
    ):
        client.force_login(manager)
        back = client.get(CALLBACK, vendor.consent(services.ask_consent(google, by=manager)))
        assert back.url == f"/admin/integrations/integration/{google.pk}/change/"

    @pytest.mark.parametrize(
        "path",
        [
            "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
            "javascript:alert(1)", "evil", "/%09/evil.example\n", "/\t/evil.example", "http:evil.example",
        ],
    )  # fmt: skip
    def test_they_are_sent_to_no_other_site(self, google, manager, api, path):
        answer = api(manager).post(f"/api/v1/integrations/{google.pk}/connect", {"return_to": path})
        if answer.status_code == 200:  # what is left when white space is taken off is harmless
            assert ConsentRequest.objects.get().return_to == "/%09/evil.example"
        else:
            assert answer.status_code == 400
            assert answer.data["errors"][0]["attr"] == "return_to"
        with pytest.raises(ValidationError):
            services.ask_consent(google, return_to="//evil.example", by=manager)

    def test_whoever_is_not_signed_in_has_to_first(self, google, vendor, manager, client):
        back = client.get(CALLBACK, vendor.consent(services.ask_consent(google, by=manager)))
        assert back.status_code == 302
        assert back.url.startswith("/login")
        assert not Grant.objects.exists()


class TestAWayBackThatIsNone:
    @pytest.fixture
    def lands(self, client, manager):
        client.force_login(manager)

        def land(**query):
            return client.get(CALLBACK, query)

        return land

    def refused(self, response, vendor):
        assert response.status_code == 400
        assert "Connect once more" in response.content.decode()
        assert vendor.asked_for("POST", "/token") == []
        assert not Grant.objects.exists()

    @pytest.mark.parametrize("state", ["", "x", "x" * 5000, "\x00", "٣"])
    def test_a_state_that_nobody_was_sent_with(self, google, vendor, lands, state):
        self.refused(lands(state=state, code="code"), vendor)

    def test_a_state_that_was_tampered_with(self, google, vendor, manager, lands):
        back = vendor.consent(services.ask_consent(google, by=manager))
        self.refused(lands(state=back["state"] + "A", code=back["code"]), vendor)

    def test_somebody_elses_state_who_can_still_use_it(self, google, vendor, admin_user, lands):
        back = vendor.consent(services.ask_consent(google, by=admin_user))
        self.refused(lands(**back), vendor)
        assert services.take_up_consent(back["state"], by=admin_user).integration == google

    def test_after_ten_minutes(self, google, vendor, manager, client):
        back = vendor.consent(services.ask_consent(google, by=manager))
        with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1)):
            client.force_login(manager)
            self.refused(client.get(CALLBACK, back), vendor)

    def test_a_second_time(self, google, vendor, manager, lands):
        back = vendor.consent(services.ask_consent(google, by=manager))
        assert lands(**back).status_code == 302
        assert lands(**back).status_code == 400
        assert len(vendor.asked_for("POST", "/token")) == 1

    def test_old_requests_are_forgotten(self, google, manager):
        services.ask_consent(google, by=manager)
        with time_machine.travel(clock.now() + timedelta(days=2)):
            services.ask_consent(google, by=manager)
        assert ConsentRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_come_back_at_once_with_one_state_one_does(google, vendor, manager, in_threads):
    back = vendor.consent(services.ask_consent(google, by=manager))
    outcomes = in_threads(4, lambda _: services.take_up_consent(back["state"], by=manager))
    assert sorted(type(each).__name__ for each in outcomes) == ["ConsentRequest", *["UnknownConsent"] * 3]


class TestWhatTheVendorRefuses:
    def lands(self, client, manager, google, **query):
        client.force_login(manager)
        state = dict(parse_qsl(urlsplit(services.ask_consent(google, by=manager)).query))["state"]
        response = client.get(CALLBACK, {"state": state, **query})
        assert response.status_code == 302
        assert not Grant.objects.exists()
        return told(response)[0]

    def test_the_person_said_no(self, google, vendor, manager, client):
        said = self.lands(client, manager, google, error="access_denied")
        assert said == "Google is not connected: You did not allow it, so nothing was connected."

    def test_neither_a_code_nor_an_error(self, google, manager, client):
        assert "without a consent" in self.lands(client, manager, google)

    def test_another_error_is_shown_as_text(self, google, manager, client):
        said = self.lands(client, manager, google, error="<script>alert(1)</script>")
        page = client.get(f"/admin/integrations/integration/{google.pk}/change/").content.decode()
        assert "<script>alert(1)" not in page
        assert "script" in said

    def test_a_code_that_it_did_not_give(self, google, vendor, manager, client):
        assert "does not take this consent" in self.lands(client, manager, google, code="made-up")
        assert status_of(google) == Status.ACTIVE

    def test_a_code_that_was_given_to_another_challenge(self, google, vendor, manager, client):
        """Without PKCE, whoever gets hold of a code could have it connected to their own account here."""
        stolen = vendor.consent(services.ask_consent(google, by=manager))["code"]
        assert "does not take this consent" in self.lands(client, manager, google, code=stolen)

    def test_a_wrong_client_secret_asks_for_credentials(self, google, vendor, manager, client):
        services.edit_integration(google, changes={}, credentials={"client_secret": "wrong"}, by=manager)
        assert "client" in self.lands(client, manager, google, code="code")
        assert status_of(google) == Status.NEEDS_CREDENTIALS

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(200, "<html>"), Reply(200, []), Reply(200, {}), Reply(200, {"access_token": 7}),
            Reply(200, {"access_token": "a", "refresh_token": 7}), Reply(200, {"access_token": ""}),
            Reply(200, {"error": "invalid_grant"}), Reply(200, {"error": {"code": 3}}),
            Reply(302, "", {"Location": "/"}), Reply(400, {"error": ["x"]}), Reply(418, "no"),
            Reply(429, {}, {"Retry-After": "9"}), Reply(500, "oops"), Reply(503, "later"),
            Reply(hangs_up=True), Reply(200, "[" * 100_000),
        ],
    )  # fmt: skip
    def test_nonsense_is_told_and_nothing_is_connected(self, google, vendor, manager, client, reply):
        vendor.answer("POST", "/token", reply)
        assert self.lands(client, manager, google, code="code").startswith("Google is not connected: ")

    def test_an_integration_that_was_deleted_meanwhile(self, google, vendor, manager, client):
        back = vendor.consent(services.ask_consent(google, by=manager))
        services.delete_integration(google, by=manager)
        client.force_login(manager)
        assert "or the integration changed" in client.get(CALLBACK, back).content.decode()
        assert not Grant.objects.exists()


class TestConnectingAgain:
    def test_takes_the_older_ones_place(self, google, vendor, connected, manager):
        first, second = connected(manager), connected(manager)
        assert first.pk == second.pk
        assert Grant.objects.get().secrets()["access_token"].reveal() in vendor.given[-2:]

    def test_keeps_the_refresh_token_where_the_vendor_gives_none(self, vendor, connected, manager):
        first = connected(manager).secrets()["refresh_token"]
        vendor.gives_refresh_tokens = False
        second = connected(manager).secrets()
        assert second["refresh_token"] == first
        assert second["access_token"].reveal() == vendor.given[-1]

    def test_ends_that_it_was_needed(self, vendor, connected, manager):
        Grant.objects.filter(pk=connected(manager).pk).update(needs_consent=True)
        assert not connected(manager).needs_consent

    @pytest.mark.django_db(transaction=True)
    def test_twice_at_once_leaves_one_grant(self, google, connected, manager, in_threads):
        outcomes = in_threads(4, lambda _: connected(manager).pk)
        assert outcomes == [Grant.objects.get().pk] * 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "seconds"), [("120", 120), (None, 3600), ("soon", 3600), (-5, 3600), (10**12, 31536000)]
)
def test_how_long_tokens_last_is_what_the_vendor_says_within_reason(vendor, connected, manager, told, seconds):
    vendor.expires_in = told
    left = connected(manager).expires_at - clock.now()
    assert abs(left.total_seconds() - seconds) < 5


class TestWhatConnectsNobody:
    def test_a_provider_that_acts_for_the_office(self, sandbox, manager, api):
        answer = api(manager).post(f"/api/v1/integrations/{sandbox.pk}/connect", {})
        assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "cannot_connect")

    def test_an_integration_out_of_use(self, google, manager):
        services.edit_integration(google, changes={"status": Status.DISABLED}, by=manager)
        with pytest.raises(services.CannotConnect, match="out of use"):
            services.ask_consent(google, by=manager)

    def test_settings_that_this_version_takes_no_longer(self, google, manager):
        Integration.objects.filter(pk=google.pk).update(config={"client": "x"})
        google.refresh_from_db()
        with pytest.raises(services.CannotConnect, match="not set up"):
            services.ask_consent(google, by=manager)

    def test_what_is_the_business_of_those_who_manage_it(self, sandbox, agent, api):
        with pytest.raises(PermissionDenied):
            services.ask_consent(sandbox, by=agent)
        for path, verb in (("connect", "post"), ("calendars", "get"), ("grants", "get")):
            assert getattr(api(agent), verb)(f"/api/v1/integrations/{sandbox.pk}/{path}").status_code == 404


class TestStaffWhoManageNothing:
    """They connect what is their own, and see nothing else of the integration."""

    @pytest.fixture
    def connects(self, google, vendor, client, api):
        def connect(user, **asked):
            client.force_login(user)
            answer = api(user).post(f"/api/v1/integrations/{google.pk}/connect", asked)
            return client.get(CALLBACK, vendor.consent(answer.data["authorize_url"]))

        return connect

    def test_connect_their_own_account_and_look_at_its_calendars(self, google, agent, api, connects):
        assert connects(agent).url == "/"
        assert Grant.objects.get().user == agent
        found = api(agent).get(f"/api/v1/integrations/{google.pk}/calendars").data["results"]
        assert [each["id"] for each in found] == ["maria@harbour.example"]

    def test_see_and_end_only_their_own(self, google, agent, coordinator, api, connects):
        connects(coordinator)
        connects(agent)
        grants = f"/api/v1/integrations/{google.pk}/grants"
        assert [each["user"] for each in api(agent).get(grants).data["results"]] == [agent.pk]
        assert api(agent).delete(f"{grants}/{coordinator.pk}").status_code == 404
        assert api(agent).delete(f"{grants}/{agent.pk}").status_code == 204
        assert Grant.objects.get().user == coordinator

    def test_see_nothing_else_of_it(self, google, agent, api):
        assert api(agent).get(f"/api/v1/integrations/{google.pk}").status_code == 404
        assert api(agent).post(f"/api/v1/integrations/{google.pk}/test").status_code == 404
        assert api(agent).get("/api/v1/integrations").status_code == 403

    def test_a_way_back_ends_with_the_right_to_be_here(self, google, vendor, agent):
        back = vendor.consent(services.ask_consent(google, by=agent))
        asked = services.take_up_consent(back["state"], by=agent)
        Integration.objects.filter(pk=google.pk).update(deleted_at=clock.now())
        with pytest.raises(PermissionDenied):
            services.finish_consent(asked, code=back["code"], by=agent)

    def test_are_told_where_calendars_can_be_linked_and_how_their_account_stands(
        self, google, sandbox, agent, manager, api, connects
    ):
        services.create_integration(
            provider="sandbox_calendar", name="Office", mode="sandbox", config={}, credentials={}, by=manager
        )

        def told(user):
            return [
                (each["name"], each["account"]) for each in api(user).get("/api/v1/calendar/places").data["results"]
            ]

        assert told(agent) == [("Google", "none")]
        connects(agent)
        assert told(agent) == [("Google", "connected")]
        Grant.objects.update(needs_consent=True)
        assert told(agent) == [("Google", "ended")]
        assert told(manager) == [("Google", "none"), ("Office", "office")]


class TestRenewing:
    def test_a_token_that_lasts_is_left_alone(self, vendor, connected, manager):
        services.fresh_grant(about_to_end(connected(manager), minutes=6))
        assert vendor.refreshes == 0

    def test_one_that_ends_within_five_minutes_is_renewed_and_the_new_refresh_token_kept(
        self, vendor, connected, manager
    ):
        old = about_to_end(connected(manager), minutes=4)
        fresh = services.fresh_grant(old)
        assert vendor.refreshes == 1
        assert fresh.expires_at > clock.now() + timedelta(minutes=50)
        assert fresh.refreshed_at
        assert fresh.refreshing_until is None
        assert [secret.reveal() for secret in fresh.secrets().values()] == vendor.given[-2:]

    def test_the_refresh_token_stays_where_the_vendor_gives_no_other(self, vendor, connected, manager):
        vendor.rotates = False
        old = about_to_end(connected(manager), minutes=1)
        assert services.fresh_grant(old).secrets()["refresh_token"] == old.secrets()["refresh_token"]

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("left", [-60, 120])
    def test_eight_at_once_renew_once(self, vendor, connected, manager, in_threads, left):
        grant = about_to_end(connected(manager), seconds=left)
        outcomes = in_threads(8, lambda _: services.fresh_grant(grant).expires_at)
        assert vendor.refreshes == 1
        assert all(each > clock.now() for each in outcomes), outcomes
        assert not Grant.objects.get().needs_consent

    @pytest.mark.django_db(transaction=True)
    def test_while_one_renews_it_others_use_what_still_lasts(self, vendor, connected, manager):
        grant, vendor.waiting = about_to_end(connected(manager), minutes=2), threading.Event()
        with ThreadPoolExecutor(1) as pool:
            renewing = pool.submit(_and_hang_up, lambda: services.fresh_grant(grant))
            eventually(lambda: vendor.refreshes)
            used = services.fresh_grant(grant)
            vendor.waiting.set()
            assert used.secrets()["access_token"] != renewing.result(20).secrets()["access_token"]

    @pytest.mark.django_db(transaction=True)
    def test_who_waits_too_long_is_told_to_come_back(self, vendor, connected, manager, monkeypatch):
        monkeypatch.setattr(grants, "MOST_WAIT_SECONDS", 0.2)
        grant, vendor.waiting = about_to_end(connected(manager), seconds=-1), threading.Event()
        with ThreadPoolExecutor(1) as pool:
            renewing = pool.submit(_and_hang_up, lambda: services.fresh_grant(grant))
            eventually(lambda: vendor.refreshes)
            with pytest.raises(ProviderError, match="Try again"):
                services.fresh_grant(grant)
            vendor.waiting.set()
            renewing.result(20)

    def test_a_vendor_that_cannot_be_reached_is_no_matter_while_the_token_lasts(
        self, google, vendor, connected, manager, closed_port
    ):
        grant = connected(manager)
        elsewhere = {**google.config, "token_url": f"http://127.0.0.1:{closed_port}/token"}
        Integration.objects.filter(pk=google.pk).update(config=elsewhere)
        assert services.fresh_grant(about_to_end(grant, minutes=3)).secrets() == grant.secrets()
        with pytest.raises(Unreachable):
            services.fresh_grant(about_to_end(grant, seconds=-1))
        kept = Grant.objects.get()
        assert (kept.secrets(), kept.needs_consent, kept.refreshing_until) == (grant.secrets(), False, None)

    def test_an_answer_that_never_came_leaves_the_old_tokens(self, vendor, connected, manager):
        grant = about_to_end(connected(manager), seconds=-1)
        vendor.answer("POST", "/token", Reply(hangs_up=True))
        with pytest.raises(OutcomeUnknown):
            services.fresh_grant(grant)
        assert Grant.objects.get().secrets() == grant.secrets()

    def test_a_wrong_client_secret_is_the_offices_trouble_not_the_persons(self, google, vendor, connected, manager):
        grant = about_to_end(connected(manager), seconds=-1)
        services.edit_integration(google, changes={}, credentials={"client_secret": "wrong"}, by=manager)
        with pytest.raises(ProviderError):
            services.fresh_grant(grant)
        assert status_of(google) == Status.NEEDS_CREDENTIALS
        assert not Grant.objects.get().needs_consent


def _and_hang_up(work):
    try:
        return work()
    finally:
        connections.close_all()


class TestKilledInBetween:
    """The vendor gave new tokens, and whoever asked died before they were stored."""

    @pytest.fixture
    def grant(self, connected, manager, monkeypatch):
        grant = about_to_end(connected(manager), seconds=-1)
        with monkeypatch.context() as dying:
            dying.setattr(grants, "_keep", _die)
            with pytest.raises(_Killed):
                services.fresh_grant(grant)
        return grant

    def test_nobody_else_renews_it_until_its_lease_ends(self, vendor, grant, monkeypatch):
        monkeypatch.setattr(grants, "MOST_WAIT_SECONDS", 0.1)
        with pytest.raises(ProviderError, match="Try again"):
            services.fresh_grant(grant)
        assert vendor.refreshes == 1

    def test_then_the_old_refresh_token_is_tried_again(self, vendor, connected, manager, monkeypatch):
        vendor.rotates = False
        grant = about_to_end(connected(manager), seconds=-1)
        with monkeypatch.context() as dying:
            dying.setattr(grants, "_keep", _die)
            with pytest.raises(_Killed):
                services.fresh_grant(grant)
        with time_machine.travel(clock.now() + grants.LEASE + timedelta(seconds=1)):
            assert services.fresh_grant(grant).secrets()["access_token"].reveal() == vendor.given[-1]

    def test_and_where_the_vendor_takes_it_once_the_person_is_asked_again(self, vendor, grant, settle):
        with time_machine.travel(clock.now() + grants.LEASE + timedelta(seconds=1)), pytest.raises(NoConsent):
            services.fresh_grant(grant)
        assert Grant.objects.get().needs_consent


class _Killed(BaseException):
    """Nothing catches it."""


def _die(*_):
    raise _Killed


@pytest.mark.django_db
def test_what_a_straggler_brings_is_not_stored_over_a_consent_given_anew(vendor, connected, manager, monkeypatch):
    grant = about_to_end(connected(manager), seconds=-1)

    def connect_meanwhile(endpoint):
        connected(manager)
        return TokenSet(access=Secret("late"), refresh=Secret("late"), expires_in_seconds=3600)

    monkeypatch.setattr(TokenEndpoint, "refresh", connect_meanwhile)
    assert services.fresh_grant(grant).secrets()["access_token"].reveal() != "late"


class TestAConsentThatEnded:
    @pytest.fixture
    def ended(self, vendor, connected, manager):
        """Taken back on the vendor's own pages; nothing here knows."""
        grant = connected(manager)
        vendor.revoke_everything()
        return grant

    def test_the_person_is_told_once_and_has_to_connect_again(self, google, ended, manager, settle):
        for _ in range(3):
            with pytest.raises(NoConsent, match="Connect your account to Google again"):
                services.list_calendars(google, by=manager)
        assert Grant.objects.get().needs_consent
        assert len(announced("integration.consent_ended")) == 1
        settle()
        line = Notification.objects.get()
        assert (line.user, line.title) == (manager, "Connect Google again")
        assert line.url == f"/admin/integrations/integration/{google.pk}/change/"

    def test_the_integration_is_well(self, google, ended, manager):
        with pytest.raises(NoConsent):
            services.list_calendars(google, by=manager)
        assert status_of(google) == Status.ACTIVE
        assert Integration.objects.get(pk=google.pk).failures_in_row == 0

    def test_over_the_api_it_is_a_409_that_says_what_to_do(self, google, ended, manager, api):
        answer = api(manager).get(f"/api/v1/integrations/{google.pk}/calendars")
        assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "not_connected")

    def test_connecting_again_makes_it_good(self, google, ended, connected, manager):
        with pytest.raises(NoConsent):
            services.list_calendars(google, by=manager)
        connected(manager)
        assert [each.name for each in services.list_calendars(google, by=manager)] == ["Maria"]

    def test_tokens_that_cannot_be_opened_are_none(self, google, vendor, connected, manager, settings):
        connected(manager)
        settings.FIELD_KEYS = ["b" * 43 + "="]
        services.edit_integration(google, changes={}, credentials={"client_secret": CLIENT_SECRET}, by=manager)
        with pytest.raises(NoConsent):
            services.list_calendars(google, by=manager)
        assert Grant.objects.get().needs_consent
        assert status_of(google) == Status.ACTIVE

    def test_a_grant_without_a_refresh_token_ends_with_its_access_token(self, vendor, connected, manager):
        vendor.gives_refresh_tokens = False
        with pytest.raises(NoConsent):
            services.fresh_grant(about_to_end(connected(manager), seconds=-1))


class TestUsingIt:
    def test_each_sees_their_own_calendars_and_those_without_an_account_none(
        self, google, vendor, connected, manager, admin_user, api
    ):
        connected(manager)
        path = f"/api/v1/integrations/{google.pk}/calendars"
        assert api(manager).get(path).data["results"] == [
            {"id": "maria@harbour.example", "name": "Maria", "timezone": "", "color": "", "is_primary": True,
             "may_write": True}
        ]  # fmt: skip
        refused = api(admin_user).get(path)
        assert (refused.status_code, refused.data["errors"][0]["code"]) == (409, "not_connected")

    def test_what_was_found_is_remembered_for_a_minute_but_not_past_another_consent(
        self, google, vendor, connected, manager
    ):
        connected(manager)
        for _ in range(3):
            services.list_calendars(google, by=manager)
        asked = vendor.asked_for("GET", "/calendar/v3/users/me/calendarList")
        assert len(asked) == 1
        connected(manager)
        services.list_calendars(google, by=manager)
        assert len(vendor.asked) > len(asked) + 2

    def test_an_access_token_that_is_refused_early_is_renewed_on_the_spot(self, google, vendor, connected, manager):
        connected(manager)
        vendor.access_tokens.clear()
        assert services.list_calendars(google, by=manager)
        assert vendor.refreshes == 1

    def test_another_kind_keeps_no_calendars(self, sandbox, manager, api):
        answer = api(manager).get(f"/api/v1/integrations/{sandbox.pk}/calendars")
        assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "keeps_no_calendars")

    def test_a_test_asks_with_the_testers_own_account(self, google, vendor, connected, manager):
        connected(manager)
        health = services.test_integration(google, by=manager)
        assert (health.ok, health.detail) == (True, "Google answers, and shows Maria.")

    def test_a_test_by_somebody_without_an_account_fails_and_harms_nobody(self, google, manager):
        health = services.test_integration(google, by=manager)
        assert (health.ok, health.detail) == (False, "You have not connected an account to Google yet.")
        assert status_of(google) == Status.ACTIVE


class TestDisconnecting:
    def test_forgets_the_tokens_and_tells_the_vendor(self, google, vendor, connected, manager, api):
        connected(manager)
        answer = api(manager).delete(f"/api/v1/integrations/{google.pk}/grants/{manager.pk}")
        assert answer.status_code == 204
        assert not Grant.objects.exists()
        assert not vendor.refresh_tokens
        assert announced("integration.consent_withdrawn")[0]["user_id"] == manager.pk

    def test_forgets_them_whatever_the_vendor_answers(self, google, vendor, connected, manager):
        vendor.answer("POST", "/revoke", Reply(500))
        services.revoke_grant(connected(manager), by=manager)
        assert not Grant.objects.exists()

    def test_what_was_taken_back_before_is_no_failure(self, google, vendor, connected, manager):
        grant = connected(manager)
        vendor.revoke_everything()
        services.revoke_grant(grant, by=manager)
        assert IntegrationLog.objects.get(operation="revoke_tokens").ok

    def test_somebody_elses_is_for_those_who_lead_the_office(self, google, connected, manager, admin_user, agent):
        grant = connected(manager)
        with pytest.raises(PermissionDenied):
            services.revoke_grant(grant, by=agent)
        services.revoke_grant(grant, by=admin_user)
        assert not Grant.objects.exists()

    def test_a_call_with_it_that_comes_later_asks_to_connect(self, google, connected, manager):
        grant = connected(manager)
        services.revoke_grant(grant, by=manager)
        with pytest.raises(NoConsent):
            services.fresh_grant(grant)

    def test_deleting_the_integration_forgets_all_of_them(self, google, connected, manager):
        connected(manager)
        services.delete_integration(google, by=manager)
        assert not Grant.objects.exists()

    def test_nobody_connected_is_404(self, google, manager, api):
        assert api(manager).delete(f"/api/v1/integrations/{google.pk}/grants/{manager.pk}").status_code == 404


class TestInTheAdmin:
    def test_the_button_leads_to_the_vendor_and_the_form_says_who_connected(self, google, vendor, manager, client):
        client.force_login(manager)
        form = f"/admin/integrations/integration/{google.pk}"
        page = client.get(f"{form}/change/").content.decode()
        assert settings.SITE_URL + CALLBACK in page
        leave = client.post(f"{form}/connect/")
        assert leave.url.startswith(f"{vendor.url}/consent?")
        client.get(CALLBACK, vendor.consent(leave.url))
        assert "Who connected" in client.get(f"{form}/change/").content.decode()

    def test_before_it_is_added_the_form_says_what_to_register(self, manager, client):
        client.force_login(manager)
        page = client.get("/admin/integrations/integration/add/?provider=google_calendar").content.decode()
        assert settings.SITE_URL + CALLBACK in page

    def test_an_integration_without_accounts_has_no_such_button(self, sandbox, manager, client):
        client.force_login(manager)
        form = f"/admin/integrations/integration/{sandbox.pk}"
        assert "Connect my account" not in client.get(f"{form}/change/").content.decode()
        assert client.post(f"{form}/connect/").url == f"{form}/change/"

    def test_accounts_can_be_disconnected_from_their_list(self, google, connected, manager, client):
        grant = connected(manager)
        client.force_login(manager)
        client.post("/admin/integrations/grant/", {"action": "disconnect", "_selected_action": [grant.pk], "index": 0})
        assert not Grant.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_token_code_or_secret_stands_anywhere(google, vendor: OAuthVendor, manager, api, client, caplog):
    caplog.set_level("DEBUG")
    vendor.echoes = True
    client.force_login(manager)
    staff, path, pages = api(manager), f"/api/v1/integrations/{google.pk}", []
    state = dict(parse_qsl(urlsplit(services.ask_consent(google, by=manager)).query))["state"]
    pages.append(client.get(CALLBACK, {"state": state, "code": "code-that-is-echoed-0815"}))
    pages.append(client.get(CALLBACK, vendor.consent(staff.post(f"{path}/connect", {}).data["authorize_url"])))
    pages += [staff.get(f"{path}{end}") for end in ("/calendars", "/grants", "/logs", "")]
    services.fresh_grant(about_to_end(Grant.objects.get(), seconds=-1))
    vendor.revoke_everything()
    pages += [staff.get(f"{path}/calendars"), staff.post(f"{path}/test"), staff.get(f"{path}/logs")]
    for page in (
        f"integration/{google.pk}/change/",
        "grant/",
        f"grant/{Grant.objects.get().pk}/change/",
        "integrationlog/",
    ):
        pages.append(client.get(f"/admin/integrations/{page}"))
        assert pages[-1].status_code == 200
    verifiers = [each.reveal_verifier().reveal() for each in ConsentRequest.objects.all()]
    secrets = [CLIENT_SECRET, "code-that-is-echoed-0815", *vendor.given, *verifiers]
    assert len(secrets) >= 8
    logged = [record.getMessage() for record in caplog.records if record.name.startswith(("integrations", "estateman"))]
    texts = [page.content.decode() for page in pages] + logged + [everything_stored()]
    assert [(secret, text[:200]) for secret in secrets for text in texts if secret in text] == []
