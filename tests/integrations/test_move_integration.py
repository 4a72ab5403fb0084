"""Changing where an integration's secrets go: only with the secrets, and people's consents do not move along."""

import pytest
from django.core.exceptions import ValidationError

from estateman.activity.models import Activity
from integrations import services
from integrations.door import call
from integrations.models import ConsentRequest, Grant, Integration
from integrations.services import consents, grants
from integrations.services.consents import CannotConnect, UnknownConsent
from integrations.spi import NoConsent
from tests.integrations.samples import SAMPLES
from tests.support.letters import PASSWORD
from tests.support.oauth import CLIENT_SECRET

pytestmark = pytest.mark.django_db

# Of each provider an edit that would send its credentials elsewhere, or in the open.
MOVES = [
    ("caldav", {"url": "https://dav.evil.example"}),
    ("caldav", {"also_at": "evil.example"}),
    ("google_calendar", {"api_url": "https://evil.example"}),
    ("google_calendar", {"authorize_url": "https://evil.example"}),
    ("google_calendar", {"token_url": "https://evil.example"}),
    ("google_calendar", {"revoke_url": "https://evil.example"}),
    ("mailgun", {"api_url": "https://evil.example"}),
    ("mailgun", {"region": "eu"}),
    ("outlook", {"api_url": "https://evil.example"}),
    ("outlook", {"login_url": "https://evil.example"}),
    ("outlook", {"tenant": "evil.example"}),
    ("paypal", {"api_url": "https://evil.example"}),
    ("paypal", {"token_url": "https://evil.example"}),
    ("sendgrid", {"api_url": "https://evil.example"}),
    ("smtp", {"host": "evil.example"}),
    ("smtp", {"port": 2525}),
    ("smtp", {"security": "tls"}),
    ("stripe", {"api_url": "https://evil.example"}),
    ("twilio", {"api_url": "https://evil.example"}),
]
LOGIN = {"username": "office@example.com"}


def made(provider: str, manager) -> Integration:
    sample = SAMPLES[provider]
    config, credentials = dict(sample.config), dict(sample.credentials)
    if provider == "smtp":
        config, credentials = {**config, **LOGIN}, {"password": PASSWORD}
    return services.create_integration(
        provider=provider, name="Office", config=config, credentials=credentials, by=manager
    )


def revealed(integration: Integration) -> dict[str, str]:
    kept = Integration.objects.get(pk=integration.pk).secrets()
    return {name: secret.reveal() for name, secret in kept.items()}


@pytest.mark.parametrize(("provider", "config"), MOVES)
def test_credentials_are_not_sent_to_another_address_by_who_does_not_know_them(provider, config, manager):
    integration = made(provider, manager)
    before, credentials = dict(integration.config), revealed(integration)
    with pytest.raises(ValidationError) as refused:
        services.edit_integration(integration, changes={"config": config}, by=manager)
    assert refused.value.message_dict == {
        f"credentials.{name}": [
            "The address changed: enter it again, so that it is not sent where it was not meant to go."
        ]
        for name in credentials
    }
    assert (Integration.objects.get().config, revealed(integration)) == (before, credentials)


@pytest.mark.parametrize(("provider", "config"), MOVES)
def test_who_knows_them_may_move_it(provider, config, manager):
    integration = made(provider, manager)
    credentials = revealed(integration)
    services.edit_integration(integration, changes={"config": config}, credentials=credentials, by=manager)
    assert revealed(integration) == credentials
    assert config.items() <= Integration.objects.get().config.items()


def test_a_default_that_is_written_out_moves_nothing(manager):
    integration = made("stripe", manager)
    for url in ("https://api.stripe.com", " https://api.stripe.com ", None):
        services.edit_integration(integration, changes={"config": {"api_url": url}}, by=manager)


def test_back_to_the_vendors_own_address_is_a_move_too(manager):
    integration = made("sendgrid", manager)
    known = revealed(integration)
    eu = {"config": {"api_url": "https://api.eu.sendgrid.com"}}
    services.edit_integration(integration, changes=eu, credentials=known, by=manager)
    with pytest.raises(ValidationError, match="enter it again"):
        services.edit_integration(integration, changes={"config": {"api_url": None}}, by=manager)


def test_a_credential_may_be_taken_away_instead(manager):
    integration = made("smtp", manager)
    elsewhere = {"config": {"host": "mail.example.com", "username": None}}
    services.edit_integration(integration, changes=elsewhere, credentials={"password": None}, by=manager)
    assert revealed(integration) == {}


def test_what_cannot_be_opened_now_does_not_move_either(manager, settings):
    integration, keys = made("smtp", manager), settings.FIELD_KEYS
    settings.FIELD_KEYS = ["b" * 43 + "="]
    elsewhere = {"config": {"host": "evil.example", "username": None}}
    services.edit_integration(integration, changes=elsewhere, by=manager)
    settings.FIELD_KEYS = [*keys, "b" * 43 + "="]
    assert revealed(integration) == {}


def test_an_integration_without_secrets_moves_freely(smtp, manager):
    services.edit_integration(smtp(25), changes={"config": {"port": 26}}, by=manager)


def test_the_api_names_the_credential(api, manager):
    integration = made("stripe", manager)
    path = f"/api/v1/integrations/{integration.pk}"
    answer = api(manager).patch(path, {"config": {"api_url": "https://evil.example"}})
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.data["errors"]] == ["credentials.api_key"]


def test_the_providers_say_which_settings_are_addresses(api, manager):
    providers = api(manager).get("/api/v1/integrations/providers").data["results"]
    smtp = next(provider for provider in providers if provider["name"] == "smtp")
    assert {each["name"] for each in smtp["config"] if each["is_address"]} == {"host", "port", "security"}


def test_the_admins_form_shows_it_at_the_credential(client, manager):
    integration = made("smtp", manager)
    client.force_login(manager)
    page = f"/admin/integrations/integration/{integration.pk}/change/"
    form = {
        "name": "Office",
        "mode": "live",
        "priority": 10,
        "enabled": "on",
        "config_host": "evil.example",
        "config_port": 587,
        "config_security": "starttls",
        "config_username": LOGIN["username"],
        "config_timeout_seconds": 10,
        "credential_password": "",
    }
    refused = client.post(page, form)
    assert "The address changed" in refused.context["adminform"].form.errors["credential_password"][0]
    assert "The address changed" in refused.content.decode()
    assert Integration.objects.get().config["host"] == "smtp.example.com"
    assert client.post(page, {**form, "config_host": "smtp.example.com"}).status_code == 302
    assert client.post(page, {**form, "credential_password": PASSWORD}).status_code == 302
    assert Integration.objects.get().config["host"] == "evil.example"


class TestConsents:
    @pytest.fixture
    def move(self, google, manager):
        def to(url: str) -> None:
            services.edit_integration(
                google,
                changes={"config": {"api_url": url}},
                credentials={"client_secret": CLIENT_SECRET},
                by=manager,
            )

        return to

    def test_tokens_are_forgotten_and_people_are_told(self, google, connected, manager, move):
        grant = connected(manager)
        move("https://calendar.example.com")
        kept = Grant.objects.get()
        assert kept.needs_consent
        assert not any(kept.secrets().values())
        assert Activity.objects.filter(kind="integration.consent_ended").count() == 1
        with pytest.raises(NoConsent):
            services.fresh_grant(grant)

    def test_an_edit_of_something_else_leaves_them(self, google, connected, manager):
        grant = connected(manager)
        services.edit_integration(
            google, changes={"name": "Calendars"}, credentials={"client_secret": CLIENT_SECRET}, by=manager
        )
        assert Grant.objects.get().secrets() == grant.secrets()

    def test_who_is_at_the_vendors_page_cannot_come_back(self, google, vendor, manager, move):
        back = vendor.consent(services.ask_consent(google, by=manager))
        move("https://calendar.example.com")
        assert not ConsentRequest.objects.exists()
        with pytest.raises(UnknownConsent):
            services.take_up_consent(back["state"], by=manager)

    def test_tokens_that_the_old_address_gave_meanwhile_are_not_kept(self, google, vendor, manager, move, monkeypatch):
        back = vendor.consent(services.ask_consent(google, by=manager))
        asked = services.take_up_consent(back["state"], by=manager)

        def ask_and_move(*args, **kwargs):
            tokens = call(*args, **kwargs)
            move("https://calendar.example.com")
            return tokens

        monkeypatch.setattr(consents, "call", ask_and_move)
        with pytest.raises(CannotConnect, match="another address"):
            services.finish_consent(asked, code=back["code"], by=manager)
        assert not Grant.objects.exists()

    def test_tokens_that_are_being_renewed_meanwhile_are_not_kept(self, connected, manager, move, monkeypatch):
        grant = connected(manager)
        Grant.objects.update(expires_at=grant.created_at)

        def ask_and_move(*args, **kwargs):
            tokens = call(*args, **kwargs)
            move("https://calendar.example.com")
            return tokens

        monkeypatch.setattr(grants, "call", ask_and_move)
        with pytest.raises(NoConsent):
            services.fresh_grant(grant)
        assert not any(Grant.objects.get().secrets().values())

    def test_connecting_again_takes_nothing_over_from_the_old_address(self, google, vendor, connected, manager, move):
        old = connected(manager).secrets()["refresh_token"]
        move(f"{vendor.url}/elsewhere")
        vendor.gives_refresh_tokens = False
        google.refresh_from_db()
        assert connected(manager).secrets()["refresh_token"] != old
        assert not Grant.objects.get().needs_consent
