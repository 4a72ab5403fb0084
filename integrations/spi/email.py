"""Providers of kind ``email``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from integrations.spi.answers import HealthCheck, SendResult


@dataclass(frozen=True, kw_only=True)
class EmailMessage:
    """One message to one person. ``message_id`` stays the same however often it is tried."""

    to: str
    from_email: str
    subject: str
    text: str
    message_id: str
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class EmailSender(HealthCheck, Protocol):
    """Hands messages to people's mailboxes."""

    def send(self, message: EmailMessage) -> SendResult:
        """Hand ``message`` over; return once it is accepted. Raises ProviderError."""
        ...
