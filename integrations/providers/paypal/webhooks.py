"""What PayPal tells us, proven without asking it back.

It signs the id and time of the transmission, the id of our webhook and the checksum of the body; the certificate to
prove it by lies on its own host, and is trusted for being read from there over TLS.
"""

import base64
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from integrations.providers.paypal.orders import CANCELLED_MARK
from integrations.sealing import Secret
from integrations.spi import Handshake, Happening, PaymentMoved, RawRequest, Verified, WebhookRefused
from integrations.transport import Line, error_for

_LIVE, _SANDBOX = "messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com"
_NAME_AT = {
    "api.paypal.com": _LIVE,
    "api-m.paypal.com": _LIVE,
    "api.sandbox.paypal.com": _SANDBOX,
    "api-m.sandbox.paypal.com": _SANDBOX,
}
"""Whom the certificates of each host are made out to. No other host is asked: anybody may name one."""
_CERTIFICATE_PATH = re.compile(r"/v1/notifications/certs/[A-Za-z0-9_-]{1,100}")
_MOST_CERTIFICATES = 20
_ALGORITHM = "SHA256withRSA"
_FUTURE = timedelta(minutes=5)

certificates: dict[str, x509.Certificate] = {}
"""Those read by this process, by address; PayPal uses one for months."""


@dataclass(frozen=True)
class _Transmission:
    """What the headers say about one delivery."""

    ident: str
    time: str
    signature: bytes
    certificate_url: str

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.time)


class PayPalWebhooks:
    """Events, proven by the ids of the webhooks that they are sent to."""

    line: Line
    tolerance: timedelta
    """How old a delivery may be. PayPal repeats one for three days, and it is not known to sign it anew."""

    def handshake(self, request: RawRequest) -> Handshake | None:
        """PayPal asks nothing before it calls."""
        return None

    def verify(self, request: RawRequest, secrets: Sequence[Secret], now: datetime) -> Sequence[Verified]:
        told = _transmission(request)
        if not -_FUTURE <= now - told.at <= self.tolerance:
            raise WebhookRefused("It was sent too long ago, or in the future.")
        certificate = self._certificate(told)
        if not any(_is_proven(told, request.body, secret, certificate) for secret in secrets):
            raise WebhookRefused("No webhook id of this integration proves the signature.")
        return [_event(request.body, is_live=_name(certificate) == _LIVE)]

    def read(self, event: Verified) -> Sequence[Happening]:
        resource = event.payload.get("resource") or {}
        if event.kind.startswith("CHECKOUT.ORDER."):
            unit = (resource.get("purchase_units") or [{}])[0]
            return _moved(resource.get("id"), unit.get("custom_id"))
        if event.kind.startswith("CHECKOUT.PAYMENT-APPROVAL."):
            return _moved(resource.get("order_id"), None)
        if event.kind.startswith(("PAYMENT.CAPTURE.", "PAYMENT.AUTHORIZATION.", "PAYMENT.REFUND.")):
            related = (resource.get("supplementary_data") or {}).get("related_ids") or {}
            return _moved(related.get("order_id"), resource.get("custom_id"))
        return []

    def _certificate(self, told: _Transmission) -> x509.Certificate:
        """The one that is named. Raises WebhookRefused before anything is fetched from anywhere else."""
        url = told.certificate_url
        expected = _name_expected(url)
        if url not in certificates:
            if len(certificates) >= _MOST_CERTIFICATES:
                certificates.clear()
            certificates[url] = self._fetch(url)
        certificate = certificates[url]
        if _name(certificate) != expected:
            raise WebhookRefused("The certificate is not that of PayPal's webhooks.")
        if not certificate.not_valid_before_utc <= told.at <= certificate.not_valid_after_utc:
            raise WebhookRefused("The certificate was not valid when this was sent.")
        return certificate

    def _fetch(self, url: str) -> x509.Certificate:
        answer = self.line.http.get(url, allow_redirects=False)
        if answer.status_code != 200:
            failure = error_for(answer, "the certificate could not be read")
            raise WebhookRefused("There is no such certificate.") if failure.permanent else failure
        try:
            return x509.load_pem_x509_certificate(answer.content)
        except ValueError:
            raise WebhookRefused("What lies there is no certificate.") from None


def _transmission(request: RawRequest) -> _Transmission:
    headers = request.headers
    try:
        told = _Transmission(
            ident=headers["paypal-transmission-id"],
            time=headers["paypal-transmission-time"],
            signature=base64.b64decode(headers["paypal-transmission-sig"], validate=True),
            certificate_url=headers["paypal-cert-url"],
        )
        is_readable = told.at.tzinfo is not None and headers["paypal-auth-algo"] == _ALGORITHM
    except (KeyError, ValueError):
        is_readable = False
    if not is_readable:
        raise WebhookRefused("It does not carry PayPal's readable headers.")
    return told


def _name_expected(url: str) -> str:
    """Whom the certificate at ``url`` must be made out to. Raises WebhookRefused for any address but PayPal's own."""
    host, _, path = url.removeprefix("https://").partition("/")
    # Compared as it is written: no port, no login, no trick of a parser can hide in what equals a host's name.
    if not url.startswith("https://") or host not in _NAME_AT or not _CERTIFICATE_PATH.fullmatch(f"/{path}"):
        raise WebhookRefused("The certificate is not at PayPal.")
    return _NAME_AT[host]


def _name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if len(names) == 1 else ""


def _is_proven(told: _Transmission, body: bytes, webhook_id: Secret, certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or not webhook_id:
        return False
    signed = f"{told.ident}|{told.time}|{webhook_id.reveal()}|{zlib.crc32(body)}"
    try:
        key.verify(told.signature, signed.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _event(body: bytes, *, is_live: bool) -> Verified:
    try:
        told = json.loads(body)
        return Verified(
            event_id=str(told["id"]),
            kind=str(told["event_type"]),
            payload=told,
            occurred_at=datetime.fromisoformat(told["create_time"]),
            is_live=is_live,
        )
    except (ValueError, TypeError, KeyError):
        raise WebhookRefused("It is signed, but no event of PayPal.") from None


def _moved(ref: Any, custom_id: Any) -> list[Happening]:
    key = str(custom_id or "").removeprefix(CANCELLED_MARK)
    return [PaymentMoved(ref=str(ref or ""), key=key)] if ref or key else []
