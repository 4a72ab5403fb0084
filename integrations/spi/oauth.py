"""Providers that act for a person who allowed it at the vendor (OAuth 2, RFC 6749 and 7636)."""

from dataclasses import dataclass

from integrations.sealing import Secret
from integrations.spi.answers import Answer


@dataclass(frozen=True)
class OAuthApp:
    """Where a provider's consent is asked for and its tokens come from.

    The addresses may hold ``{names}`` of settings of its config. ``extra`` goes along to the
    consent page; ``revoke_url`` is empty where the vendor has none (RFC 7009). The client's id is
    the setting ``client_id``, its secret the credential ``client_secret``; the provider gets the
    tokens among its secrets, as ``access_token``.
    """

    authorize_url: str
    token_url: str
    scopes: tuple[str, ...]
    extra: tuple[tuple[str, str], ...] = ()
    revoke_url: str = ""


@dataclass(frozen=True, kw_only=True)
class TokenSet(Answer):
    """What the vendor's token endpoint gave. ``refresh`` is empty where the old one stays good."""

    access: Secret
    refresh: Secret
    expires_in_seconds: int
    scopes: str = ""
