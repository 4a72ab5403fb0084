"""Mail servers and integrations that speak to them."""

import ssl
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from estateman.common import clock
from estateman.people.models import User
from integrations import registry, services
from integrations.models import Grant, Integration, SubscriptionDelivery, WebhookSubscription
from integrations.services.webhooks_secrets import add_webhook_secret
from tests.integrations.subscribing import NOW, PATH
from tests.support import beacon as beacons
from tests.support.certificates import self_signed
from tests.support.gateway import Gateway, provider_put_in
from tests.support.http import HttpServer, Reply
from tests.support.letters import PASSWORD
from tests.support.oauth import CLIENT_SECRET, OAuthVendor
from tests.support.phones import TOKEN, Phones
from tests.support.smtp import SmtpReceiver


@pytest.fixture
def receiver() -> Iterator[SmtpReceiver]:
    """A mail server that accepts everything from everybody."""
    with SmtpReceiver() as running:
        yield running


@pytest.fixture
def locked_receiver() -> Iterator[SmtpReceiver]:
    """A mail server that wants office@harbour.example and the password."""
    with SmtpReceiver(login=("office@harbour.example", PASSWORD)) as running:
        yield running


@pytest.fixture
def smtp(manager: User) -> Callable[..., Integration]:
    """``smtp(port, name=…, password=…, timeout_seconds=…)``: an SMTP integration on this machine."""

    def create(port: int, *, name: str = "Office mail", password: str = "", **fields: Any):
        mode, priority = fields.pop("mode", "live"), fields.pop("priority", 100)
        login = {"username": "office@harbour.example"} if password else {}
        return services.create_integration(
            provider="smtp",
            name=name,
            mode=mode,
            priority=priority,
            config={"host": "127.0.0.1", "port": port, "security": "none", **login, **fields},
            credentials={"password": password} if password else {},
            by=manager,
        )

    return create


@pytest.fixture
def sandbox(manager: User) -> Integration:
    """The post office that delivers nothing."""
    return services.create_integration(
        provider="sandbox", name="Sandbox", mode="sandbox", config={}, credentials={}, by=manager
    )


@pytest.fixture
def closed_port() -> int:
    """A port of this machine that nobody listens on."""
    with SmtpReceiver() as gone:
        port = gone.port
    return port


@pytest.fixture
def certificate(tmp_path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context, and the file that vouches for its certificate."""
    return self_signed(tmp_path)


@pytest.fixture
def beacon(manager: User, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Integration]:
    """``beacon(name=…, mode=…, secrets=[…], harbour=…)``: an integration with a vendor that calls us."""
    registry.all_providers()  # else they would be found into the copy, and gone with it
    monkeypatch.setattr(registry, "_providers", dict(registry._providers))
    registry.provider("beacon", **beacons.DECORATION)(beacons.Beacon)

    def create(
        *, name: str = "Beacon", mode: str = "live", secrets: Iterable[str] = (beacons.SECRET,), harbour: str = "north"
    ) -> Integration:
        made = services.create_integration(
            provider="beacon",
            name=name,
            mode=mode,
            config={"harbour": harbour},
            credentials={"master_key": beacons.MASTER_KEY},
            by=manager,
        )
        for secret in secrets:
            add_webhook_secret(made, secret=secret, by=manager)
        return made

    return create


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A payment gateway that remembers."""
    with Gateway() as running:
        yield running


@pytest.fixture
def paying(gateway: Gateway, manager: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Integration]:
    """The office's account at it."""
    with provider_put_in(tmp_path, monkeypatch):
        yield services.create_integration(
            provider="recorded", name="Gateway", config={"api_url": gateway.url}, credentials={}, by=manager
        )


@pytest.fixture
def vendor() -> Iterator[OAuthVendor]:
    """Where people keep calendars and are asked for their consent."""
    with OAuthVendor() as running:
        yield running


@pytest.fixture
def google(manager: User, vendor: OAuthVendor) -> Integration:
    """A Google Calendar integration that speaks to the vendor; nobody has connected an account."""
    return services.create_integration(
        provider="google_calendar",
        name="Google",
        config=vendor.config,
        credentials={"client_secret": CLIENT_SECRET},
        by=manager,
    )


@pytest.fixture
def connected(google: Integration, vendor: OAuthVendor) -> Callable[[User], Grant]:
    """``connected(manager)``: that person went to the vendor, allowed it, and came back."""

    def connect(user: User) -> Grant:
        back = vendor.consent(services.ask_consent(google, by=user))
        asked = services.take_up_consent(back["state"], by=user)
        return services.finish_consent(asked, code=back["code"], by=user)

    return connect


@pytest.fixture
def hook() -> Iterator[HttpServer]:
    """A subscribed receiver that accepts everything."""
    with HttpServer() as server:
        server.answer("POST", PATH, Reply(204, ""))
        yield server


@pytest.fixture
def subscribe(manager: User) -> Callable[..., tuple[WebhookSubscription, str]]:
    """``subscribe(hook, name=…, kinds=[…])``: a subscription and its secret."""

    def create(server: HttpServer, **fields: Any):
        values = {"name": "n8n", "url": f"{server.url}{PATH}", "kinds": ["test.told"], **fields}
        subscription, secret = services.create_subscription(**values, by=manager)
        return subscription, secret.reveal()

    return create


@pytest.fixture
def queue() -> Callable[..., list[SubscriptionDelivery]]:
    """``queue(subscription, 3)``: so many deliveries that are due."""

    def create(subscription: WebhookSubscription, count: int = 1):
        return SubscriptionDelivery.objects.bulk_create(
            SubscriptionDelivery(
                subscription=subscription, owner=subscription.owner, kind="test.told", body=f'{{"number": {number}}}'
            )
            for number in range(count)
        )

    return create


@pytest.fixture
def travel(time_machine: Any) -> Callable[..., None]:
    """``travel(seconds=5)``: it is so much later than NOW; the clock stands still otherwise."""
    time_machine.move_to(NOW, tick=False)

    def move(**later: float) -> None:
        time_machine.move_to(clock.now() + timedelta(**later), tick=False)

    return move


@pytest.fixture
def phones() -> Iterator[Phones]:
    """A phone company that accepts every text."""
    with Phones() as running:
        yield running


@pytest.fixture
def twilio(manager: User) -> Callable[..., Integration]:
    """``twilio(phones, name=…, priority=…)``: an SMS integration that speaks to it."""

    def create(phones: Phones, *, name: str = "Twilio", **fields: Any) -> Integration:
        return services.create_integration(
            provider="twilio", name=name, config=phones.config, credentials={"auth_token": TOKEN}, by=manager, **fields
        )

    return create
