"""Web Push: what a push service is sent, what its refusals mean, and the key."""

import base64
import json
from io import StringIO

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.management import call_command
from py_vapid import Vapid02

from integrations import services
from integrations.models import Integration, IntegrationLog, Status
from integrations.providers.web_push import LARGEST_PAYLOAD
from integrations.spi import (
    Gone,
    InvalidConfig,
    NoProvider,
    OutcomeUnknown,
    ProviderError,
    PushMessage,
    RateLimited,
)
from tests.support.http import HttpServer, Reply
from tests.support.providers import build

KEY = "V6JfYROaxzjqfPYMxIDp-jm7a31Dz5_RKq9VnkNV0zQ"
PUBLIC_KEY = "BINvaJclJiDvB367tovUtim9R5o6hOZkv8TX-gJgL4ZrTpW4HLeIi3vFY7yf2J1r1zqG-R10sY90iHSWrt-RAAw"
AUTH = b"0123456789abcdef"


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class Browser:
    """One subscription at a push service of this machine."""

    def __init__(self, server: HttpServer) -> None:
        self.server, self._key = server, ec.generate_private_key(ec.SECP256R1())
        self.server.answer("POST", "/push/1", Reply(201, "", {"Location": "https://push.example.com/m/7"}))

    def message(self, **fields):
        point = self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        subscription = {"endpoint": f"{self.server.url}/push/1", "p256dh": base64url(point), "auth": base64url(AUTH)}
        return PushMessage(**{**subscription, "payload": '{"title": "Keys"}', **fields})

    def got(self) -> str:
        body = self.server.asked[-1].body
        return http_ece.decrypt(body, private_key=self._key, auth_secret=AUTH, version="aes128gcm").decode()


@pytest.fixture
def browser():
    with HttpServer() as server:
        yield Browser(server)


def sender(key=KEY, subject="mailto:office@harbour.example"):
    return build("web_push", {"subject": subject}, private_key=key)


class TestSending:
    def test_only_the_browser_can_read_it(self, browser):
        result = sender().send(browser.message(payload="Keys for 12 Quay Street — ready"))
        assert browser.got() == "Keys for 12 Quay Street — ready"
        assert result.provider_message_id == "https://push.example.com/m/7"
        assert "push/1" not in result.detail

    def test_it_says_for_how_long_how_urgent_and_what_it_replaces(self, browser):
        sender().send(browser.message(ttl_seconds=60, urgency="high", topic="task-7"))
        sent = browser.server.asked[0].headers
        assert (sent["ttl"], sent["urgency"], sent["topic"]) == ("60", "high", "task-7")
        assert sent["content-encoding"] == "aes128gcm"

    def test_without_a_topic_it_replaces_nothing(self, browser):
        sender().send(browser.message())
        assert "topic" not in browser.server.asked[0].headers

    def test_a_topic_of_other_letters_becomes_one_that_is_allowed_and_stays_the_same(self, browser):
        for _ in range(2):
            sender().send(browser.message(topic="project:12 — a very long name of a deal"))
        first, second = (asked.headers["topic"] for asked in browser.server.asked)
        assert first == second
        assert len(first) == 32
        assert first.replace("-", "").replace("_", "").isalnum()

    def test_it_proves_who_sends_it_to_this_push_service_only(self, browser):
        sender().send(browser.message())
        proof = browser.server.asked[0].headers["authorization"]
        assert Vapid02.verify(proof)
        claims = json.loads(base64.urlsafe_b64decode(proof.partition("t=")[2].split(".")[1] + "=="))
        assert (claims["aud"], claims["sub"]) == (browser.server.url, "mailto:office@harbour.example")
        assert proof.endswith(f"k={PUBLIC_KEY}")

    def test_an_empty_one_is_sent_without_a_body(self, browser):
        sender().send(browser.message(payload=""))
        assert browser.server.asked[0].body == b""

    def test_the_largest_goes_and_a_larger_one_does_not_leave(self, browser):
        sender().send(browser.message(payload="x" * LARGEST_PAYLOAD))
        assert len(browser.server.asked[0].body) == 4096
        with pytest.raises(ProviderError, match="at most") as caught:
            sender().send(browser.message(payload="x" * (LARGEST_PAYLOAD + 1)))
        assert caught.value.permanent
        assert len(browser.server.asked) == 1


@pytest.mark.parametrize(
    ("status", "kind", "permanent"),
    [
        (400, ProviderError, True), (401, ProviderError, True), (403, ProviderError, True), (404, Gone, True),
        (410, Gone, True), (413, ProviderError, True), (429, RateLimited, False), (500, OutcomeUnknown, False),
        (503, ProviderError, False), (301, ProviderError, True),
    ],
)  # fmt: skip
def test_a_refusal_says_what_it_means(browser, status, kind, permanent):
    browser.server.answer("POST", "/push/1", Reply(status, "no", {"Retry-After": "30"}))
    with pytest.raises(kind) as caught:
        sender().send(browser.message())
    assert (type(caught.value), caught.value.permanent) == (kind, permanent)
    if kind is RateLimited:
        assert caught.value.retry_after == 30


@pytest.mark.parametrize(
    "fields",
    [
        {"endpoint": ""}, {"endpoint": "x"}, {"endpoint": "ftp://push.example.com/1"}, {"endpoint": "https://[::"},
        {"endpoint": "http://192.0.2.1/push"}, {"endpoint": "https://169.254.169.254/latest"},
        {"endpoint": "https://[::1%25lo]/"}, {"endpoint": "http://user:pw@127.0.0.1:9/"},
        {"p256dh": ""}, {"p256dh": "AAAA"}, {"p256dh": "ü" * 87}, {"p256dh": base64url(b"\x04" + b"\x01" * 64)},
        {"auth": ""}, {"auth": "!"}, {"auth": "A"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_subscription_is_refused_for_good_and_says_nothing_about_us(browser, fields):
    with pytest.raises(ProviderError) as caught:
        sender().send(browser.message(**fields))
    assert caught.value.permanent
    assert browser.server.asked == []


class TestTheKey:
    def test_a_new_pair_is_what_browsers_and_the_integration_take(self):
        said = StringIO()
        call_command("new_push_key", stdout=said)
        private, public = (line.split()[-1] for line in said.getvalue().splitlines())
        assert sender(private).public_key() == public
        assert len(base64.urlsafe_b64decode(public + "=")) == 65

    def test_its_public_half_is_worked_out(self):
        assert sender().public_key() == PUBLIC_KEY

    @pytest.mark.parametrize("form", ["PKCS8", "TraditionalOpenSSL"])
    @pytest.mark.parametrize("between", ["\n", ""])
    def test_pem_is_taken_too_even_without_its_line_breaks(self, form, between):
        key = ec.derive_private_key(int.from_bytes(base64.urlsafe_b64decode(KEY + "=")), ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            getattr(serialization.PrivateFormat, form),
            serialization.NoEncryption(),
        ).decode()
        assert sender(between.join(pem.splitlines())).public_key() == PUBLIC_KEY

    @pytest.mark.parametrize("key", ["x", "A" * 43, "ü", KEY + "AAAA", "-----BEGIN PRIVATE KEY-----", PUBLIC_KEY])
    def test_what_is_none_is_refused_without_being_quoted(self, key):
        with pytest.raises(InvalidConfig) as caught:
            sender(key)
        assert caught.value.field == "credentials.private_key"
        assert len(key) < 10 or key not in caught.value.detail

    def test_one_of_another_make_is_refused(self):
        for key in (ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)):
            pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            with pytest.raises(InvalidConfig):
                sender(pem.decode())

    @pytest.mark.parametrize("subject", ["", "office@harbour.example", "http://harbour.example", "mailto:nobody"])
    def test_a_subject_that_no_push_service_takes_is_refused(self, subject):
        with pytest.raises(InvalidConfig) as caught:
            sender(subject=subject)
        assert caught.value.field == "config.subject"

    def test_a_check_signs_and_says_that_it_asks_nobody(self):
        health = sender(subject="https://harbour.example").check()
        assert health.ok
        assert "No push service was asked" in health.detail


class TestThroughTheDoor:
    @pytest.fixture
    def push(self, manager):
        return services.create_integration(
            provider="web_push",
            name="Push",
            config={"subject": "mailto:office@harbour.example"},
            credentials={"private_key": KEY},
            by=manager,
        )

    def test_a_browser_subscribes_and_is_woken(self, push, browser):
        assert services.push_public_key() == PUBLIC_KEY
        assert services.send_push(browser.message()).provider == "web_push"
        assert browser.got() == '{"title": "Keys"}'

    def test_that_it_unsubscribed_is_told_to_the_caller_and_harms_nobody(self, push, browser):
        browser.server.answer("POST", "/push/1", Reply(410))
        for _ in range(6):
            with pytest.raises(Gone):
                services.send_push(browser.message())
        push.refresh_from_db()
        assert (push.status, push.failures_in_row) == (Status.ACTIVE, 0)

    def test_another_integration_is_never_tried_instead(self, push, browser, manager):
        services.create_integration(
            provider="web_push",
            name="Spare",
            config={"subject": "mailto:office@harbour.example"},
            credentials={"private_key": KEY},
            by=manager,
        )
        browser.server.answer("POST", "/push/1", Reply(503, "", {"Retry-After": "60"}))
        with pytest.raises(ProviderError):
            services.send_push(browser.message())
        assert len(browser.server.asked) == 1

    def test_a_subscription_is_reached_through_the_integration_it_was_made_with(self, push, browser, manager):
        sandbox = services.create_integration(
            provider="sandbox_push", name="Sandbox", mode="sandbox", config={}, credentials={}, by=manager
        )
        assert services.send_push(browser.message(), integration=sandbox).provider == "sandbox_push"
        assert services.push_public_key(sandbox) != PUBLIC_KEY
        assert browser.server.asked == []
        assert "Keys" in IntegrationLog.objects.get(integration=sandbox).detail

    @pytest.mark.django_db
    def test_without_any_there_is_no_key(self, browser):
        with pytest.raises(NoProvider):
            services.push_public_key()
        with pytest.raises(NoProvider):
            services.send_push(browser.message())

    def test_a_key_that_cannot_be_opened_is_none(self, push, settings):
        settings.FIELD_KEYS = ["b" * 43 + "="]
        with pytest.raises(NoProvider, match="can't be used"):
            services.push_public_key()

    def test_settings_that_this_version_takes_no_longer(self, push):
        Integration.objects.filter(pk=push.pk).update(config={"subject": "nobody"})
        with pytest.raises(NoProvider):
            services.push_public_key()

    def test_the_key_stands_in_no_log(self, push, browser, manager):
        services.send_push(browser.message())
        services.test_integration(push, by=manager)
        assert KEY not in str(list(IntegrationLog.objects.values_list("detail", flat=True)))


def test_the_sandboxes_key_is_one_that_a_browser_takes():
    key = build("sandbox_push", {}).public_key()
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.urlsafe_b64decode(key + "="))
