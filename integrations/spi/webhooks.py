"""Providers that call us: how what comes in is proven, and what it may say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from integrations.sealing import Secret


@dataclass(frozen=True, kw_only=True)
class RawRequest:
    """A request as it came in. ``headers`` by lower-case name; ``url`` as the outside world sees it."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Verified:
    """One thing that the vendor certainly told us; one request may hold several.

    ``event_id`` is the same when the vendor tells it again. ``once`` is a token that the vendor
    never uses twice, where its signature covers no more than that. ``is_live`` is None where the
    vendor does not say.
    """

    event_id: str
    kind: str
    payload: Any
    occurred_at: datetime | None = None
    is_live: bool | None = None
    once: str = ""


@dataclass(frozen=True, kw_only=True)
class Handshake:
    """The answer by which a vendor learns that we are there."""

    body: str = ""
    content_type: str = "text/plain"
    status: int = 200


class TrackedState(StrEnum):
    """What became of a message after it was accepted, at every provider alike; RANKS is their order."""

    QUEUED = "queued"
    SENT = "sent"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    FAILED = "failed"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


RANKS: dict[TrackedState, int] = {
    TrackedState.QUEUED: 0,
    TrackedState.SENT: 1,
    TrackedState.DEFERRED: 2,
    TrackedState.DELIVERED: 3,
    TrackedState.FAILED: 4,
    TrackedState.BOUNCED: 5,
    TrackedState.OPENED: 6,
    TrackedState.CLICKED: 7,
    TrackedState.UNSUBSCRIBED: 8,
    TrackedState.COMPLAINED: 9,
}
"""Vendors tell in any order: what ranks lower than what is known came late and says nothing new.

A mailbox may accept a message and bounce it afterwards; what was opened did arrive.
"""


@dataclass(frozen=True, kw_only=True)
class MessageTracked:
    """A message moved on. It is found by the provider's id of it, or by ours (``key``)."""

    state: TrackedState
    provider_message_id: str = ""
    key: str = ""
    recipient: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class SmsReceived:
    """Somebody wrote back."""

    sender: str
    recipient: str
    text: str
    provider_message_id: str


@dataclass(frozen=True, kw_only=True)
class PaymentMoved:
    """Something happened to a payment; what it is now has to be fetched. ``key`` is its request's."""

    ref: str
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class CalendarChanged:
    """Something changed in a calendar that we watch; what it is has to be fetched."""

    channel: str
    resource: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


TEXT_RECEIVED = "message.received"
"""The kind of every event that is an SmsReceived, whatever its vendor calls it."""

Happening = MessageTracked | SmsReceived | PaymentMoved | CalendarChanged


class Webhooks(Protocol):
    """A provider that calls us."""

    def handshake(self, request: RawRequest) -> Handshake | None:
        """The answer, if this is the vendor asking whether we are there; it needs no proof."""
        ...

    def verify(self, request: RawRequest, secrets: Sequence[Secret], now: datetime) -> Sequence[Verified]:
        """What the request certainly says. Every one of ``secrets`` is tried, in constant time.

        Raises WebhookRefused when none proves it, when it is older than the vendor's tolerance, or
        when it can't be read.
        """
        ...

    def read(self, event: Verified) -> Sequence[Happening]:
        """What a verified event means to us; nothing when it is of no interest."""
        ...
