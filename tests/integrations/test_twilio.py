"""Twilio: what is asked of it, what its answers mean, and what its webhooks say."""

import hashlib
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from integrations import services
from integrations.models import Message
from integrations.providers.twilio import Twilio, TwilioConfig
from integrations.sealing import Secret
from integrations.spi import (
    AuthFailed,
    InvalidConfig,
    MessageTracked,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    SmsMessage,
    SmsReceived,
    Suppressed,
    TrackedState,
    Unreachable,
    WebhookRefused,
)
from integrations.transport import Line
from tests.support.http import HttpServer, Reply
from tests.support.vectors import key_of, raw, request_of, vectors

ACCOUNT = "AC0123456789abcdef0123456789abcdef"
SERVICE = "MG0123456789abcdef0123456789abcdef"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
SEND, LIST = ("POST", MESSAGES), ("GET", MESSAGES)
LOOK = ("GET", f"/2010-04-01/Accounts/{ACCOUNT}.json")
TOKEN = "twilio-token-0123456789"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CALLBACK = "https://office.example/api/v1/integrations/webhooks/twilio/1?key=k-1"
TEXT = SmsMessage(to="+12125550123", text="The keys are ready.", key="k-1", callback_url=CALLBACK)
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def server():
    with HttpServer() as running:
        running.answer(*SEND, Reply(201, {"sid": "SM1", "status": "queued"}))
        running.answer(*LOOK, Reply(200, {"sid": ACCOUNT, "status": "active"}))
        yield running


def built(url: str = "https://api.twilio.com", *, token: str = TOKEN, **settings) -> Twilio:
    config = TwilioConfig(account_sid=ACCOUNT, api_url=url, **(settings or {"from_number": "+12125550100"}))
    return Twilio(config, {"auth_token": Secret(token)}, Line())


def test_a_text_goes_out_whole_and_asks_for_reports(server):
    result = built(server.url).send(TEXT)
    assert result.provider_message_id == "SM1"
    (asked,) = server.asked
    assert asked.headers["authorization"].startswith("Basic ")
    assert asked.form == {
        "To": "+12125550123",
        "From": "+12125550100",
        "Body": "The keys are ready.",
        "StatusCallback": CALLBACK,
    }


def test_a_messaging_service_chooses_the_number(server):
    built(server.url, messaging_service_sid=SERVICE).send(TEXT)
    form = server.asked[0].form
    assert form["MessagingServiceSid"] == SERVICE
    assert "From" not in form


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"account_sid": "AC1", "from_number": "+1"}, "config.account_sid"),
        ({"account_sid": ACCOUNT}, "config.from_number"),
        ({"account_sid": ACCOUNT, "messaging_service_sid": "MG1"}, "config.messaging_service_sid"),
    ],
)
def test_settings_that_can_not_work_are_refused(given, field):
    with pytest.raises(InvalidConfig) as caught:
        Twilio(TwilioConfig(**given), {"auth_token": Secret("t")}, Line())
    assert caught.value.field == field


@pytest.mark.parametrize("number", ["2125550123", "+0125550123", "+1 212 555 0123", "+1212555012٣", "", "+1"])
def test_what_is_no_number_is_refused_before_anybody_is_asked(server, number):
    with pytest.raises(ProviderError, match="is no number") as caught:
        built(server.url).send(SmsMessage(to=number, text="x", key="k"))
    assert caught.value.permanent
    assert server.asked == []


@pytest.mark.parametrize(("status", "ok"), [("active", True), ("suspended", False)])
def test_a_check_asks_how_the_account_is_doing(server, status, ok):
    server.answer(*LOOK, Reply(200, {"sid": ACCOUNT, "status": status}))
    assert built(server.url).check().ok is ok


@pytest.mark.parametrize(
    ("status", "code", "kind", "permanent"),
    [
        (400, 21211, ProviderError, True),
        (400, 21610, Suppressed, True),
        (400, 21606, ProviderError, False),
        (400, 21611, RateLimited, False),
        (401, 20003, AuthFailed, False),
        (429, 20429, RateLimited, False),
        (500, 20500, OutcomeUnknown, False),
        (503, 20503, ProviderError, False),
    ],
)
def test_a_refusal_is_told_in_the_houses_words(server, status, code, kind, permanent):
    server.answer(*SEND, Reply(status, {"code": code, "message": "does not fit", "status": status}))
    with pytest.raises(ProviderError, match="does not fit") as caught:
        built(server.url).send(TEXT)
    assert type(caught.value) is kind
    assert caught.value.permanent is permanent
    assert len(server.asked) == 1


def test_a_refusal_in_the_newer_shape_is_understood(server):
    told = {"type": "about:blank", "title": "Authenticate", "status": 401, "code": 20003}
    server.answer(*LOOK, Reply(401, told))
    with pytest.raises(AuthFailed, match="Authenticate"):
        built(server.url).check()


@pytest.mark.parametrize("reply", [Reply(hangs_up=True), Reply(201, b"<html>")])
def test_an_answer_that_is_lost_leaves_the_outcome_open(server, reply):
    server.answer(*SEND, reply)
    with pytest.raises(OutcomeUnknown):
        built(server.url).send(TEXT)
    assert len(server.asked) == 1


def test_nobody_there_is_unreachable(closed_port):
    with pytest.raises(Unreachable):
        built(f"http://127.0.0.1:{closed_port}").send(TEXT)


def listed(sid: str, *, body: str = TEXT.text, at: datetime = NOW) -> dict[str, str]:
    return {"sid": sid, "body": body, "to": TEXT.to, "date_created": format_datetime(at), "status": "queued"}


def test_a_text_is_found_by_its_number_words_and_time(server):
    others = [listed("SM9", body="Another"), listed("SM8", at=NOW - timedelta(hours=1))]
    server.answer(
        *LIST, Reply(200, {"messages": [*others, listed("SM3", at=NOW + timedelta(minutes=1)), listed("SM2")]})
    )
    found = built(server.url).find(TEXT, NOW - timedelta(seconds=5))
    assert found is not None
    assert found.provider_message_id == "SM2"
    assert server.asked[0].query["To"] == TEXT.to


def test_a_text_that_is_not_listed_is_not_found(server):
    server.answer(*LIST, Reply(200, {"messages": [listed("SM8", at=NOW - timedelta(hours=1))]}))
    assert built(server.url).find(TEXT, NOW) is None


def test_twilios_client_logs_neither_numbers_nor_texts(server, caplog):
    caplog.set_level(logging.DEBUG)
    built(server.url).send(TEXT)
    built(server.url).check()
    told = " ".join(record.getMessage() for record in caplog.records)
    assert "5550123" not in told
    assert "keys are ready" not in told


def test_it_is_used_like_any_other_integration(server, manager):
    made = services.create_integration(
        provider="twilio",
        name="Twilio",
        config={"account_sid": ACCOUNT, "from_number": "+12125550100", "api_url": server.url},
        credentials={"auth_token": TOKEN},
        by=manager,
    )
    assert services.test_integration(made, by=manager).ok
    assert services.send_sms(to="+12125550123", text="Ready.", key="k").provider_message_id == "SM1"
    assert Message.objects.get().integration == made
    (asked,) = server.asked_for(*SEND)
    assert asked.form["StatusCallback"].endswith(f"/webhooks/twilio/{made.uuid}?key=k")


# --- Webhooks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", vectors("twilio"))
def test_the_published_webhooks_get_the_published_answer(vector):
    # The key of the vectors is the auth token once, and another secret of the integration once.
    for token, secrets in ((vector["key"], []), (TOKEN, key_of(vector))):
        provider = built(token=token)
        if vector["expected_valid"]:
            (event,) = provider.verify(request_of(vector), secrets, NOW)
            assert provider.read(event) == []
        else:
            with pytest.raises(WebhookRefused):
                provider.verify(request_of(vector), secrets, NOW)


def signed(form: dict[str, str], *, url: str = CALLBACK, token: str = TOKEN):
    signature = RequestValidator(token).compute_signature(url, form)
    return raw(urlencode(form).encode(), url=url, content_type=FORM, headers={"X-Twilio-Signature": signature})


DELIVERED = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+12125550123", "AccountSid": ACCOUNT}
WRITTEN = {
    "MessageSid": "SM7",
    "SmsStatus": "received",
    "From": "+12125550123",
    "To": "+12125550100",
    "Body": "Größe ✓",
}


def test_a_report_is_told_apart_by_message_and_status():
    (event,) = built().verify(signed(DELIVERED), [], NOW)
    assert (event.event_id, event.kind) == ("SM1:delivered", "message.delivered")
    (happened,) = built().read(event)
    assert happened == MessageTracked(
        state=TrackedState.DELIVERED, provider_message_id="SM1", key="k-1", recipient="+12125550123"
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("accepted", TrackedState.QUEUED),
        ("queued", TrackedState.QUEUED),
        ("sending", TrackedState.QUEUED),
        ("sent", TrackedState.SENT),
        ("delivered", TrackedState.DELIVERED),
        ("read", TrackedState.OPENED),
        ("undelivered", TrackedState.FAILED),
        ("failed", TrackedState.FAILED),
        ("canceled", TrackedState.FAILED),
    ],
)
def test_each_status_has_its_state(status, state):
    (event,) = built().verify(signed({**DELIVERED, "MessageStatus": status, "ErrorCode": "30003"}), [], NOW)
    (happened,) = built().read(event)
    assert isinstance(happened, MessageTracked)
    assert happened.state is state
    assert happened.reason == ("Twilio's error 30003" if state is TrackedState.FAILED else "")


def test_a_status_that_nobody_knows_is_of_no_interest():
    (event,) = built().verify(signed({**DELIVERED, "MessageStatus": "pondered"}), [], NOW)
    assert built().read(event) == []


def test_what_somebody_writes_is_heard():
    (event,) = built().verify(signed(WRITTEN), [], NOW)
    assert (event.event_id, event.kind) == ("SM7", "message.received")
    assert built().read(event) == [
        SmsReceived(sender="+12125550123", recipient="+12125550100", text="Größe ✓", provider_message_id="SM7")
    ]


def test_a_stop_in_any_language_is_told_in_twilios_word():
    (event,) = built().verify(signed({**WRITTEN, "Body": "ARRET", "OptOutType": "STOP"}), [], NOW)
    (happened,) = built().read(event)
    assert isinstance(happened, SmsReceived)
    assert happened.text == "STOP"


def test_the_primary_and_the_secondary_token_may_prove_it():
    request = signed(DELIVERED, token="the-other-token-0123456789")
    assert built().verify(request, [Secret("x"), Secret("the-other-token-0123456789")], NOW)
    with pytest.raises(WebhookRefused):
        built().verify(request, [Secret("x")], NOW)


def test_the_newer_signature_by_sha256_is_known():
    signature = RequestValidator(TOKEN).compute_signature(CALLBACK, DELIVERED, "HMAC_SHA256")
    headers = {
        "X-Twilio-Signature": signature,
        "X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
    }
    body = urlencode(DELIVERED).encode()
    assert built().verify(raw(body, url=CALLBACK, content_type=FORM, headers=headers), [], NOW)
    headers["X-Twilio-Webhooks-Signature-Settings"] = "algorithm=NONE"
    with pytest.raises(WebhookRefused):
        built().verify(raw(body, url=CALLBACK, content_type=FORM, headers=headers), [], NOW)


@pytest.mark.parametrize(
    "request_", [
        raw(b"", url=CALLBACK, content_type=FORM),
        raw(b"MessageSid=1", url=CALLBACK, content_type=FORM, headers={"X-Twilio-Signature": "ä"}),
        raw(b"\xff", url=CALLBACK, content_type=FORM),
        raw(b"{}", url=CALLBACK),
        raw(b"{}", url="https://office.example:x/?bodySHA256=1"),
    ],
)  # fmt: skip
def test_what_is_not_proven_is_refused(request_):
    with pytest.raises(WebhookRefused):
        built().verify(request_, [], NOW)


def test_a_json_body_without_its_hash_in_the_address_proves_nothing():
    signature = RequestValidator(TOKEN).compute_signature(CALLBACK, {})
    with pytest.raises(WebhookRefused):
        built().verify(raw(b'{"a": 1}', url=CALLBACK, headers={"X-Twilio-Signature": signature}), [], NOW)
    body = b'{"a": 1}'
    url = f"{CALLBACK}&bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = RequestValidator(TOKEN).compute_signature(url, {})
    assert built().verify(raw(body, url=url, headers={"X-Twilio-Signature": signature}), [], NOW)
