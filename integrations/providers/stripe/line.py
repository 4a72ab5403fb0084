"""Stripe's SDK on our line, and its errors in the house's words."""

import logging
from collections.abc import Mapping
from typing import Any

import requests
import stripe

from integrations.spi import OutcomeUnknown, ProviderError, RateLimited
from integrations.transport import Line, error_for, retry_after

# The SDK logs answers and refusals as they come, and nothing masks the secrets in them. The door keeps a log that is.
logging.getLogger("stripe").setLevel(logging.WARNING)

_UNDECIDED = {409, 424}
"""The first call with this key is still under way; somebody behind Stripe did not answer."""


class HttpClient(stripe.HTTPClient):
    """The SDK's requests on our line, which raises ProviderError itself.

    The SDK repeats nothing and tells Stripe neither how long we waited nor about this machine.
    """

    name = "estateman"

    def __init__(self, line: Line) -> None:
        super().__init__()
        self.line = line
        self.answered: requests.Response | None = None

    def request_with_retries(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        post_data: Any = None,
        max_network_retries: int | None = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        sent = {name: value for name, value in headers.items() if name != "X-Stripe-Client-User-Agent"}
        self.answered = None
        self.answered = answer = self.line.http.request(method, url, headers=sent, data=post_data)
        return answer.content.decode("utf-8", "replace"), answer.status_code, answer.headers

    def close(self) -> None:
        """The connections are everybody's."""


def refusal(error: stripe.StripeError, answered: requests.Response | None) -> ProviderError:
    told = (error.user_message or type(error).__name__)[:300]
    if answered is None:
        return ProviderError(f"Stripe's library refused to send this: {told}", permanent=True)
    if isinstance(error, stripe.RateLimitError):
        return RateLimited(told, retry_after=retry_after(answered))
    if answered.status_code < 300 or answered.status_code in _UNDECIDED:
        return _undecided(answered, told)
    return error_for(answered, told)


def unreadable(answered: requests.Response) -> ProviderError:
    """For an answer that is none of Stripe's, although it looks like one."""
    return _undecided(answered, "The answer is not Stripe's.")


def _undecided(answered: requests.Response, told: str) -> ProviderError:
    words = f"{answered.status_code}: {told}"
    return OutcomeUnknown(words) if answered.request.method == "POST" else ProviderError(words)
