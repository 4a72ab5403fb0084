"""SendGrid: what is asked of it, what its answers mean, and what its webhooks say."""

import base64
import json
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from integrations import services
from integrations.models import Message
from integrations.providers.sendgrid import SendGrid, SendGridConfig
from integrations.sealing import Secret
from integrations.spi import (
    AuthFailed,
    EmailMessage,
    MessageTracked,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    TrackedState,
    Unreachable,
    Verified,
    WebhookRefused,
)
from integrations.transport import Line
from tests.support.http import HttpServer, Reply
from tests.support.letters import letter
from tests.support.vectors import key_of, now_of, raw, request_of, vectors

SEND = ("POST", "/v3/mail/send")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SIGNED_AT = 1600112502
PAPER = EmailMessage(
    to="buyer@example.com",
    from_email="Harbour <office@harbour.example>",
    subject="Keys",
    text="They are ready.",
    html="<p>They are ready.</p>",
    message_id="<keys-1@harbour.example>",
    headers={"X-Deal": "12"},
)


@pytest.fixture
def server():
    with HttpServer() as running:
        running.answer(*SEND, Reply(202, b""))
        yield running


def built(url: str = "https://api.sendgrid.com", **settings) -> SendGrid:
    config = SendGridConfig(from_email="Office <office@example.com>", api_url=url, **settings)
    return SendGrid(config, {"api_key": Secret("SG.key-0123456789")}, Line())


def test_a_message_goes_out_whole_and_with_our_key(server):
    result = built(server.url).send(PAPER)
    (asked,) = server.asked_for(*SEND)
    assert asked.headers["authorization"] == "Bearer SG.key-0123456789"
    body = asked.json
    assert body["from"] == {"email": "office@example.com", "name": "Office"}
    assert body["personalizations"][0]["to"] == [{"email": "buyer@example.com"}]
    assert [part["value"] for part in body["content"]] == ["They are ready.", "<p>They are ready.</p>"]
    assert body["headers"] == {"X-Deal": "12", "Message-ID": "<keys-1@harbour.example>"}
    assert body["custom_args"] == {"estateman_key": "<keys-1@harbour.example>"}
    assert result.provider_message_id == body["personalizations"][0]["custom_args"]["anymail_id"]


def test_an_invitation_is_a_part_of_its_own_and_a_file(server):
    written = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n"
    built(server.url).send(replace(PAPER, calendar=written))
    (asked,) = server.asked_for(*SEND)
    part, (file,) = asked.json["content"][-1], asked.json["attachments"]
    assert (part["type"], part["value"]) == ("text/calendar; method=CANCEL", written)
    assert (file["type"].partition(";")[0], file["filename"]) == ("application/ics", "invite.ics")
    assert base64.b64decode(file["content"]).decode() == written


def test_only_the_warning_that_is_known_is_silenced(server):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        built(server.url).send(PAPER)
    assert not [each for each in caught if "SendGrid" in str(each.message)]


def test_a_check_sends_nothing(server):
    health = built(server.url).check()
    assert health.ok
    (asked,) = server.asked_for(*SEND)
    assert asked.json["mail_settings"] == {"sandbox_mode": {"enable": True}}


@pytest.mark.parametrize(
    ("status", "kind", "permanent"),
    [
        (400, ProviderError, True),
        (401, AuthFailed, False),
        (403, AuthFailed, False),
        (413, ProviderError, True),
        (429, RateLimited, False),
        (500, OutcomeUnknown, False),
        (503, ProviderError, False),
    ],
)
def test_a_refusal_is_told_in_the_houses_words(server, status, kind, permanent):
    told = {"errors": [{"message": "does not fit", "field": "from", "help": None}]}
    server.answer(*SEND, Reply(status, told, headers={"Retry-After": "7"}))
    with pytest.raises(ProviderError, match=f"^{status}: does not fit$") as caught:
        built(server.url).send(PAPER)
    assert type(caught.value) is kind
    assert caught.value.permanent is permanent
    assert len(server.asked) == 1


def test_a_line_that_breaks_leaves_the_outcome_open(server):
    server.answer(*SEND, Reply(hangs_up=True))
    with pytest.raises(OutcomeUnknown):
        built(server.url).send(PAPER)
    assert len(server.asked) == 1


def test_nobody_there_is_unreachable(closed_port):
    with pytest.raises(Unreachable):
        built(f"http://127.0.0.1:{closed_port}").send(PAPER)


@pytest.mark.parametrize("fields", [{"subject": "Keys\nBcc: a@b.c"}, {"headers": {"X": "1\r\nBcc: a@b.c"}}])
def test_a_line_break_in_a_header_never_leaves(server, fields):
    message = EmailMessage(**{**PAPER.__dict__, **fields})
    with pytest.raises(ProviderError, match="no message") as caught:
        built(server.url).send(message)
    assert caught.value.permanent
    assert server.asked == []


def test_it_is_used_like_any_other_integration(server, manager):
    made = services.create_integration(
        provider="sendgrid",
        name="SendGrid",
        config={"from_email": "office@example.com", "api_url": server.url},
        credentials={"api_key": "SG.key-0123456789"},
        by=manager,
    )
    assert services.test_integration(made, by=manager).ok
    result = services.send_email(**letter())
    message = Message.objects.get()
    assert (message.provider, message.provider_message_id) == ("sendgrid", result.provider_message_id)
    assert message.integration == made


# --- Webhooks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", vectors("sendgrid"))
def test_the_published_webhooks_get_the_published_answer(vector):
    def verify():
        return built().verify(request_of(vector), key_of(vector), now_of(vector, SIGNED_AT))

    if vector["expected_valid"]:
        (event,) = verify()
        assert event.event_id == "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA"
        assert event.kind == "dropped"
        assert event.occurred_at == datetime.fromtimestamp(1600112492, UTC)
    else:
        with pytest.raises(WebhookRefused):
            verify()


@pytest.mark.parametrize(
    ("seconds", "is_believed"), [(0, True), (86400, True), (86401, False), (-86400, True), (-86401, False)]
)
def test_its_time_may_be_a_day_off_as_long_as_it_is_repeated(seconds, is_believed):
    vector = next(each.values[0] for each in vectors("sendgrid") if each.id == "valid")
    now = datetime.fromtimestamp(SIGNED_AT + seconds, UTC)
    if is_believed:
        assert built().verify(request_of(vector), key_of(vector), now)
    else:
        with pytest.raises(WebhookRefused):
            built().verify(request_of(vector), key_of(vector), now)


def test_how_far_it_may_be_off_is_a_setting():
    vector = next(each.values[0] for each in vectors("sendgrid") if each.id == "valid")
    late = datetime.fromtimestamp(SIGNED_AT, UTC) + timedelta(hours=1)
    assert built(webhook_tolerance_seconds=3600).verify(request_of(vector), key_of(vector), late)
    with pytest.raises(WebhookRefused):
        built(webhook_tolerance_seconds=300).verify(request_of(vector), key_of(vector), late)


@pytest.fixture
def signer():
    """``sign(body)``: a request as SendGrid would sign it, and ``sign.secret``."""
    key = ec.generate_private_key(ec.SECP256R1())

    def sign(body: bytes):
        stamp = str(int(NOW.timestamp()))
        signature = key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        prefix = "X-Twilio-Email-Event-Webhook-"
        return raw(
            body,
            headers={f"{prefix}Signature": base64.b64encode(signature).decode(), f"{prefix}Timestamp": stamp},
        )

    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    sign.secret = Secret(base64.b64encode(public).decode())  # type: ignore[attr-defined]
    return sign


def test_a_batch_is_one_event_each(signer):
    body = json.dumps([{"event": "delivered", "sg_event_id": "a"}, {"event": "open", "sg_event_id": "b"}]).encode()
    found = built().verify(signer(body), [signer.secret], NOW)
    assert [(each.event_id, each.kind) for each in found] == [("a", "delivered"), ("b", "open")]


def test_of_two_keys_either_may_prove_it(signer):
    other = Secret("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNN"
                   "RaINXvVpiglSI8eNEc6wEA3F+g==")  # fmt: skip
    for secrets in ([other, signer.secret], [signer.secret, other]):
        assert built().verify(signer(b"[]"), secrets, NOW) == []
    for secrets in ([other], [], [Secret("no key at all")], [Secret("")]):
        with pytest.raises(WebhookRefused):
            built().verify(signer(b"[]"), secrets, NOW)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"payload", b"\xff", b"[" * 100_000])
def test_what_can_not_be_read_is_refused_although_it_is_signed(signer, body):
    with pytest.raises(WebhookRefused):
        built().verify(signer(body), [signer.secret], NOW)


def test_a_request_without_a_signature_is_refused(signer):
    for headers in ({}, {"X-Twilio-Email-Event-Webhook-Timestamp": str(int(NOW.timestamp()))}):
        with pytest.raises(WebhookRefused):
            built().verify(raw(b"[]", headers=headers), [signer.secret], NOW)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"event": "processed"}, TrackedState.QUEUED),
        ({"event": "deferred"}, TrackedState.DEFERRED),
        ({"event": "delivered"}, TrackedState.DELIVERED),
        ({"event": "open"}, TrackedState.OPENED),
        ({"event": "click"}, TrackedState.CLICKED),
        ({"event": "bounce"}, TrackedState.BOUNCED),
        ({"event": "bounce", "type": "bounce"}, TrackedState.BOUNCED),
        ({"event": "bounce", "type": "blocked"}, TrackedState.FAILED),
        ({"event": "dropped", "reason": "Bounced Address"}, TrackedState.BOUNCED),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, TrackedState.UNSUBSCRIBED),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, TrackedState.COMPLAINED),
        ({"event": "dropped", "reason": "Spam Content"}, TrackedState.FAILED),
        ({"event": "spamreport"}, TrackedState.COMPLAINED),
        ({"event": "unsubscribe"}, TrackedState.UNSUBSCRIBED),
        ({"event": "group_unsubscribe"}, TrackedState.UNSUBSCRIBED),
    ],
)
def test_an_event_says_what_became_of_a_message(told, state):
    payload = {"anymail_id": "a-1", "estateman_key": "<k@h>", "email": "buyer@example.com", **told}
    (happened,) = built().read(Verified(event_id="1", kind=told["event"], payload=payload))
    assert isinstance(happened, MessageTracked)
    assert happened.state is state
    assert (happened.provider_message_id, happened.key, happened.recipient) == ("a-1", "<k@h>", "buyer@example.com")


def test_a_bounce_says_why():
    payload = {"event": "bounce", "reason": "550 5.1.1 No such user"}
    (happened,) = built().read(Verified(event_id="1", kind="bounce", payload=payload))
    assert isinstance(happened, MessageTracked)
    assert happened.reason == "550 5.1.1 No such user"


@pytest.mark.parametrize("payload", [{"event": "group_resubscribe"}, {"event": None}, {}, {"event": ["x"]}])
def test_other_events_are_of_no_interest(payload):
    assert built().read(Verified(event_id="1", kind="other", payload=payload)) == []


def test_it_asks_for_no_handshake():
    assert built().handshake(raw(b"")) is None
