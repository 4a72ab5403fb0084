"""E-mail through Twilio SendGrid (v3 API), by django-anymail; what becomes of it comes by its Event Webhook."""

import base64
import binascii
import hashlib
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from anymail.backends.sendgrid import EmailBackend
from anymail.exceptions import AnymailNotSupportedWarning
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.core.mail import get_connection

from integrations.providers._anymail import KEY, ThroughTheLine, hand_over, letter
from integrations.registry import provider
from integrations.schema import Credential, setting
from integrations.sealing import Secret
from integrations.spi import (
    EmailMessage,
    Handshake,
    Happening,
    Health,
    MessageTracked,
    RawRequest,
    SendResult,
    TrackedState,
    Verified,
    WebhookRefused,
)
from integrations.transport import Line

_STATES = {
    "processed": TrackedState.QUEUED,
    "deferred": TrackedState.DEFERRED,
    "delivered": TrackedState.DELIVERED,
    "open": TrackedState.OPENED,
    "click": TrackedState.CLICKED,
    "bounce": TrackedState.BOUNCED,
    "dropped": TrackedState.FAILED,
    "spamreport": TrackedState.COMPLAINED,
    "unsubscribe": TrackedState.UNSUBSCRIBED,
    "group_unsubscribe": TrackedState.UNSUBSCRIBED,
}
_DROPPED = {
    "bounced address": TrackedState.BOUNCED,
    "invalid": TrackedState.BOUNCED,
    "spam reporting address": TrackedState.COMPLAINED,
    "unsubscribed address": TrackedState.UNSUBSCRIBED,
}
"""Why SendGrid did not even try."""


@dataclass(frozen=True)
class SendGridConfig:
    """Who sends, and where the API is."""

    from_email: str = setting("Sender, one that SendGrid has verified, like office@example.com")
    api_url: str = setting(
        "https://api.sendgrid.com, or https://api.eu.sendgrid.com for European subusers",
        default="https://api.sendgrid.com",
        is_address=True,
    )
    webhook_tolerance_seconds: int = setting(
        "How far the time on a webhook may be from ours: SendGrid repeats for a day, and what comes twice is kept once",
        default=86400,
        least=10,
        most=86400,
    )


class _Backend(ThroughTheLine, EmailBackend):
    """anymail's, over the line."""


@provider(
    "sendgrid",
    kind="email",
    label="SendGrid",
    config=SendGridConfig,
    credentials=[Credential("api_key", about="SendGrid > Settings > API Keys, with the permission Mail Send")],
    webhook_secret="SendGrid > Settings > Mail Settings > Event Webhook > Signature Verification: the public key",
)
class SendGrid:
    """One SendGrid account."""

    def __init__(self, config: SendGridConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        self.config = config
        self.api_key = secrets["api_key"]
        self.line = line

    def check(self) -> Health:
        """Have a message looked at and, in SendGrid's sandbox mode, not sent."""
        sender = self.config.from_email
        message = EmailMessage(
            to=sender, from_email=sender, subject="Check", text="Check", message_id="<check@sendgrid>"
        )
        mail = letter(message, sender)
        mail.esp_extra = {"mail_settings": {"sandbox_mode": {"enable": True}}}  # type: ignore[attr-defined]
        hand_over(self._backend(), mail)
        return Health(ok=True, detail=f"SendGrid accepts mail from {sender}.")

    def send(self, message: EmailMessage) -> SendResult:
        """Returns once SendGrid has queued it; the id is one that anymail made, for SendGrid gives none."""
        found = hand_over(self._backend(), letter(message, self.config.from_email))
        return SendResult(provider="sendgrid", provider_message_id=found, detail=f"Accepted for {message.to}")

    def _backend(self) -> Any:
        with warnings.catch_warnings():
            # anymail's authors have no account to test with; our tests speak to a mock of the vendor's own description.
            warnings.filterwarnings("ignore", "django-anymail has dropped official support", AnymailNotSupportedWarning)
            backend = get_connection(
                f"{__name__}.{_Backend.__name__}",
                api_key=self.api_key.reveal(),
                api_url=f"{self.config.api_url.rstrip('/')}/v3/",
            )
        backend.http = self.line.http  # type: ignore[attr-defined]  # ThroughTheLine has it
        return backend

    def handshake(self, request: RawRequest) -> Handshake | None:
        """SendGrid asks for none."""
        return None

    def verify(self, request: RawRequest, secrets: Sequence[Secret], now: datetime) -> Sequence[Verified]:
        """Every event of the batch; its signature covers the time and the raw body."""
        stamp = request.headers.get("x-twilio-email-event-webhook-timestamp", "")
        signature = _decoded(request.headers.get("x-twilio-email-event-webhook-signature", ""))
        signed = stamp.encode() + request.body
        # Each is tried, whichever fits, so that the time it takes tells nothing.
        proofs = [_proves(secret, signature, signed) for secret in secrets]
        if not any(proofs):
            raise WebhookRefused("No verification key of this integration proves the signature.")
        if not _is_fresh(stamp, now, self.config.webhook_tolerance_seconds):
            raise WebhookRefused("It was signed too long ago, or too far ahead.")
        return [_verified(event) for event in _events(request.body)]

    def read(self, event: Verified) -> Sequence[Happening]:
        """What became of one message."""
        told = event.payload
        state = _state(told)
        if state is None:
            return []
        return [
            MessageTracked(
                state=state,
                provider_message_id=str(told.get("anymail_id", "")),
                key=str(told.get(KEY, "")),
                recipient=str(told.get("email", "")),
                reason=str(told.get("reason") or told.get("response") or "")[:500] if state in _NEEDS_REASON else "",
            )
        ]


_NEEDS_REASON = {TrackedState.DEFERRED, TrackedState.BOUNCED, TrackedState.FAILED, TrackedState.COMPLAINED}


def _state(told: Mapping[str, Any]) -> TrackedState | None:
    if told.get("event") == "dropped":
        return _DROPPED.get(str(told.get("reason", "")).lower(), TrackedState.FAILED)
    if told.get("event") == "bounce" and told.get("type", "bounce") != "bounce":
        # "blocked" and "expired" say that this message was not taken, not that nobody lives there.
        return TrackedState.FAILED
    return _STATES.get(str(told.get("event")))


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _proves(secret: Secret, signature: bytes, signed: bytes) -> bool:
    try:
        key = load_der_public_key(base64.b64decode(secret.reveal()))
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):  # ValueError: what was entered is no key
        return False
    return True


def _is_fresh(stamp: str, now: datetime, tolerance: int) -> bool:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11):
        return False
    return abs(now - datetime.fromtimestamp(int(stamp), UTC)) <= timedelta(seconds=tolerance)


def _events(body: bytes) -> list[dict[str, Any]]:
    try:
        events = json.loads(body)
    except (ValueError, RecursionError):
        raise WebhookRefused("It is not JSON.") from None
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        raise WebhookRefused("It is no list of events.")
    return events


def _verified(event: dict[str, Any]) -> Verified:
    digest = hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()
    found = Verified(
        event_id=str(event.get("sg_event_id") or digest)[:255], kind=str(event.get("event")), payload=event
    )
    at = event.get("timestamp")
    if isinstance(at, int) and 0 <= at < 2**33:
        return replace(found, occurred_at=datetime.fromtimestamp(at, UTC))
    return found
