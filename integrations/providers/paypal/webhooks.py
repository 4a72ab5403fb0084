"""What PayPal tells us, proven without asking it back.

It signs the id and time of the transmission, the id of our webhook and the checksum of the body; the certificate to
prove it by lies on its own host, and is trusted for being read from there over TLS. A checksum is easily met by another
body, so the id of a transmission counts once: the same one on anything else is refused.
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

from integrations.providers.paypal.certificates import LIVE, Certificates, name_expected, name_of
from integrations.providers.paypal.orders import CANCELLED_MARK
from integrations.sealing import Secret
from integrations.spi import Handshake, Happening, PaymentMoved, RawRequest, Verified, WebhookRefused
from integrations.transport import Line

_ALGORITHM = "SHA256withRSA"
_FUTURE = timedelta(minutes=5)
_IDENT = re.compile(r"[A-Za-z0-9-]{1,100}")
"""It stands among others, parted by bars, in what is signed."""
_LONGEST_TIME, _LONGEST_SIGNATURE = 40, 1024

certificates = Certificates()
"""Those read by this process."""


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
        """The one event. Whatever can be refused without its certificate is, before that is looked for."""
        told = _transmission(request)
        if not -_FUTURE <= now - told.at <= self.tolerance:
            raise WebhookRefused("It was sent too long ago, or in the future.")
        name_expected(told.certificate_url)
        if not any(secrets):
            raise WebhookRefused("No webhook id of this integration is known.")
        certificate = self._certificate(told, now)
        if not any(_is_proven(told, request.body, secret, certificate) for secret in secrets):
            raise WebhookRefused("No webhook id of this integration proves the signature.")
        return [_event(request.body, once=told.ident, is_live=name_of(certificate) == LIVE)]

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

    def _certificate(self, told: _Transmission, now: datetime) -> x509.Certificate:
        certificate = certificates.get(told.certificate_url, self.line, now)
        if not certificate.not_valid_before_utc <= told.at <= certificate.not_valid_after_utc:
            raise WebhookRefused("The certificate was not valid when this was sent.")
        return certificate


def _transmission(request: RawRequest) -> _Transmission:
    headers = request.headers
    try:
        told = _Transmission(
            ident=headers["paypal-transmission-id"],
            time=headers["paypal-transmission-time"],
            signature=base64.b64decode(headers["paypal-transmission-sig"], validate=True),
            certificate_url=headers["paypal-cert-url"],
        )
        is_readable = _is_plausible(told) and headers["paypal-auth-algo"] == _ALGORITHM
    except (KeyError, ValueError):
        is_readable = False
    if not is_readable:
        raise WebhookRefused("It does not carry PayPal's readable headers.")
    return told


def _is_plausible(told: _Transmission) -> bool:
    """Raises ValueError where its time is none."""
    is_short = len(told.time) <= _LONGEST_TIME and len(told.signature) <= _LONGEST_SIGNATURE
    return is_short and _IDENT.fullmatch(told.ident) is not None and told.at.tzinfo is not None


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


def _event(body: bytes, *, once: str, is_live: bool) -> Verified:
    try:
        told = json.loads(body)
        return Verified(
            event_id=str(told["id"]),
            kind=str(told["event_type"]),
            payload=told,
            occurred_at=datetime.fromisoformat(told["create_time"]),
            is_live=is_live,
            once=once,
        )
    except (ValueError, TypeError, KeyError):
        raise WebhookRefused("It is signed, but no event of PayPal.") from None


def _moved(ref: Any, custom_id: Any) -> list[Happening]:
    key = str(custom_id or "").removeprefix(CANCELLED_MARK)
    return [PaymentMoved(ref=str(ref or ""), key=key)] if ref or key else []
