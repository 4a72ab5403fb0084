"""Providers of kind ``push``."""

from dataclasses import dataclass
from typing import Literal, Protocol

from integrations.spi.answers import HealthCheck, SendResult


@dataclass(frozen=True, kw_only=True)
class PushMessage:
    """What one browser is told. ``endpoint``, ``p256dh`` and ``auth`` are its subscription's.

    Of several with one ``topic`` that wait for a browser, it gets the last.
    """

    endpoint: str
    p256dh: str
    auth: str
    payload: str
    ttl_seconds: int = 24 * 3600
    urgency: Literal["very-low", "low", "normal", "high"] = "normal"
    topic: str = ""


class PushSender(HealthCheck, Protocol):
    """Wakes people's browsers."""

    def public_key(self) -> str:
        """What a browser subscribes with: the VAPID key, base64url without padding."""
        ...

    def send(self, message: PushMessage) -> SendResult:
        """Hand ``message`` over. Raises Gone when the browser unsubscribed, else ProviderError."""
        ...
