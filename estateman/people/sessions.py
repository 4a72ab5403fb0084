"""Signing out: the credential goes, and every live socket that stood on it is told to look again."""

from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from knox.models import AuthToken

from estateman.live.hints import send_hint
from estateman.people.models import User


def end_session(request: HttpRequest) -> None:
    """Sign the pages' session of ``request`` out."""
    logout(request)


def revoke_token(token: AuthToken) -> None:
    """That token opens nothing any more."""
    token.delete()
    tell_sockets(token.user_id)


@transaction.atomic
def sign_out_everywhere(user: User) -> None:
    """Revoke every token of ``user`` and end every session."""
    AuthToken.objects.filter(user=user).delete()
    for session in Session.objects.all().iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
    transaction.on_commit(lambda: tell_sockets(user.pk))


def tell_sockets(user_id: int) -> None:
    """Have the user's live sockets ask again whether they may stay."""
    send_hint("signed_out", user_id=user_id)


def _on_page_logout(sender: Any, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        tell_sockets(user.pk)


def watch_page_logouts() -> None:
    """Django's own log-out view says so by its signal only. Called once, when the app is ready."""
    user_logged_out.connect(_on_page_logout, dispatch_uid="tell sockets")
