"""Secret addresses of calendar feeds: calendar programs sign in with nothing else."""

import hashlib
import secrets

from estateman.common import clock
from estateman.people.models import FeedToken, User

_BYTES = 32


def open_feed(user: User, feed: str) -> str:
    """A new secret for ``feed`` of ``user``. It is told this once, and the one before opens nothing any more."""
    secret = secrets.token_urlsafe(_BYTES)
    fresh = {"digest": _digest(secret), "created_at": clock.now()}
    FeedToken.objects.update_or_create(user=user, feed=feed, defaults=fresh)
    return secret


def close_feed(user: User, feed: str) -> None:
    """Let no secret open ``feed`` of ``user`` any more."""
    FeedToken.objects.filter(user=user, feed=feed).delete()


def feed_owner(feed: str, secret: str) -> User | None:
    """Whose ``feed`` the secret opens; nobody's once they may not sign in."""
    found = FeedToken.objects.filter(feed=feed, digest=_digest(secret)).select_related("user").first()
    return found.user if found and found.user.may_sign_in else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
