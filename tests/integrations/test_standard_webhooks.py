"""Signing and verifying as Standard Webhooks has it, against its own vectors and by properties."""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import assume, given
from hypothesis import strategies as st

from integrations.sealing import Secret
from integrations.spi import WebhookRefused
from integrations.standard_webhooks import new_secret, sign, verify

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
SECRET, OTHER = (Secret(f"whsec_{base64.b64encode(text * 24).decode()}") for text in (b"a", b"b"))
# The specification's own example.
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
KNOWN = {
    "webhook-id": MESSAGE,
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
KNOWN_AT = datetime.fromtimestamp(1614265330, UTC)
KNOWN_SECRET = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
KNOWN_BODY = b'{"test": 2432232314}'

keys = st.binary(min_size=1, max_size=64).map(lambda key: Secret("whsec_" + base64.b64encode(key).decode()))
ids = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=60).map(
    lambda text: f"msg_{text}"
)
instants = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis adds it


def signed(secrets, message_id, at, body):
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(secrets, message_id, at, body),
    }


def test_the_specifications_example_is_signed_and_verified():
    assert sign([KNOWN_SECRET], MESSAGE, KNOWN_AT, KNOWN_BODY) == KNOWN["webhook-signature"]
    verify([KNOWN_SECRET], KNOWN, KNOWN_BODY, KNOWN_AT)


def test_a_signature_is_what_anybody_else_would_compute():
    key = base64.b64decode(SECRET.reveal().removeprefix("whsec_"))
    content = b"msg_1." + str(int(NOW.timestamp())).encode() + b".{}"
    theirs = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert sign([SECRET], "msg_1", NOW, b"{}") == f"v1,{theirs}"


@given(keys, ids, instants, st.binary(max_size=2000))
def test_what_is_signed_is_verified(secret, message_id, at, body):
    verify([secret], signed([secret], message_id, at, body), body, at)


@given(keys, keys, ids, instants, st.binary(max_size=200))
def test_each_of_two_secrets_proves_it_and_no_third(secret, other, message_id, at, body):
    headers = signed([secret, other], message_id, at, body)
    assert len(headers["webhook-signature"].split(" ")) == 2
    verify([secret], headers, body, at)
    verify([other], headers, body, at)
    verify([OTHER, other], headers, body, at)
    assume(OTHER not in {secret, other})
    with pytest.raises(WebhookRefused):
        verify([OTHER], headers, body, at)


@given(keys, ids, instants, st.binary(max_size=200), st.binary(max_size=200))
def test_another_body_is_refused(secret, message_id, at, body, other):
    assume(body != other)
    with pytest.raises(WebhookRefused):
        verify([secret], signed([secret], message_id, at, body), other, at)


@given(st.binary(max_size=50), st.integers(min_value=0, max_value=49), st.integers(min_value=0, max_value=7))
def test_one_bit_turned_anywhere_is_refused(body, place, bit):
    headers = signed([SECRET], "msg_1", NOW, body)
    content = bytearray(body or b"\0")
    content[place % len(content)] ^= 1 << bit
    with pytest.raises(WebhookRefused):
        verify([SECRET], headers, bytes(content), NOW)


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp"])
def test_another_id_or_time_is_refused(header):
    headers = signed([SECRET], "msg_1", NOW, b"{}")
    headers[header] = headers[header][:-1] + ("1" if headers[header][-1] != "1" else "2")
    with pytest.raises(WebhookRefused):
        verify([SECRET], headers, b"{}", NOW)


@pytest.mark.parametrize(("seconds", "passes"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_neither_the_past_nor_the_future_reaches_further_than_the_tolerance(seconds, passes):
    headers = signed([SECRET], "msg_1", NOW, b"{}")
    if passes:
        verify([SECRET], headers, b"{}", NOW + timedelta(seconds=seconds))
    else:
        with pytest.raises(WebhookRefused, match="too far from now"):
            verify([SECRET], headers, b"{}", NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("timestamp", ["", "x", "-1", "1.5", "1e9", "٣", "9" * 13, " 1614265330", "1614265330\n"])
def test_what_is_no_timestamp_is_refused(timestamp):
    with pytest.raises(WebhookRefused):
        verify([KNOWN_SECRET], KNOWN | {"webhook-timestamp": timestamp}, KNOWN_BODY, KNOWN_AT)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        " ",
        "v1",
        "v1,",
        "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1,ü",
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJ",
    ],
)
def test_what_is_no_signature_is_refused(signature):
    with pytest.raises(WebhookRefused):
        verify([KNOWN_SECRET], KNOWN | {"webhook-signature": signature}, KNOWN_BODY, KNOWN_AT)


@given(
    st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text(max_size=60)),
    st.binary(max_size=60),
)
def test_nonsense_is_refused_and_never_falls_over(headers, body):
    with pytest.raises(WebhookRefused):
        verify([SECRET], headers, body, NOW)


@pytest.mark.parametrize("broken", ["", "whsec_", "whsec_not base64", "whsec_====", "ü"])
def test_a_secret_that_is_none_signs_nothing_and_proves_nothing(broken):
    with pytest.raises(ValueError, match="no secret") as caught:
        sign([Secret(broken)], "msg_1", NOW, b"{}")
    assert broken in {"", "whsec_"} or broken not in str(caught.value)
    empty = base64.b64encode(hmac.digest(b"", b"msg_1." + str(int(NOW.timestamp())).encode() + b".{}", "sha256"))
    forged = signed([SECRET], "msg_1", NOW, b"{}") | {"webhook-signature": f"v1,{empty.decode()}"}
    with pytest.raises(WebhookRefused):
        verify([Secret(broken)], forged, b"{}", NOW)
    verify([Secret(broken), SECRET], signed([SECRET], "msg_1", NOW, b"{}"), b"{}", NOW)


def test_without_secrets_nothing_is_signed_or_proven():
    with pytest.raises(ValueError, match="nothing to sign with"):
        sign([], "msg_1", NOW, b"{}")
    with pytest.raises(WebhookRefused):
        verify([], KNOWN, KNOWN_BODY, KNOWN_AT)


@pytest.mark.parametrize("message_id", ["", "msg.1"])
def test_an_id_must_not_leave_open_where_it_ends(message_id):
    with pytest.raises(ValueError, match="full stop"):
        sign([SECRET], message_id, NOW, b"{}")


def test_new_secrets_are_long_and_never_the_same():
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(len(base64.b64decode(secret.removeprefix("whsec_"))) == 32 for secret in secrets)
    assert sign([Secret(next(iter(secrets)))], "msg_1", NOW, b"{}")


@pytest.fixture
def verify_of_the_docs():
    """The code that docs/webhooks-out.md gives to receivers."""
    page = (Path(settings.BASE_DIR) / "docs" / "webhooks-out.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict = {}
    exec(code, names)  # noqa: S102  our own page
    return names["verify"]


def test_the_code_in_the_docs_verifies_what_we_sign(verify_of_the_docs, time_machine):
    time_machine.move_to(NOW, tick=False)
    headers = signed([OTHER, SECRET], "msg_1", NOW, b"{}")
    assert verify_of_the_docs(SECRET.reveal(), headers, b"{}")
    assert verify_of_the_docs(KNOWN_SECRET.reveal(), headers, b"{}") is False
    assert verify_of_the_docs(SECRET.reveal(), headers, b"{ }") is False
    time_machine.move_to(NOW + timedelta(seconds=301), tick=False)
    assert verify_of_the_docs(SECRET.reveal(), headers, b"{}") is False
