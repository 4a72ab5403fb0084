"""What vendors published to test against, and what was made from it: each is proven or refused, as it must be."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import time_machine
from requests import Response
from twilio.request_validator import RequestValidator

from integrations import standard_webhooks
from integrations.models import Integration, WebhookEvent, WebhookSecret
from integrations.providers.paypal import webhooks
from integrations.providers.paypal.certificates import Certificates
from integrations.registry import find_provider
from integrations.sealing import Secret
from integrations.services import create_integration
from integrations.spi import RawRequest, Verified, WebhookRefused
from integrations.transport import OutgoingSession

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "webhook_vectors.json").read_text(encoding="utf-8")
)["vectors"]
SENDGRID_TIME = "x-twilio-email-event-webhook-timestamp"
PAYPAL_TIME = "paypal-transmission-time"
SETUPS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "stripe": ({}, {"api_key": "sk_test_" + "a" * 30}),
    "paypal": ({"client_id": "client"}, {"client_secret": "client-secret-of-paypal"}),
    "sendgrid": ({"from_email": "office@example.com"}, {"api_key": "SG.api-key-of-sendgrid"}),
    "mailgun": ({"domain": "mg.example.com"}, {"api_key": "api-key-of-mailgun"}),
    "twilio": (
        {"account_sid": "AC" + "0" * 32, "from_number": "+12125550100"},
        {"auth_token": "0123456789abcdef0123456789abcdef"},
    ),
}
"""Settings and credentials that each provider can be built with; none of them proves a vector."""


@dataclass
class CertificateLine:
    """A line that holds PayPal's certificate, and remembers what was fetched over it."""

    pem: str
    fetched: list[str] = field(default_factory=list)

    @property
    def http(self) -> "CertificateLine":
        return self

    def get(self, url: str, **_: Any) -> Response:
        self.fetched.append(url)
        answer = Response()
        answer.status_code, answer._content = 200, self.pem.encode()
        return answer


def request_of(vector: Mapping[str, Any]) -> RawRequest:
    url = vector.get("url", "https://office.example/webhooks")
    body = vector["body"] if "body" in vector else urlencode(vector["params"])
    headers = {"Content-Type": vector.get("content_type", "application/json"), **vector["header"]}
    return RawRequest(
        method=vector.get("method", "POST"),
        url=url,
        headers={name.lower(): value for name, value in headers.items()},
        query=dict(parse_qsl(urlsplit(url).query)),
        body=body.encode(),
    )


def moment_of(vector: Mapping[str, Any], request: RawRequest) -> datetime:
    """The time that the vector wants it to be: where it names none, when it was signed."""
    if "now" in vector:
        return datetime.fromtimestamp(vector["now"], UTC)
    if (stamp := request.headers.get(SENDGRID_TIME, "")).isdigit():
        return datetime.fromtimestamp(int(stamp), UTC)
    return datetime.fromisoformat(request.headers.get(PAYPAL_TIME, "2026-05-04T09:00:00Z"))


def prove(vector: Mapping[str, Any], line: Any) -> list[Verified]:
    """Have the provider's own class verify it, built as for an integration. Raises WebhookRefused."""
    request = request_of(vector)
    now = moment_of(vector, request)
    secret = Secret(vector.get("key") or vector["webhook_id"])
    if vector["provider"] == "standard-webhooks":
        standard_webhooks.verify([secret], request.headers, request.body, now)
        return []
    found = find_provider(vector["provider"])
    assert found
    config, credentials = SETUPS[found.name]
    known = {name: Secret(text) for name, text in credentials.items()}
    built = found.build(config, known, line)
    assert built.handshake(request) is None
    return list(built.verify(request, [Secret("a-secret-that-proves-nothing"), secret], now))


def named(vector: Mapping[str, Any]) -> str:
    return f"{vector['provider']}: {vector['name']}"


def test_there_are_all_of_them():
    assert len(VECTORS) == 43


@pytest.fixture(autouse=True)
def _certificates_read_anew(monkeypatch):
    monkeypatch.setattr(webhooks, "certificates", Certificates())


@pytest.mark.parametrize("vector", VECTORS, ids=named)
def test_each_is_proven_or_refused_as_its_vendor_has_it(vector):
    line = CertificateLine(vector.get("certificate_pem", ""))
    if vector["expected_valid"]:
        for told in prove(vector, line):
            assert told.event_id
            assert told.kind
    else:
        with pytest.raises(WebhookRefused):
            prove(vector, line)
    if "cert url" in vector["name"]:
        assert line.fetched == []


def of_the_same_checksum(text: str, *, as_in: str) -> str:
    """The JSON object ``text`` with one field more, by which its CRC-32 is that of ``as_in``."""

    def with_field(bits: int) -> str:
        filling = "".join(chr(0x40 + (bits >> 4 * each & 15)) for each in range(9))
        return f'{text.rstrip()[:-1]},"x":"{filling}"}}'

    def checksum(bits: int) -> int:
        return zlib.crc32(with_field(bits).encode())

    # A CRC is affine: which of the bits to set is a system of linear equations over GF(2).
    without = checksum(0)
    basis: dict[int, tuple[int, int]] = {}
    for bit in range(36):
        value, used = checksum(1 << bit) ^ without, 1 << bit
        while value and value.bit_length() in basis:
            value, used = value ^ basis[value.bit_length()][0], used ^ basis[value.bit_length()][1]
        if value:
            basis[value.bit_length()] = (value, used)
    missing, chosen = zlib.crc32(as_in.encode()) ^ without, 0
    while missing:
        value, used = basis[missing.bit_length()]
        missing, chosen = missing ^ value, chosen ^ used
    return with_field(chosen)


def vector_of(provider: str, name: str) -> dict[str, Any]:
    (found,) = [each for each in VECTORS if (each["provider"], each["name"]) == (provider, name)]
    return found


@pytest.mark.django_db
class TestAtOurAddress:
    """The same requests as they come in, on the day they were signed."""

    @pytest.fixture(autouse=True)
    def _paypals_certificates(self, monkeypatch):
        line = CertificateLine(vector_of("paypal", "valid")["certificate_pem"])
        monkeypatch.setattr(OutgoingSession, "get", lambda _, url, **options: line.get(url, **options))

    @pytest.fixture
    def set_up(self, manager):
        def create(provider: str, *, secrets: list[str], mode: str = "live") -> Integration:
            config, credentials = SETUPS[provider]
            made = create_integration(
                provider=provider, name=provider, config=config, credentials=credentials, mode=mode, by=manager
            )
            for secret in secrets:
                # Not by the service: some vendors test with shorter secrets than they give out.
                added = WebhookSecret(integration=made)
                added.secret = added.seal(secret)
                added.save()
            return made

        return create

    def told(self, client, vector: Mapping[str, Any]) -> int:
        request = request_of(vector)
        headers = {name: value for name, value in vector["header"].items() if not name.startswith("Content")}
        with time_machine.travel(moment_of(vector, request), tick=False):
            answer = client.post(
                f"/api/v1/integrations/webhooks/{vector['provider']}",
                request.body,
                content_type=vector.get("content_type", "application/json"),
                headers=headers,
            )
        status: int = answer.status_code
        return status

    @pytest.mark.parametrize(
        "vector",
        [each for each in VECTORS if each["provider"] in {"stripe", "paypal", "sendgrid", "mailgun"}],
        ids=named,
    )
    def test_each_has_the_answer_it_must_have(self, client, set_up, vector):
        set_up(vector["provider"], secrets=[vector.get("key") or vector["webhook_id"]])
        status = self.told(client, vector)
        if vector["expected_valid"]:
            assert status == 200
        else:
            assert status in ({400, 403} if vector["name"] == "bad payload" else {403})
        assert WebhookEvent.objects.exists() == vector["expected_valid"]

    @pytest.mark.parametrize("provider", ["stripe", "paypal", "sendgrid", "mailgun"])
    def test_the_same_request_twice_is_one_event(self, client, set_up, provider):
        vector = vector_of(provider, "valid")
        secret = vector.get("key") or vector["webhook_id"]
        set_up(provider, secrets=["another-secret", secret] if provider != "sendgrid" else [secret])
        assert self.told(client, vector) == self.told(client, vector) == 200
        assert set(WebhookEvent.objects.values_list("times_received", flat=True)) == {2}

    def test_mailguns_signature_on_another_body_is_stopped_by_its_token(self, client, set_up):
        valid, forged = vector_of("mailgun", "valid"), vector_of("mailgun", "body changed, same signature block")
        set_up("mailgun", secrets=[valid["key"]])
        assert self.told(client, valid) == 200
        assert self.told(client, forged) == 403
        event = WebhookEvent.objects.get()
        assert (event.kind, event.times_received) == (json.loads(valid["body"])["event-data"]["event"], 1)

    def test_paypals_transmission_id_on_another_body_of_the_same_checksum_is_stopped(self, client, set_up):
        valid = vector_of("paypal", "valid")
        set_up("paypal", secrets=[valid["webhook_id"]])
        other = valid["body"].replace('"WH-0G2', '"WH-9X9')
        forged = {**valid, "body": of_the_same_checksum(other, as_in=valid["body"])}
        assert zlib.crc32(forged["body"].encode()) == zlib.crc32(valid["body"].encode())
        assert self.told(client, valid) == 200
        assert self.told(client, forged) == 403
        assert self.told(client, valid) == 200
        event = WebhookEvent.objects.get()
        assert (event.once, event.times_received) == (valid["header"]["PAYPAL-TRANSMISSION-ID"], 2)

    def test_paypals_sandbox_has_no_effect_at_a_live_integration(self, client, set_up):
        vector = vector_of("paypal", "valid")
        set_up("paypal", secrets=[vector["webhook_id"]])
        self.told(client, vector)
        assert WebhookEvent.objects.get().status == "ignored"

    def test_twilio_signs_the_address_that_the_outside_knows(self, client, set_up, settings):
        settings.SITE_URL = "https://office.example"
        made = set_up("twilio", secrets=[])
        path = f"/api/v1/integrations/webhooks/twilio/{made.uuid}?key=k1"
        form = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+12125550123"}
        token = SETUPS["twilio"][1]["auth_token"]
        signed = RequestValidator(token).compute_signature(f"https://office.example{path}", form)
        kind = "application/x-www-form-urlencoded"
        for at, expected in ((path, 200), (path.replace("k1", "k2"), 403)):
            answer = client.post(at, urlencode(form), content_type=kind, headers={"X-Twilio-Signature": signed})
            assert answer.status_code == expected
        assert WebhookEvent.objects.count() == 1
