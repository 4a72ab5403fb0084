"""Which addresses may be spoken to.

Checked where a connection is made, so a name that changes its answer gains nothing.

Without this, whoever may enter an address (a mail server, a calendar, a webhook) could have this
machine speak to its own network: metadata services, databases, routers.
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings

from integrations.spi import Unreachable

MOST_ADDRESSES = 4
"""Of one name. Each may take a whole time-out, and a name can have hundreds."""

_OPEN_INTERNET_V6 = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_NOT_SAID_TO_BE_PRIVATE = (
    ip_network("192.0.0.0/24"),  # protocols' own, and a metadata service of Oracle's
    ip_network("192.88.99.0/24"),  # relays of 6to4
    ip_network("168.63.129.16/32"),  # what every machine at Azure is managed by
)


class AddressRefused(Unreachable):
    """The name leads to an address that is not spoken to. Nothing was sent."""

    kind = "address_refused"


def is_public(text: str) -> bool:
    """Whether the numeric address is one of the open internet, in whatever form IPv6 wraps it."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv4Address):
        return _is_public(address)
    if address in _NAT64:
        return _is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if address not in _OPEN_INTERNET_V6 or not address.is_global:
        return False
    return address.sixtofour is None or _is_public(address.sixtofour)


def _is_public(address: IPv4Address) -> bool:
    if any(address in network for network in _NOT_SAID_TO_BE_PRIVATE):
        return False
    return address.is_global and not address.is_multicast


def is_allowed(text: str) -> bool:
    """Whether the operator lets integrations speak to this address although it is private (PRIVATE_NETWORKS)."""
    address = ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    networks = [ip_network(each, strict=False) for each in settings.PRIVATE_NETWORKS]
    return any((mapped or address) in network for network in networks)


def connect(
    host: str,
    port: int,
    *,
    timeout: float | None,
    only_private: bool = False,
    options: Sequence[tuple[int, int, int | bytes]] = (),
) -> socket.socket:
    """A TCP connection to the first of the ``host``'s addresses that answers.

    Raises AddressRefused when one of them may not be spoken to, or, with ``only_private``, when one
    is not among PRIVATE_NETWORKS; OSError as ``socket.create_connection`` does.
    """
    found = _look_up(host.strip("[]"), port)
    for *_, target in found:
        _refuse(host, str(target[0]), only_private=only_private)
    failure = OSError(f"{host} has no address")
    for family, kind, protocol, _, target in found[:MOST_ADDRESSES]:
        try:
            return _open(socket.socket(family, kind, protocol), target, timeout, options)
        except OSError as error:
            failure = error
    raise failure


def _look_up(host: str, port: int) -> list[Any]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except ValueError:  # too long, or with characters that no name has
        raise OSError("This is not the name of a host") from None


def _refuse(host: str, address: str, *, only_private: bool) -> None:
    if is_allowed(address):
        return
    if only_private:
        raise AddressRefused(f"{host} would be spoken to without encryption: use https.")
    if not is_public(address):
        raise AddressRefused(f"{host} is inside a private network, which integrations may not reach.")


def _open(
    line: socket.socket, target: Any, timeout: float | None, options: Sequence[tuple[int, int, int | bytes]]
) -> socket.socket:
    try:
        for option in options:
            line.setsockopt(*option)
        line.settimeout(timeout)
        line.connect(target)
    except OSError:
        line.close()
        raise
    return line
