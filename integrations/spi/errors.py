"""The words in which a provider speaks of trouble."""

from typing import ClassVar


class ProviderError(Exception):
    """A provider did not do what it was asked.

    ``permanent`` says that the same request will never be accepted (nobody lives at that address);
    otherwise nothing was accepted and a later try may succeed, not before ``retry_after`` seconds
    where the provider named them. ``kind`` is the one word that the log is filtered by.
    """

    kind: ClassVar[str] = ""

    def __init__(self, message: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after

    @property
    def error_kind(self) -> str:
        """``rejected`` when permanent, else ``transient``, unless a subclass knows better."""
        return self.kind or ("rejected" if self.permanent else "transient")


class Unreachable(ProviderError):
    """No connection, or none that could be used. Nothing was accepted."""

    kind = "unreachable"


class BreakerOpen(Unreachable):
    """It failed so often that nobody asks it for a while. Nothing was sent."""

    kind = "breaker_open"


class RateLimited(ProviderError):
    """Too many calls, by its own word or by what we allow ourselves. Nothing was accepted."""

    kind = "rate_limited"


class AuthFailed(ProviderError):
    """The credentials are not accepted. Nothing was; the message may go once they are repaired."""

    kind = "auth"


class OutcomeUnknown(ProviderError):
    """The line broke after the request was handed over: it may have been accepted.

    Nobody else may be asked to do the same; what became of it is found out by reading.
    """

    kind = "unknown"


class Gone(ProviderError):
    """What was spoken to is no more, like a browser's push subscription. Always permanent."""

    kind = "gone"

    def __init__(self, message: str, *, permanent: bool = True, retry_after: float | None = None) -> None:
        super().__init__(message, permanent=permanent, retry_after=retry_after)


class CursorExpired(ProviderError):
    """The cursor is good no more: all has to be listed anew. Always permanent."""

    kind = "cursor_expired"

    def __init__(self, message: str, *, permanent: bool = True, retry_after: float | None = None) -> None:
        super().__init__(message, permanent=permanent, retry_after=retry_after)


class PreconditionFailed(ProviderError):
    """It was changed meanwhile: another etag stands there. Nothing was accepted. Always permanent."""

    kind = "precondition_failed"

    def __init__(self, message: str, *, permanent: bool = True, retry_after: float | None = None) -> None:
        super().__init__(message, permanent=permanent, retry_after=retry_after)


class NoConsent(ProviderError):
    """The person has not allowed it, or no longer: they have to, at the vendor. Always permanent."""

    kind = "no_consent"

    def __init__(self, message: str, *, permanent: bool = True, retry_after: float | None = None) -> None:
        super().__init__(message, permanent=permanent, retry_after=retry_after)


class Suppressed(ProviderError):
    """The receiver said stop, or nobody lives there. Always permanent, until that is taken back."""

    kind = "suppressed"

    def __init__(self, message: str, *, permanent: bool = True, retry_after: float | None = None) -> None:
        super().__init__(message, permanent=permanent, retry_after=retry_after)


class NoProvider(ProviderError):
    """No integration of this kind is ready to be used."""

    kind = "no_provider"


class InvalidConfig(Exception):
    """A setting or a credential can't work; ``field`` is its full name, like ``config.port``."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


class WebhookRefused(Exception):
    """What came in is not proven to come from the vendor, or says nothing that can be read."""
