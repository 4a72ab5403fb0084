"""What becomes of e-mails and texts, and what people write back."""

from dataclasses import dataclass

from estateman.activity.facts import Fact


@dataclass(frozen=True, kw_only=True)
class MessageFailed(Fact, kind="message.failed"):
    """A message did not arrive, or its receiver called it spam; ``sender_id`` is who had it sent, if anybody."""

    message_id: int
    channel: str
    to: str
    outcome: str
    reason: str
    sender_id: int | None

    def rooms(self) -> tuple[str, ...]:
        return (f"user:{self.sender_id}",) if self.sender_id else ()

    def sentence(self) -> str:
        return f"the {self.channel} to {self.to} {self.outcome}: {self.reason or 'no reason was given'}"


@dataclass(frozen=True, kw_only=True)
class SmsArrived(Fact, kind="sms.received"):
    """Somebody wrote to one of the office's numbers; ``user_id`` is the colleague whose phone it is, if any."""

    integration_id: int
    sender: str
    text: str
    user_id: int | None

    def rooms(self) -> tuple[str, ...]:
        return (f"integration:{self.integration_id}",)

    def sentence(self) -> str:
        return f"{self.sender} wrote: {self.text}"


@dataclass(frozen=True, kw_only=True)
class SuppressionChanged(Fact, kind="suppression.changed"):
    """An address is not written to any more, or may be again; ``by_id`` is empty where its owner said so."""

    channel: str
    address: str
    reason: str
    change: str

    def sentence(self) -> str:
        return f"{self.change} the suppression of {self.address} ({self.reason})"
