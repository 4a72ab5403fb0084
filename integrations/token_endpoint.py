"""Where a vendor trades consents for tokens, and takes tokens back (RFC 6749, 7009 and 7636)."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from integrations.models import Integration
from integrations.redaction import redact
from integrations.registry import find_provider
from integrations.schema import read_config
from integrations.sealing import Secret
from integrations.spi import (
    Answer,
    AuthFailed,
    InvalidConfig,
    NoConsent,
    OAuthApp,
    OutcomeUnknown,
    ProviderError,
    TokenSet,
)
from integrations.transport import Line, error_for, json_object

CONSENT_ENDED = {"invalid_grant", "interaction_required", "consent_required", "login_required"}
CLIENT_REFUSED = {"invalid_client", "unauthorized_client"}
USUAL_SECONDS = 3600
"""How long an access token lives where the vendor does not say."""
LONGEST_SECONDS = 365 * 24 * 3600


def consent_address(integration: Integration, *, state: Secret, verifier: Secret, redirect_uri: str) -> str:
    """The vendor's page where the person is asked. Raises InvalidConfig."""
    app, config = _app_of(integration)
    asked = {
        "response_type": "code",
        "client_id": config["client_id"],
        "redirect_uri": redirect_uri,
        "scope": " ".join(app.scopes),
        "state": state.reveal(),
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
        **dict(app.extra),
    }
    address = app.authorize_url.format_map(config)
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _app_of(integration: Integration) -> tuple[OAuthApp, dict[str, Any]]:
    provider = find_provider(integration.provider)
    if provider is None or provider.oauth is None:
        raise InvalidConfig("provider", f"{integration.provider} asks nobody for consent.")
    return provider.oauth, asdict(read_config(provider.config, integration.config))


def _challenge(verifier: Secret) -> str:
    digest = hashlib.sha256(verifier.reveal().encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class TokenEndpoint:
    """What the door builds instead of the provider where tokens are made or taken back."""

    def __init__(self, integration: Integration, secrets: Mapping[str, Secret], line: Line) -> None:
        self._app, self._config = _app_of(integration)
        self._secrets, self._line = secrets, line

    def exchange(self, code: Secret, *, verifier: Secret, redirect_uri: str) -> TokenSet:
        """Trade the ``code`` that the person came back with. Raises ProviderError."""
        asked = {"grant_type": "authorization_code", "redirect_uri": redirect_uri}
        return self._tokens(asked, {"code": code, "code_verifier": verifier})

    def refresh(self) -> TokenSet:
        """New tokens for those that end. Raises NoConsent when the vendor takes them no longer, else ProviderError."""
        token = self._secrets.get("refresh_token", Secret(""))
        if not token:
            raise NoConsent("The vendor gave nothing by which its consent could be renewed.")
        return self._tokens({"grant_type": "refresh_token"}, {"refresh_token": token})

    def revoke(self) -> Answer:
        """Let its tokens hold no longer, where the vendor can be told. Raises ProviderError."""
        token = self._secrets.get("refresh_token") or self._secrets.get("access_token", Secret(""))
        if not (self._app.revoke_url and token):
            return Answer(detail="The vendor is not told: there is nothing to take back, or nowhere.")
        response = self._line.http.post(self._app.revoke_url.format_map(self._config), data={"token": token.reveal()})
        if response.status_code >= 300 and _error_in(response) != "invalid_token":  # it was taken back before
            raise error_for(response, "the vendor did not take its tokens back")
        return Answer(detail="The vendor took its tokens back.")

    def _tokens(self, asked: Mapping[str, str], proof: Mapping[str, Secret]) -> TokenSet:
        proof = {**proof, "client_secret": self._secrets.get("client_secret", Secret(""))}
        response = self._line.http.post(
            self._app.token_url.format_map(self._config),
            data={
                **asked,
                "client_id": self._config["client_id"],
                **{name: secret.reveal() for name, secret in proof.items()},
            },
            headers={"Accept": "application/json"},
        )
        error = _error_in(response)
        if error or response.status_code >= 300:
            # The door masks the secrets that it knows of, and of a code it knows nothing.
            words = redact(f"{error} {json_object(response).get('error_description', '')}".strip(), proof.values())
            raise _refusal(response, error, words)
        return _read(json_object(response))


def _error_in(response: Any) -> str:
    error = json_object(response).get("error", "")
    return error if isinstance(error, str) else "error"


def _refusal(response: Any, error: str, words: str) -> ProviderError:
    if error in CONSENT_ENDED:
        return NoConsent(f"The vendor does not take this consent (any more): {words}")
    if error in CLIENT_REFUSED:
        return AuthFailed(f"The vendor does not know this client, or not by this secret: {words}")
    if response.status_code < 400:
        return ProviderError(f"The vendor gave no tokens: {words or response.status_code}", permanent=True)
    return error_for(response, words or "the vendor gave no tokens")


def _read(answer: Mapping[str, Any]) -> TokenSet:
    access, refresh = answer.get("access_token"), answer.get("refresh_token") or ""
    if not (isinstance(access, str) and access and isinstance(refresh, str)):
        raise OutcomeUnknown("The vendor answered something that holds no tokens.")
    seconds = _seconds(answer.get("expires_in"))
    return TokenSet(
        access=Secret(access),
        refresh=Secret(refresh),
        expires_in_seconds=seconds,
        scopes=str(answer.get("scope") or "")[:2000],
        detail=f"Tokens for {seconds} s.",
    )


def _seconds(told: Any) -> int:
    """Some send the number as a text."""
    text = str(told)
    return min(int(text[:9]), LONGEST_SECONDS) if text.isascii() and text.isdigit() else USUAL_SECONDS
