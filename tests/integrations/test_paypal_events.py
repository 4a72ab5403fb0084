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

from integrations.providers.paypal import webhooks
from integrations.registry import find_provider
from integrations.sealing import Secret
from integrations.spi import PaymentMoved, ProviderError, RawRequest, Unreachable, Verified, WebhookRefused
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

    def get(self, url: str, *, allow_redirects: bool) -> requests.Response:
        assert not allow_redirects
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
    monkeypatch.setattr(webhooks, "certificates", {})


def build(line: Line, **config: Any) -> Any:
    found = find_provider("paypal")
    assert found
    return found.build({"client_id": "client-4711", **config}, {"client_secret": Secret("s")}, line)


def certificate(name: str = webhooks._LIVE, *, days: int = 30, key: Any = KEY) -> bytes:
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
    [(LIVE, webhooks._SANDBOX), (LIVE.replace("api.", "api.sandbox."), webhooks._LIVE), (LIVE, "evil.example")],
)
def test_a_certificate_of_another_name_proves_nothing(url, name):
    with pytest.raises(WebhookRefused, match="not that of PayPal"):
        build(FarEnd(certificate(name))).verify(signed(url=url), IDS, NOW)


def test_a_certificate_that_had_run_out_proves_nothing():
    with pytest.raises(WebhookRefused, match="not valid when"):
        build(FarEnd(certificate(days=-1))).verify(signed(), IDS, NOW)


def test_nor_does_one_of_another_key_or_of_another_kind():
    for key in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())):
        webhooks.certificates.clear()
        with pytest.raises(WebhookRefused, match="No webhook id"):
            build(FarEnd(certificate(key=key))).verify(signed(), IDS, NOW)


@pytest.mark.parametrize("ids", [[], ["another"], [""]])
def test_only_the_right_webhook_id_proves_it(ids):
    with pytest.raises(WebhookRefused, match="No webhook id"):
        build(FarEnd(certificate())).verify(signed(), [Secret(each) for each in ids], NOW)


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
    assert webhooks.certificates == {}


def test_not_more_certificates_are_kept_than_a_few():
    for number in range(webhooks._MOST_CERTIFICATES * 2):
        build(FarEnd(certificate())).verify(signed(url=f"{LIVE}{number}"), IDS, NOW)
    assert len(webhooks.certificates) <= webhooks._MOST_CERTIFICATES


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
