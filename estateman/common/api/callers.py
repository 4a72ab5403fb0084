"""Who calls the API, and which class of route: what limits and figures are kept by."""

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Final

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:  # DRF's views import this module through its settings
    from rest_framework.views import APIView

READ: Final = "read"
WRITE: Final = "write"
SEND: Final = "send"
"""Sends something to somebody, or moves money."""
AUTH: Final = "auth"
WEBHOOKS: Final = "webhooks"
ROUTE_CLASSES: Final = (READ, WRITE, SEND, AUTH, WEBHOOKS)
OF_ADDRESS: Final = "address:"
_NETWORK_BITS = 64
_READING = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request; ``name`` is ``token:…``, ``session:<user>`` or ``address:…``."""

    name: str
    user_id: int | None = None


def caller_of(request: Request) -> Caller:
    """The token, or else the person, or else the address that ``request`` comes from.

    A token goes by the start of its key, as ``GET /api/v1/auth/tokens`` lists it; of an address of IPv6 its
    network counts.
    """
    if not request.user.is_authenticated:
        return Caller(f"{OF_ADDRESS}{_network_of(str(BaseThrottle().get_ident(request)))}"[:120])
    key = getattr(request.auth, "token_key", None)
    return Caller(f"token:{key}" if key else f"session:{request.user.pk}", request.user.pk)


def _network_of(address: str) -> str:
    """Where one host has 2**64 addresses of IPv6 to choose from, all of them together; else ``address``."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return address
    return str(known.ipv4_mapped or IPv6Network((int(known), _NETWORK_BITS), strict=False))


def route_class_of(request: Request, view: "APIView") -> str:
    """What ``request`` does: its view's ``throttle_scope``, unless it only reads."""
    if request.method in _READING:
        return READ
    return getattr(view, "throttle_scope", None) or WRITE
