"""Who is at the other end of a socket: a bearer token, a single-use ticket, or the pages' session."""

from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.request import validate_host
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from estateman.common import clock
from estateman.people.auth import BearerAuthentication
from estateman.people.models import User
from notifications.services import redeem_ticket

PROTOCOL = "estateman.v1"
Scope = dict[str, Any]
SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


class WrongOrigin(Exception):
    """Another site's page tried to use our user's cookie."""


@dataclass(frozen=True)
class Identity:
    """A user, and whether what proved them still stands (asked again while the socket lives)."""

    user: User
    still_stands: Callable[[], bool]


def identify(scope: Scope) -> Identity | None:
    """Who opens this socket; None for nobody. Raises WrongOrigin before any cookie is believed."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _by_token(token)
    if ticket := _offered_ticket(scope):
        return _by_ticket(ticket)
    if "origin" in headers and not _is_our_origin(headers["origin"], headers.get("host", "")):
        raise WrongOrigin
    cookie = SimpleCookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if cookie is None:
        return None
    if "origin" not in headers:
        raise WrongOrigin
    return _by_session(cookie.value)


def _is_our_origin(origin: str, host: str) -> bool:
    """WebSockets are not covered by CORS: without this check any page could ride on our user's session."""
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    parts = urlsplit(origin)
    return parts.netloc == host and validate_host(parts.hostname or "", settings.ALLOWED_HOSTS)


def _offered_ticket(scope: Scope) -> str:
    return next((name[7:] for name in scope.get("subprotocols", ()) if name.startswith("ticket.")), "")


def _by_token(token: str) -> Identity | None:
    try:
        user, auth_token = BearerAuthentication().authenticate_credentials(token.strip().encode())
    except AuthenticationFailed:
        return None
    return Identity(user, lambda: _credential_stands(f"token:{auth_token.pk}", user.pk))


def _by_ticket(ticket: str) -> Identity | None:
    used = redeem_ticket(ticket)
    if used is None or not _credential_stands(used.credential, used.user_id):
        return None
    return Identity(used.user, lambda: _credential_stands(used.credential, used.user_id))


def _by_session(key: str) -> Identity | None:
    user = _session_user(key)
    if user is None:
        return None
    return Identity(user, lambda: _credential_stands(f"session:{key}", user.pk))


def _session_user(key: str) -> User | None:
    request = HttpRequest()
    request.session = SessionStore(key)
    user = get_user(request)
    return user if isinstance(user, User) else None


def _credential_stands(credential: str, user_id: int) -> bool:
    """Whether that token or session is still good and still that user's."""
    kind, _, key = credential.partition(":")
    if kind == "session":
        user = _session_user(key)
        return user is not None and user.pk == user_id
    token = AuthToken.objects.select_related("user").filter(pk=key, user=user_id, expiry__gt=clock.now()).first()
    return token is not None and token.user.may_sign_in
