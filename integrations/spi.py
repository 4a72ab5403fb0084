"""What a provider is: the abilities it may have, and the two words in which it speaks of trouble.

A provider lives in one file of integrations/providers/ (see docs/adding-a-provider.md). It knows
its vendor and nothing else: no models, no settings, no log. It is built with its config and
credentials for one call, and may refuse what can't work by raising InvalidConfig.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol


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


class EmailSender(HealthCheck, Protocol):
    """Providers of kind ``email``."""

    def send(self, message: EmailMessage) -> SendResult:
        """Hand ``message`` over; return once it is accepted. Raises ProviderError."""
        ...


class ProviderError(Exception):
    """A provider did not do what it was asked.

    ``permanent`` says that the same request will never be accepted (nobody lives at that address);
    otherwise a later try may succeed. ``kind`` is the one word that the log is filtered by.
    """

    kind: ClassVar[str] = ""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent

    @property
    def error_kind(self) -> str:
        """``rejected`` when permanent, else ``transient``, unless a subclass knows better."""
        return self.kind or ("rejected" if self.permanent else "transient")


class Unreachable(ProviderError):
    """No connection, or none that could be used. Nothing was accepted."""

    kind = "unreachable"


class AuthFailed(ProviderError):
    """The credentials are not accepted. Nothing was; the message may go once they are repaired."""

    kind = "auth"


class OutcomeUnknown(ProviderError):
    """The line broke after the request was handed over: it may have been accepted.

    Nobody else may be asked to do the same; the same provider may, where it can tell a repetition.
    """

    kind = "unknown"


class NoProvider(ProviderError):
    """No integration of this kind is ready to be used."""

    kind = "no_provider"


class InvalidConfig(Exception):
    """A setting or a credential can't work; ``field`` is its full name, like ``config.port``."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail
