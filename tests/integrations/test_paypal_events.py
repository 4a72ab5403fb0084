"""What PayPal tells us: proven by a certificate that lies at PayPal and nowhere else."""

import base64
import json
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from integrations.providers.paypal import certificates, webhooks
from integrations.providers.paypal.certificates import Certificates
from integrations.registry import find_provider
from integrations.sealing import Secret
from integrations.spi import (
    PaymentMoved,
    ProviderError,
    RateLimited,
    RawRequest,
    Unreachable,
    Verified,
    WebhookRefused,
)
from integrations.transport import Line

VECTORS = [
    vector
    for vector in json.loads((Path(__file__).parent / "webhook_vectors.json").read_text())["vectors"]
    if vector["provider"] == "paypal"
]
LIVE = "https://api.paypal.com/v1/notifications/certs/CERT-1"
NOW = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)
KEY = rsa.generate_private_key(65537, 2048)
KEYPAIR_ID = "8PT597110X687430LKGECATA"
BODY = json.dumps(
    {
        "id": "WH-1",
        "event_type": "PAYMENT.CAPTURE.COMPLETED",
        "create_time": "2026-11-05T11:59:00Z",
        "resource": {"id": "C-1"},
    }
).encode()


class FarEnd(Line):
    """A line at whose far end lies one certificate, wherever it is looked for."""

    def __init__(self, content: bytes | str = b"", status: int = 200, failure: ProviderError | None = None) -> None:
        self.fetched: list[str] = []
        self._content, self._status, self._failure = content, status, failure

    @property
    def http(self) -> Any:
        return self

    def get(self, url: str, *, allow_redirects: bool, timeout: float) -> requests.Response:
        assert not allow_redirects
        assert timeout == 5
        self.fetched.append(url)
        if self._failure:
            raise self._failure
        answer = requests.Response()
        answer.status_code = self._status
        answer.request = requests.Request("GET", url).prepare()
        answer._content = self._content.encode() if isinstance(self._content, str) else self._content
        return answer


@pytest.fixture(autouse=True)
def no_certificates(monkeypatch):
    monkeypatch.setattr(webhooks, "certificates", Certificates())


def build(line: Line, **config: Any) -> Any:
    found = find_provider("paypal")
    assert found
    return found.build({"client_id": "client-4711", **config}, {"client_secret": Secret("s")}, line)


def certificate(name: str = certificates.LIVE, *, days: int = 30, key: Any = KEY) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    valid = builder.not_valid_before(NOW - timedelta(days=30)).not_valid_after(NOW + timedelta(days=days))
    return valid.sign(key, SHA256()).public_bytes(Encoding.PEM)


def signed(body: bytes = BODY, *, at: datetime = NOW, url: str = LIVE, **changes: str) -> RawRequest:
    time = at.isoformat().replace("+00:00", "Z")
    text = f"t-1|{time}|{KEYPAIR_ID}|{zlib.crc32(body)}"
    signature = KEY.sign(text.encode(), padding.PKCS1v15(), SHA256())
    headers = {
        "paypal-transmission-id": "t-1",
        "paypal-transmission-time": time,
        "paypal-transmission-sig": base64.b64encode(signature).decode(),
        "paypal-cert-url": url,
        "paypal-auth-algo": "SHA256withRSA",
        **changes,
    }
    return RawRequest(method="POST", url="https://office.example/hook", headers=headers, query={}, body=body)


IDS = [Secret("another"), Secret(KEYPAIR_ID)]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vectors(vector):
    line = FarEnd(vector.get("certificate_pem", ""))
    headers = {name.lower(): value for name, value in vector["header"].items()}
    asked = RawRequest(method="POST", url="https://x", headers=headers, query={}, body=vector["body"].encode())
    now = datetime.fromisoformat(headers["paypal-transmission-time"]) + timedelta(minutes=1)
    if not vector["expected_valid"]:
        with pytest.raises(WebhookRefused):
            build(line).verify(asked, [Secret(vector["webhook_id"])], now)
        if "certificate_pem" not in vector:
            assert line.fetched == []
        return
    (event,) = build(line).verify(asked, [Secret("other"), Secret(vector["webhook_id"])], now)
    assert (event.event_id, event.kind) == ("WH-0G2756385H040842W-5Y612302CV158622M", "PAYMENT.SALE.COMPLETED")
    assert event.occurred_at == datetime(2015, 5, 18, 15, 45, 13, tzinfo=UTC)
    assert event.is_live is False
    assert build(line).read(event) == []


def test_all_eight_vectors_are_here():
    assert len(VECTORS) == 8


def test_a_live_certificate_proves_a_live_event_and_is_read_once():
    line = FarEnd(certificate())
    for _ in range(3):
        (event,) = build(line).verify(signed(), IDS, NOW)
    assert event.is_live
    assert line.fetched == [LIVE]


@pytest.mark.parametrize(
    "url",
    [
        "http://api.paypal.com/v1/notifications/certs/CERT-1",
        "HTTPS://api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1",
        "https://evil.example/v1/notifications/certs/CERT-1",
        "https://api.paypal.com@evil.example/v1/notifications/certs/CERT-1",
        "https://evil.example#api.paypal.com/v1/notifications/certs/CERT-1",
        "https://evil.example\\@api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com:8443/v1/notifications/certs/CERT-1",
        "https://user@api.paypal.com/v1/notifications/certs/CERT-1",
        "https://API.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com./v1/notifications/certs/CERT-1",
        "https://www.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com/v1/notifications/certs/../../evil",
        "https://api.paypal.com/v1/notifications/certs/CERT-1?x=1",
        "https://api.paypal.com/v1/notifications/certs/CERT-1\n",
        "https://api.paypal.com/v1/notifications/certs/evil",
        "https://api.paypal.com/v1/notifications/certs/CERT-" + "1" * 101,
        "https://api.paypal.com/redirect?to=evil.example",
        "https://169.254.169.254/v1/notifications/certs/CERT-1",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_other_place_is_ever_asked_for_a_certificate(url):
    line = FarEnd(certificate())
    with pytest.raises(WebhookRefused, match="not at PayPal"):
        build(line).verify(signed(url=url), IDS, NOW)
    assert line.fetched == []


@pytest.mark.parametrize("host", ["api.paypal.com", "api-m.paypal.com"])
def test_its_own_hosts_are(host):
    url = f"https://{host}/v1/notifications/certs/CERT-1"
    assert build(FarEnd(certificate())).verify(signed(url=url), IDS, NOW)


@pytest.mark.parametrize(
    ("url", "name"),
    [(LIVE, certificates.SANDBOX), (LIVE.replace("api.", "api.sandbox."), certificates.LIVE), (LIVE, "evil.example")],
)
def test_a_certificate_of_another_name_proves_nothing(url, name):
    with pytest.raises(WebhookRefused, match="not that of PayPal"):
        build(FarEnd(certificate(name))).verify(signed(url=url), IDS, NOW)


def test_a_certificate_that_had_run_out_proves_nothing():
    with pytest.raises(WebhookRefused, match="not valid when"):
        build(FarEnd(certificate(days=-1))).verify(signed(), IDS, NOW)


def test_nor_does_one_of_another_key_or_of_another_kind():
    for key in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())):
        url = f"{LIVE}-{type(key).__name__}"
        with pytest.raises(WebhookRefused, match="No webhook id"):
            build(FarEnd(certificate(key=key))).verify(signed(url=url), IDS, NOW)


@pytest.mark.parametrize(("ids", "looks"), [([], 0), ([""], 0), (["another"], 1)])
def test_only_the_right_webhook_id_proves_it_and_without_any_nothing_is_fetched(ids, looks):
    line = FarEnd(certificate())
    with pytest.raises(WebhookRefused, match="No webhook id"):
        build(line).verify(signed(), [Secret(each) for each in ids], NOW)
    assert len(line.fetched) == looks


@pytest.mark.parametrize(
    ("age", "config", "accepted"),
    [
        (timedelta(hours=79), {}, True),
        (timedelta(hours=81), {}, False),
        (timedelta(hours=2), {"webhook_hours": 1}, False),
        (timedelta(minutes=-4), {}, True),
        (timedelta(minutes=-6), {}, False),
    ],
)
def test_how_old_it_may_be_is_set(age, config, accepted):
    account = build(FarEnd(certificate()), **config)
    if accepted:
        assert account.verify(signed(at=NOW - age), IDS, NOW)
    else:
        with pytest.raises(WebhookRefused, match="too long ago"):
            account.verify(signed(at=NOW - age), IDS, NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"paypal-transmission-time": "yesterday"},
        {"paypal-transmission-time": "2026-11-05T12:00:00"},
        {"paypal-transmission-sig": "no base64!"},
        {"paypal-transmission-sig": "é"},
        {"paypal-auth-algo": "none"},
        {"paypal-transmission-sig": base64.b64encode(b"x" * 1025).decode()},
        {"paypal-transmission-id": ""},
        {"paypal-transmission-id": "t" * 101},
        {"paypal-transmission-id": "t-1|2026"},
        {"paypal-transmission-time": "2026-11-05T12:00:00." + "0" * 40 + "Z"},
    ],
)
def test_headers_that_can_not_be_read_are_refused(changes):
    line = FarEnd(certificate())
    with pytest.raises(WebhookRefused, match="headers"):
        build(line).verify(signed(**changes), IDS, NOW)
    assert line.fetched == []


def test_a_missing_header_is_refused():
    asked = signed()
    for name in asked.headers:
        headers = {each: value for each, value in asked.headers.items() if each != name}
        short = RawRequest(method="POST", url=asked.url, headers=headers, query={}, body=asked.body)
        with pytest.raises(WebhookRefused):
            build(FarEnd(certificate())).verify(short, IDS, NOW)


@pytest.mark.parametrize("body", [b"no json", b"[]", b"{}", b"\xff", b'{"id": 1, "event_type": 2, "create_time": 3}'])
def test_what_is_signed_and_no_event_is_refused(body):
    with pytest.raises(WebhookRefused, match="no event"):
        build(FarEnd(certificate())).verify(signed(body), IDS, NOW)


def test_a_certificate_that_is_not_there_refuses():
    for line in (FarEnd(status=404), FarEnd("no certificate"), FarEnd(certificate(), status=302)):
        with pytest.raises(WebhookRefused):
            build(line).verify(signed(), IDS, NOW)


def test_a_certificate_that_can_not_be_read_now_decides_nothing():
    for line in (FarEnd(status=503), FarEnd(failure=Unreachable("No connection"))):
        with pytest.raises(ProviderError):
            build(line).verify(signed(), IDS, NOW)
    assert len(webhooks.certificates) == 0
    assert build(FarEnd(certificate())).verify(signed(), IDS, NOW)


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_not_more_certificates_are_kept_than_a_few_and_the_one_in_use_is():
    line = FarEnd(certificate())
    for number in range(certificates.MOST_KEPT * 2):
        build(line).verify(signed(), IDS, later(number))
        build(line).verify(signed(url=f"{LIVE}{number}"), IDS, later(number))
    assert len(webhooks.certificates) <= certificates.MOST_KEPT
    assert line.fetched.count(LIVE) == 1


def test_where_there_was_none_nobody_looks_again_for_a_while():
    line = FarEnd(status=404)
    for minutes, looks in ((0, 1), (4, 1), (6, 2)):
        with pytest.raises(WebhookRefused):
            build(line).verify(signed(), IDS, later(minutes))
        assert len(line.fetched) == looks


def test_nor_where_another_ones_lay():
    line = FarEnd(certificate("evil.example"))
    for _ in range(2):
        with pytest.raises(WebhookRefused):
            build(line).verify(signed(), IDS, NOW)
    assert len(line.fetched) == 1


def test_not_more_addresses_where_none_lies_are_remembered_than_a_few():
    for number in range(certificates.MOST_KEPT * 2):
        with pytest.raises(WebhookRefused):
            build(FarEnd(status=404)).verify(signed(url=f"{LIVE}{number}"), IDS, later(number))
    assert len(webhooks.certificates) <= certificates.MOST_KEPT


@pytest.mark.parametrize("status", [404, 503])
def test_ten_unknown_addresses_a_minute_are_looked_at_and_no_more(status):
    build(FarEnd(certificate())).verify(signed(), IDS, NOW)
    line = FarEnd(status=status)
    kinds = []
    for number in range(30):
        with pytest.raises((WebhookRefused, ProviderError)) as caught:
            build(line).verify(signed(url=f"{LIVE}{number}"), IDS, NOW)
        kinds.append(caught.type)
    assert len(line.fetched) == 9
    assert kinds[9:] == [RateLimited] * 21
    assert build(line).verify(signed(), IDS, NOW), "the known one needs no look"
    with pytest.raises((WebhookRefused, ProviderError)):
        build(line).verify(signed(url=f"{LIVE}30"), IDS, later(1))
    assert len(line.fetched) == 10


def test_it_says_when_it_may_be_told_again():
    line = FarEnd(status=503)
    for number in range(11):
        with pytest.raises(ProviderError) as caught:
            build(line).verify(signed(url=f"{LIVE}{number}"), IDS, NOW)
    assert caught.value.retry_after == 6.0


def test_requests_at_once_take_no_more_looks_than_there_are(in_threads):
    line = FarEnd(status=503)
    account = build(line)

    def name_five(number: int) -> None:
        for each in range(5):
            with pytest.raises(ProviderError):
                account.verify(signed(url=f"{LIVE}{number}{each}"), IDS, NOW)

    assert in_threads(8, name_five) == [None] * 8
    assert len(line.fetched) == 10


def test_the_id_of_the_transmission_counts_once():
    (event,) = build(FarEnd(certificate())).verify(signed(), IDS, NOW)
    assert event.once == "t-1"


RELATED = {"supplementary_data": {"related_ids": {"order_id": "5O1"}}}


@pytest.mark.parametrize(
    ("kind", "resource", "moved"),
    [
        (
            "CHECKOUT.ORDER.APPROVED",
            {"id": "5O1", "purchase_units": [{"custom_id": "k-1"}]},
            PaymentMoved(ref="5O1", key="k-1"),
        ),
        ("CHECKOUT.ORDER.COMPLETED", {"id": "5O1"}, PaymentMoved(ref="5O1")),
        ("CHECKOUT.PAYMENT-APPROVAL.REVERSED", {"order_id": "5O1"}, PaymentMoved(ref="5O1")),
        ("PAYMENT.CAPTURE.COMPLETED", {"custom_id": "k-1", **RELATED}, PaymentMoved(ref="5O1", key="k-1")),
        ("PAYMENT.CAPTURE.REFUNDED", {"custom_id": "k-1"}, PaymentMoved(ref="", key="k-1")),
        ("PAYMENT.CAPTURE.DENIED", {"custom_id": "cancelled:k-1", **RELATED}, PaymentMoved(ref="5O1", key="k-1")),
        ("PAYMENT.AUTHORIZATION.VOIDED", RELATED, PaymentMoved(ref="5O1")),
        ("PAYMENT.CAPTURE.COMPLETED", {}, None),
        ("CUSTOMER.DISPUTE.CREATED", {"id": "D-1"}, None),
    ],
)
def test_what_each_event_means(kind, resource, moved):
    event = Verified(event_id="WH-1", kind=kind, payload={"resource": resource})
    assert build(FarEnd()).read(event) == ([moved] if moved else [])


def test_paypal_asks_nothing_first():
    assert build(FarEnd()).handshake(signed()) is None
