"""Providers of kind ``sms``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from integrations.spi.answers import HealthCheck, SendResult


@dataclass(frozen=True, kw_only=True)
class SmsMessage:
    """One text to one number, ``+12125550123``. Its deliveries are reported to ``callback_url``."""

    to: str
    text: str
    key: str
    callback_url: str = ""


class SmsSender(HealthCheck, Protocol):
    """Hands texts to people's phones."""

    def send(self, message: SmsMessage) -> SendResult:
        """Hand ``message`` over; return once it is accepted. Raises ProviderError."""
        ...

    def find(self, message: SmsMessage, since: datetime) -> SendResult | None:
        """What became of ``message``, if it was accepted at or after ``since``; None when it was not."""
        ...
