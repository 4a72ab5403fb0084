"""Providers of kind ``email``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from integrations.spi.answers import HealthCheck, SendResult

CALENDAR_FILE = "invite.ics"
"""What the calendar part is called where it is attached as well."""


@dataclass(frozen=True, kw_only=True)
class EmailMessage:
    """One message to one person. ``message_id`` stays the same however often it is tried.

    ``calendar`` is what the receiver's calendar program is told: an iCalendar object with a METHOD (iTIP, RFC 6047).
    """

    to: str
    from_email: str
    subject: str
    text: str
    message_id: str
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    calendar: str = ""

    @property
    def calendar_type(self) -> str:
        """The media type of ``calendar``: its method must stand there too, or it is no more than an attached file."""
        method = re.search(r"^METHOD:([A-Z]+)\s*$", self.calendar, re.MULTILINE)
        return f"text/calendar; method={method[1]}" if method else "text/calendar"


class EmailSender(HealthCheck, Protocol):
    """Hands messages to people's mailboxes."""

    def send(self, message: EmailMessage) -> SendResult:
        """Hand ``message`` over; return once it is accepted. Raises ProviderError."""
        ...
