"""What a caller is told when a provider did not do what it was asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework.exceptions import APIException

from estateman.common.errors import RuleBroken
from integrations.spi import NoConsent, NoProvider, OutcomeUnknown, ProviderError, Suppressed


class NothingToSendBy(RuleBroken):
    """No integration of this kind is ready."""

    code = "no_provider"


class NotConnected(RuleBroken):
    """The caller has to connect their account at the provider first, or once more."""

    code = "not_connected"


class WantsNone(RuleBroken):
    """The receiver said stop, or nobody lives there."""

    code = "suppressed"


class ProviderRefused(RuleBroken):
    """The provider will never accept this request."""

    code = "provider_refused"


class ProviderUnavailable(APIException):
    """Every provider that may be asked failed, and may work again later."""

    status_code = 503
    default_code = "provider_unavailable"


class ProviderSilent(APIException):
    """The provider may have accepted the request, and did not say so."""

    status_code = 504
    default_code = "outcome_unknown"


@contextmanager
def provider_errors_answered() -> Iterator[None]:
    """Inside, a ProviderError becomes 409 where repeating is no use, 503 or 504 where it is."""
    try:
        yield
    except NoProvider as error:
        raise NothingToSendBy(str(error)) from None
    except Suppressed as error:
        raise WantsNone(str(error)) from None
    except NoConsent as error:
        raise NotConnected(str(error)) from None
    except OutcomeUnknown as error:
        raise ProviderSilent(str(error)) from None
    except ProviderError as error:
        if error.permanent:
            raise ProviderRefused(str(error)) from None
        raise ProviderUnavailable(str(error)) from None
