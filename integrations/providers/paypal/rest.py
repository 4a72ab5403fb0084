"""PayPal's REST calls on our line: its tokens, and its errors in the house's words."""

import json
import threading
import time
from dataclasses import dataclass
from typing import Any

import requests

from integrations.sealing import Secret
from integrations.spi import Gone, OutcomeUnknown, ProviderError
from integrations.transport import Line, error_for

_EARLY_SECONDS = 60
"""A token is not used in its last minute: it might run out on the way."""
_MOST_TOKENS = 100


@dataclass(frozen=True)
class App:
    """The app at PayPal that we act as, and where its tokens come from."""

    client_id: str
    secret: Secret
    token_url: str


@dataclass(frozen=True)
class _Token:
    bearer: Secret
    ends_at: float


class _Tokens:
    """The tokens of this process: each is fetched by one thread, used by all, and shown to nobody."""

    def __init__(self) -> None:
        self._tokens: dict[App, _Token] = {}
        self._locks: dict[App, threading.Lock] = {}

    def of(self, app: App, line: Line) -> Secret:
        with self._locks.setdefault(app, threading.Lock()):
            kept = self._tokens.get(app)
            if kept is None or kept.ends_at <= time.monotonic():
                kept = self._keep(app, fetch_token(app, line))
            return kept.bearer

    def forget(self, app: App, bearer: Secret) -> None:
        """Unless it was replaced already."""
        kept = self._tokens.get(app)
        if kept is not None and kept.bearer == bearer:
            self._tokens.pop(app, None)

    def _keep(self, app: App, told: dict[str, Any]) -> _Token:
        if len(self._tokens) >= _MOST_TOKENS:
            self._tokens.clear()
        lasts = float(told.get("expires_in") or 0) - _EARLY_SECONDS
        token = self._tokens[app] = _Token(Secret(str(told["access_token"])), time.monotonic() + lasts)
        return token


tokens = _Tokens()


def fetch_token(app: App, line: Line) -> dict[str, Any]:
    """A new token, as PayPal tells it. Raises ProviderError: AuthFailed for a wrong secret.

    Nothing moves by asking for one, so its outcome is never unknown.
    """
    try:
        answer = line.http.post(
            app.token_url, data={"grant_type": "client_credentials"}, auth=(app.client_id, app.secret.reveal())
        )
        told = _read(answer)
    except OutcomeUnknown as error:
        raise ProviderError(str(error)) from None
    if not told.get("access_token"):
        raise ProviderError("PayPal answered without a token.")
    return told


class Rest:
    """Calls in the name of one app."""

    def __init__(self, api_url: str, app: App, line: Line) -> None:
        self.api_url, self.app, self.line = api_url, app, line
        self.wrote = False
        """Whether what was asked last may have changed something."""

    def get(self, path: str) -> dict[str, Any]:
        return self._ask("GET", path)

    def post(self, path: str, body: Any, *, key: str) -> dict[str, Any]:
        """``key`` is PayPal's idempotency key. Raises ProviderError."""
        return self._ask("POST", path, body, {"PayPal-Request-Id": key, "Prefer": "return=representation"})

    def patch(self, path: str, body: Any) -> None:
        self._ask("PATCH", path, body)

    def _ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        bearer = tokens.of(self.app, self.line)
        answer = self._send(method, path, body, headers, bearer)
        if answer.status_code == 401:
            # PayPal may take a token back before its time. Nothing was accepted, so a new one may try.
            tokens.forget(self.app, bearer)
            answer = self._send(method, path, body, headers, tokens.of(self.app, self.line))
        return _read(answer)

    def _send(
        self, method: str, path: str, body: Any, headers: dict[str, str] | None, bearer: Secret
    ) -> requests.Response:
        self.wrote = method != "GET"
        return self.line.http.request(
            method,
            f"{self.api_url}{path}",
            headers={
                "Content-Type": "application/json",
                **(headers or {}),
                "Authorization": f"Bearer {bearer.reveal()}",
            },
            data=None if body is None else json.dumps(body),
        )


def _read(answer: requests.Response) -> dict[str, Any]:
    if answer.status_code == 409:  # the first call with this key is still under way
        raise OutcomeUnknown(f"409: {_reason(answer)}")
    if answer.status_code == 404 and _is_forgotten(answer):
        raise Gone(f"404: {_reason(answer)}")
    if answer.status_code >= 300:
        raise error_for(answer, _reason(answer))
    if not answer.content:
        return {}
    told = _json(answer)
    if not isinstance(told, dict):
        words = "The answer is not PayPal's."
        raise ProviderError(words) if answer.request.method == "GET" else OutcomeUnknown(words)
    return told


def _is_forgotten(answer: requests.Response) -> bool:
    """PayPal says itself that there is no such thing (any more); other 404s are of whatever stands before it."""
    told = _json(answer)
    return isinstance(told, dict) and told.get("name") == "RESOURCE_NOT_FOUND"


def _reason(answer: requests.Response) -> str:
    """What PayPal says is wrong, with the number by which its support finds the call."""
    told = _json(answer)
    if not isinstance(told, dict):
        return answer.reason or "no reason given"
    details = told.get("details")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    issue = first.get("issue") or told.get("name") or told.get("error") or ""
    words = first.get("description") or told.get("message") or told.get("error_description") or ""
    debug = f" (debug id {told['debug_id']})" if told.get("debug_id") else ""
    return f"{issue}: {words}{debug}"[:400]


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
