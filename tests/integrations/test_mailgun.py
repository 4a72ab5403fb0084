"""Mailgun: what is asked of it, what its answers mean, and what its webhooks say."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integrations import services
from integrations.models import Message
from integrations.providers.mailgun import Mailgun, MailgunConfig
from integrations.sealing import Secret
from integrations.spi import (
    AuthFailed,
    EmailMessage,
    InvalidConfig,
    MessageTracked,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    TrackedState,
    Verified,
    WebhookRefused,
)
from integrations.transport import Line
from tests.support.http import HttpServer, Reply
from tests.support.letters import letter
from tests.support.vectors import key_of, now_of, raw, request_of, vectors

SEND = ("POST", "/v3/mg.example.com/messages")
LOOK = ("GET", "/v4/domains/mg.example.com")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SIGNED_AT = 1661621787
SECRET = Secret("signing-key-0123456789")
PAPER = EmailMessage(
    to="Zoë <buyer@example.com>",
    from_email="Harbour <office@harbour.example>",
    subject="Schlüssel",
    text="They are ready.",
    html="<p>They are ready.</p>",
    message_id="<keys-1@harbour.example>",
    headers={"X-Deal": "12"},
)


@pytest.fixture
def server():
    with HttpServer() as running:
        running.answer(*SEND, Reply(200, {"id": "<keys-1@harbour.example>", "message": "Queued. Thank you."}))
        running.answer(*LOOK, Reply(200, {"domain": {"name": "mg.example.com", "state": "active"}}))
        yield running


def built(url: str = "", **settings) -> Mailgun:
    config = MailgunConfig(domain="mg.example.com", api_url=url, **settings)
    return Mailgun(config, {"api_key": Secret("mailgun-key-0123456789")}, Line())


def test_a_message_goes_out_whole_and_with_our_key(server):
    result = built(server.url).send(PAPER)
    assert result.provider_message_id == "<keys-1@harbour.example>"
    (asked,) = server.asked_for(*SEND)
    assert asked.headers["authorization"].startswith("Basic ")
    form = asked.form
    assert (form["subject"], form["text"], form["html"]) == ("Schlüssel", PAPER.text, PAPER.html)
    assert "buyer@example.com" in form["to"]
    assert form["h:Message-Id"] == "<keys-1@harbour.example>"
    assert form["h:X-Deal"] == "12"
    assert form["v:estateman_key"] == "<keys-1@harbour.example>"


def test_an_invitation_is_an_attachment_that_says_its_method(server):
    built(server.url).send(replace(PAPER, calendar="BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"))
    (asked,) = server.asked_for(*SEND)
    body = asked.body.replace(b"\r\n", b"\n")
    assert b'name="attachment"; filename="invite.ics"\nContent-Type: text/calendar; method="REQUEST"' in body
    assert b"METHOD:REQUEST" in body


@pytest.mark.parametrize(("region", "host"), [("us", "https://api.mailgun.net"), ("eu", "https://api.eu.mailgun.net")])
def test_each_region_has_its_address(region, host):
    assert built(region=region)._url == host


def test_a_domain_is_just_that():
    with pytest.raises(InvalidConfig, match="just the domain"):
        Mailgun(MailgunConfig(domain="mg.example.com/x"), {"api_key": Secret("k")}, Line())


@pytest.mark.parametrize(("state", "ok"), [("active", True), ("unverified", False), ("disabled", False)])
def test_a_check_asks_how_the_domain_is_doing(server, state, ok):
    server.answer(*LOOK, Reply(200, {"domain": {"state": state}}))
    health = built(server.url).check()
    assert (health.ok, state in health.detail) == (ok, True)
    assert server.asked_for(*SEND) == []


@pytest.mark.parametrize("body", [b"nonsense", [1], {"domain": 1}])
def test_a_check_that_can_not_be_read_is_no_pass(server, body):
    server.answer(*LOOK, Reply(200, body))
    assert not built(server.url).check().ok


@pytest.mark.parametrize(
    ("status", "kind", "permanent"),
    [
        (400, ProviderError, True),
        (401, AuthFailed, False),
        (404, ProviderError, False),
        (429, RateLimited, False),
        (500, OutcomeUnknown, False),
        (503, ProviderError, False),
    ],
)
def test_a_refusal_is_told_in_the_houses_words(server, status, kind, permanent):
    server.answer(*SEND, Reply(status, {"message": "does not fit"}))
    with pytest.raises(ProviderError, match="does not fit") as caught:
        built(server.url).send(PAPER)
    assert type(caught.value) is kind
    assert caught.value.permanent is permanent
    assert len(server.asked) == 1


def test_a_check_is_refused_in_the_same_words(server):
    server.answer(*LOOK, Reply(401, "Forbidden"))
    with pytest.raises(AuthFailed, match="401: Forbidden"):
        built(server.url).check()


@pytest.mark.parametrize("body", [b"Mailgun Magnificent API", {"ok": 1}, {"id": "<1@x>", "message": "Whatever"}])
def test_an_answer_that_can_not_be_read_leaves_the_outcome_open(server, body):
    server.answer(*SEND, Reply(200, body))
    with pytest.raises(OutcomeUnknown):
        built(server.url).send(PAPER)


def test_a_line_that_breaks_leaves_the_outcome_open(server):
    server.answer(*SEND, Reply(hangs_up=True))
    with pytest.raises(OutcomeUnknown):
        built(server.url).send(PAPER)
    assert len(server.asked) == 1


def test_it_is_used_like_any_other_integration(server, manager):
    made = services.create_integration(
        provider="mailgun",
        name="Mailgun",
        config={"domain": "mg.example.com", "api_url": server.url},
        credentials={"api_key": "mailgun-key-0123456789"},
        by=manager,
    )
    assert services.test_integration(made, by=manager).ok
    services.send_email(**letter())
    message = Message.objects.get()
    assert (message.provider, message.provider_message_id) == ("mailgun", "<keys-1@harbour.example>")


# --- Webhooks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", vectors("mailgun"))
def test_the_published_webhooks_get_the_published_answer(vector):
    def verify():
        return built().verify(request_of(vector), key_of(vector), now_of(vector, SIGNED_AT))

    if vector["expected_valid"]:
        (event,) = verify()
        assert (event.event_id, event.kind) == ("CPgfbmQMTCKtHW6uIWtuVe", "delivered")
        assert event.once == "d1931d9645b65e60f6fddf94448e982ff8db9256144a7fcb15"
        (happened,) = built().read(event)
        assert isinstance(happened, MessageTracked)
        assert happened.state is TrackedState.DELIVERED
        assert happened.provider_message_id == "<20130503182626.18666.16540@app.symfony.com>"
    else:
        with pytest.raises(WebhookRefused):
            verify()


def signed(event, *, token: str = "t-1", at: datetime = NOW, secret: Secret = SECRET) -> bytes:
    stamp = str(int(at.timestamp()))
    signature = hmac.new(secret.reveal().encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    block = {"token": token, "timestamp": stamp, "signature": signature}
    return json.dumps({"signature": block, "event-data": event}).encode()


def test_of_two_keys_either_may_prove_it():
    request, other = raw(signed({"event": "opened", "id": "7"})), Secret("another-key-0123456789")
    for secrets in ([other, SECRET], [SECRET, other]):
        assert built().verify(request, secrets, NOW)[0].event_id == "7"
    for secrets in ([other], []):
        with pytest.raises(WebhookRefused):
            built().verify(request, secrets, NOW)


def test_how_far_its_time_may_be_off_is_a_setting():
    late = NOW - timedelta(hours=1)
    request = raw(signed({"event": "opened"}, at=late))
    assert built(webhook_tolerance_seconds=3600).verify(request, [SECRET], NOW)
    with pytest.raises(WebhookRefused):
        built().verify(request, [SECRET], NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"\xff", b"[" * 100_000,
        b'{"signature": 1}', b'{"signature": {"timestamp": [], "token": {}, "signature": "\xc3\xa4"}}',
        signed(None), signed({}), signed([1]), signed({"event": "opened"}, token=""),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_refused(body):
    with pytest.raises(WebhookRefused):
        built().verify(raw(body), [SECRET], NOW)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"event": "accepted"}, TrackedState.QUEUED),
        ({"event": "delivered"}, TrackedState.DELIVERED),
        ({"event": "opened"}, TrackedState.OPENED),
        ({"event": "clicked"}, TrackedState.CLICKED),
        ({"event": "complained"}, TrackedState.COMPLAINED),
        ({"event": "unsubscribed"}, TrackedState.UNSUBSCRIBED),
        ({"event": "rejected", "reject": {"reason": "Over the limit"}}, TrackedState.FAILED),
        ({"event": "failed", "severity": "temporary", "reason": "generic"}, TrackedState.DEFERRED),
        ({"event": "failed", "severity": "permanent", "reason": "bounce"}, TrackedState.BOUNCED),
        ({"event": "failed", "severity": "permanent", "reason": "suppress-bounce"}, TrackedState.BOUNCED),
        ({"event": "failed", "severity": "permanent", "reason": "suppress-complaint"}, TrackedState.COMPLAINED),
        ({"event": "failed", "severity": "permanent", "reason": "old"}, TrackedState.FAILED),
        (
            {"event": "failed", "severity": "permanent", "reason": "generic",
             "delivery-status": {"bounce-type": "hard", "message": "550 No"}},
            TrackedState.BOUNCED,
        ),
    ],
)  # fmt: skip
def test_an_event_says_what_became_of_a_message(told, state):
    payload = {
        "recipient": "buyer@example.com",
        "user-variables": {"estateman_key": "<k@h>"},
        "message": {"headers": {"message-id": "k@h"}},
        **told,
    }
    (happened,) = built().read(Verified(event_id="1", kind=told["event"], payload=payload))
    assert isinstance(happened, MessageTracked)
    assert happened.state is state
    assert (happened.provider_message_id, happened.key) == ("<k@h>", "<k@h>")
    assert bool(happened.reason) is (told["event"] in {"failed", "rejected"})


@pytest.mark.parametrize("payload", [{"event": "stored"}, {}, None, {"event": "x", "message": 1, "user-variables": []}])
def test_other_events_are_of_no_interest(payload):
    assert built().read(Verified(event_id="1", kind="other", payload=payload)) == []


@pytest.mark.parametrize(
    "odd", [{"message": None}, {"message": {"headers": []}}, {"user-variables": "x"}, {"delivery-status": None}]
)
def test_an_event_of_another_shape_is_read_as_far_as_it_goes(odd):
    (happened,) = built().read(Verified(event_id="1", kind="failed", payload={"event": "failed", **odd}))
    assert isinstance(happened, MessageTracked)
    assert happened.state is TrackedState.FAILED
