"""How staff prove who they are: a session on the pages, a bearer token everywhere else."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from estateman.people import login_throttle
from estateman.people.models import User
from estateman.people.permissions import admin_permission


class StaffBackend(ModelBackend):
    """E-mail and password, whatever the e-mail's case; admin rights follow the office role."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The person whose password this is. After too many wrong ones, nobody for a while."""
        email = username or kwargs.get("email") or ""
        if login_throttle.seconds_to_wait(request, email):
            raise PermissionDenied
        user = super().authenticate(request, username=email, password=password)
        if user is None:
            login_throttle.count_failure(request, email)
            return None
        login_throttle.forget_failures(request, email)
        return user

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(getattr(user, "may_sign_in", False))

    def has_perm(self, user_obj: User | AnonymousUser, perm: str, obj: Any = None) -> bool:
        app_label, _, name = perm.partition(".")
        return admin_permission(user_obj, app_label, name.partition("_")[0]) or super().has_perm(user_obj, perm, obj)

    def has_module_perms(self, user_obj: User | AnonymousUser, app_label: str) -> bool:
        return admin_permission(user_obj, app_label, "view") or super().has_module_perms(user_obj, app_label)


class BearerAuthentication(TokenAuthentication):
    """``Authorization: Bearer <token>``: hashed at rest, expiring, revocable."""

    def validate_user(self, auth_token: Any) -> tuple[User, Any]:
        if not auth_token.user.may_sign_in:
            raise AuthenticationFailed("This account may not sign in here.")
        return auth_token.user, auth_token


class PageSessionAuthentication(SessionAuthentication):
    """The pages' session, with CSRF. Answers 401 to strangers, as the contract says."""

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


# Registered by being defined, which is all that mypy has against them.
class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = BearerAuthentication
    name = "bearer"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class PageSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = PageSessionAuthentication
    name = "session"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def caller(request: HttpRequest | Request) -> User:
    """Who sent ``request``. For views that let only signed-in people through."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def credential_of(request: Request) -> str | None:
    """What a request is signed in with, ``token:<digest>`` or ``session:<key>``; None for neither."""
    if isinstance(request.auth, AuthToken):
        return f"token:{request.auth.pk}"
    session = getattr(request, "session", None)
    return f"session:{session.session_key}" if session is not None and session.session_key else None
