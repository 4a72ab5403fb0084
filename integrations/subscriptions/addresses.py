"""Which addresses may be subscribed. Where a name leads is checked again at each connection (transport)."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

from integrations.transport.addresses import is_allowed, is_public

LONGEST = 500


def check_url(url: str) -> str:
    """``url`` as it may be kept. Raises ValidationError that says what is wrong with it.

    Only https; plain http is for PRIVATE_NETWORKS. No user or password: they would be shown with it.
    """
    if not (url.isascii() and url.isprintable()) or any(mark in url for mark in ' \\<>"') or len(url) > LONGEST:
        raise _refusal(f"Write the address in ASCII, without spaces, up to {LONGEST} characters long.")
    parts = _split(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise _refusal("This must be an address like https://hooks.example.com/estateman.")
    if "@" in parts.netloc:
        raise _refusal("Leave out the user and password: the signature says who sends.")
    if "#" in url:
        raise _refusal("Leave out what follows #: it would never be sent.")
    _check_host(parts.scheme, parts.hostname)
    return url


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise _refusal("This is no address.") from None
    return parts


def _check_host(scheme: str, host: str) -> None:
    number = _as_number(host)
    if scheme == "http" and not (is_allowed(number) if number else settings.PRIVATE_NETWORKS):
        raise _refusal("Use https: without encryption only PRIVATE_NETWORKS are spoken to.")
    if number and not (is_allowed(number) or is_public(number)):
        raise _refusal("This address is inside a private network, which webhooks may not reach.")


def _as_number(host: str) -> str:
    """``host`` where it is an address itself, else nothing."""
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        return ""


def _refusal(why: str) -> ValidationError:
    return ValidationError({"url": why})
