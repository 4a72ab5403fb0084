"""What every provider can be asked, and what it answers."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a provider answers; ``detail`` is what the log should say about it."""

    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class SendResult(Answer):
    """That ``provider`` accepted the message, and under which id of its own."""

    provider: str
    provider_message_id: str


@dataclass(frozen=True, kw_only=True)
class Health(Answer):
    """What a check found; ``detail`` says it in a sentence for people."""

    ok: bool


class HealthCheck(Protocol):
    """Every provider can be asked whether it would work now."""

    def check(self) -> Health:
        """Make a real call that changes nothing. Raises ProviderError where it fails."""
        ...
