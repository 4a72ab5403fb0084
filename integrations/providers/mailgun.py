"""E-mail through Mailgun, by django-anymail; what becomes of it comes by its webhooks."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from anymail.backends.mailgun import EmailBackend
from django.core.mail import get_connection

from integrations.providers._anymail import KEY, ThroughTheLine, hand_over, letter, reason_in
from integrations.registry import provider
from integrations.schema import Credential, setting
from integrations.sealing import Secret
from integrations.spi import (
    EmailMessage,
    Handshake,
    Happening,
    Health,
    InvalidConfig,
    MessageTracked,
    RawRequest,
    SendResult,
    TrackedState,
    Verified,
    WebhookRefused,
)
from integrations.transport import Line, error_for

_URLS = {"us": "https://api.mailgun.net", "eu": "https://api.eu.mailgun.net"}
_STATES = {
    "accepted": TrackedState.QUEUED,
    "delivered": TrackedState.DELIVERED,
    "opened": TrackedState.OPENED,
    "clicked": TrackedState.CLICKED,
    "complained": TrackedState.COMPLAINED,
    "unsubscribed": TrackedState.UNSUBSCRIBED,
    "rejected": TrackedState.FAILED,
}
_FAILED = {
    "bounce": TrackedState.BOUNCED,
    "suppress-bounce": TrackedState.BOUNCED,
    "suppress-complaint": TrackedState.COMPLAINED,
    "suppress-unsubscribe": TrackedState.UNSUBSCRIBED,
}
"""What a failure for good says of the address; any other says only that this message did not arrive."""


@dataclass(frozen=True)
class MailgunConfig:
    """Which domain sends, and where the API is."""

    domain: str = setting("The sending domain as Mailgun knows it, like mg.example.com")
    region: Literal["us", "eu"] = setting("Where the domain was added", default="us", is_address=True)
    from_email: str = setting("Sender, of that domain; leave it empty for the office's own", default="")
    api_url: str = setting("Leave it empty for the region's own", default="", is_address=True)
    webhook_tolerance_seconds: int = setting(
        "How far the time on a webhook may be from ours", default=300, least=10, most=86400
    )


class _Backend(ThroughTheLine, EmailBackend):
    """anymail's, over the line."""


@provider(
    "mailgun",
    kind="email",
    label="Mailgun",
    config=MailgunConfig,
    credentials=[Credential("api_key", about="Mailgun > Send > Sending > Domain settings > Sending keys")],
    webhook_secret="Mailgun > Send > Sending > Webhooks: the HTTP webhook signing key",
)
class Mailgun:
    """One sending domain at Mailgun."""

    def __init__(self, config: MailgunConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        if "/" in config.domain or "%" in config.domain:
            raise InvalidConfig("config.domain", "Write just the domain, like mg.example.com.")
        self.config = config
        self.api_key = secrets["api_key"]
        self.line = line

    @property
    def _url(self) -> str:
        return (self.config.api_url or _URLS[self.config.region]).rstrip("/")

    def check(self) -> Health:
        """Ask how the domain is doing."""
        answer = self.line.http.get(
            f"{self._url}/v4/domains/{quote(self.config.domain, safe='')}", auth=("api", self.api_key.reveal())
        )
        if not answer.ok:
            raise error_for(answer, reason_in(answer))
        state = str(_dict(_dict(_json(answer.content)).get("domain")).get("state", "unknown"))
        return Health(ok=state == "active", detail=f"Mailgun says that {self.config.domain} is {state}.")

    def send(self, message: EmailMessage) -> SendResult:
        """Returns once Mailgun has queued it; it keeps our Message-ID as its own id."""
        found = hand_over(self._backend(), letter(message, self.config.from_email, takes_alternatives=False))
        return SendResult(provider="mailgun", provider_message_id=found, detail=f"Accepted for {message.to}")

    def _backend(self) -> Any:
        backend = get_connection(
            f"{__name__}.{_Backend.__name__}",
            api_key=self.api_key.reveal(),
            sender_domain=self.config.domain,
            api_url=f"{self._url}/v3/",
        )
        backend.http = self.line.http  # type: ignore[attr-defined]  # ThroughTheLine has it
        return backend

    def handshake(self, request: RawRequest) -> Handshake | None:
        """Mailgun asks for none."""
        return None

    def verify(self, request: RawRequest, secrets: Sequence[Secret], now: datetime) -> Sequence[Verified]:
        """The one event. Its signature covers no more than a time and a token, so the token counts once."""
        told = _dict(_json(request.body))
        block, event = _dict(told.get("signature")), _dict(told.get("event-data"))
        stamp, token = str(block.get("timestamp", "")), str(block.get("token", ""))
        given, signed = str(block.get("signature", "")).encode(), f"{stamp}{token}".encode()
        # Each is tried, whichever fits, so that the time it takes tells nothing.
        proofs = [hmac.compare_digest(_signature(secret, signed), given) for secret in secrets]
        if not any(proofs):
            raise WebhookRefused("No signing key of this integration proves the signature.")
        if not token or not _is_fresh(stamp, now, self.config.webhook_tolerance_seconds):
            raise WebhookRefused("It was signed too long ago, or too far ahead.")
        if not event.get("event"):
            raise WebhookRefused("It holds no event.")
        event_id = str(event.get("id") or token)[:255]
        kind = str(event["event"])
        return [Verified(event_id=event_id, kind=kind, payload=event, occurred_at=_instant(event), once=token[:255])]

    def read(self, event: Verified) -> Sequence[Happening]:
        """What became of one message."""
        told = _dict(event.payload)
        state = _state(told)
        if state is None:
            return []
        return [
            MessageTracked(
                state=state,
                provider_message_id=_message_id(told),
                key=str(_dict(told.get("user-variables")).get(KEY, "")),
                recipient=str(told.get("recipient", "")),
                reason=_reason(told),
            )
        ]


def _signature(secret: Secret, signed: bytes) -> bytes:
    return hmac.new(secret.reveal().encode(), signed, hashlib.sha256).hexdigest().encode()


def _is_fresh(stamp: str, now: datetime, tolerance: int) -> bool:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11):
        return False
    return abs(now - datetime.fromtimestamp(int(stamp), UTC)) <= timedelta(seconds=tolerance)


def _instant(event: Mapping[str, Any]) -> datetime | None:
    at = event.get("timestamp")
    if isinstance(at, int | float) and 0 <= at < 2**33:
        return datetime.fromtimestamp(at, UTC)
    return None


def _state(told: Mapping[str, Any]) -> TrackedState | None:
    if told.get("event") != "failed":
        return _STATES.get(str(told.get("event")))
    if told.get("severity") == "temporary":
        return TrackedState.DEFERRED
    if _dict(told.get("delivery-status")).get("bounce-type") == "hard":
        return TrackedState.BOUNCED
    return _FAILED.get(str(told.get("reason")), TrackedState.FAILED)


def _message_id(told: Mapping[str, Any]) -> str:
    """As it was given when the message was sent; webhooks leave its brackets out."""
    found = str(_dict(_dict(told.get("message")).get("headers")).get("message-id", ""))
    return found if not found or found.startswith("<") else f"<{found}>"


def _reason(told: Mapping[str, Any]) -> str:
    if told.get("event") not in {"failed", "rejected"}:
        return ""
    status, reject = _dict(told.get("delivery-status")), _dict(told.get("reject"))
    words = status.get("message") or status.get("description") or reject.get("reason") or told.get("reason")
    return str(words or "")[:500]


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
