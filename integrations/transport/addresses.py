"""Which addresses may be spoken to.

Checked where a connection is made, so a name that changes its answer gains nothing.

Without this, whoever may enter an address (a mail server, a calendar, a webhook) could have this
machine speak to its own network: metadata services, databases, routers.
"""

import socket
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

from integrations.spi import Unreachable

Address = IPv4Address | IPv6Address
_NAT64 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ip_network("::/96")


class AddressRefused(Unreachable):
    """The name leads to an address that is not spoken to. Nothing was sent."""

    kind = "address_refused"


def is_public(text: str) -> bool:
    """Whether the numeric address is one of the open internet, in whatever form IPv6 wraps it."""
    address = ip_address(text.partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in (address, *_wrapped(address)))


def is_allowed(text: str) -> bool:
    """Whether the operator lets integrations speak to this address although it is private (PRIVATE_NETWORKS)."""
    address = ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    networks = [ip_network(each, strict=False) for each in settings.PRIVATE_NETWORKS]
    return any((mapped or address) in network for network in networks)


def _wrapped(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 one stands for."""
    if isinstance(address, IPv4Address):
        return
    teredo = address.teredo or ()
    yield from (each for each in (address.ipv4_mapped, address.sixtofour, *teredo) if each is not None)
    if address in _COMPATIBLE or any(address in network for network in _NAT64):
        yield IPv4Address(int(address) & 0xFFFFFFFF)


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
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    for *_, target in found:
        _refuse(host, str(target[0]), only_private=only_private)
    failure: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, target in found:
        try:
            return _open(socket.socket(family, kind, protocol), target, timeout, options)
        except OSError as error:
            failure = error
    raise failure


def _refuse(host: str, address: str, *, only_private: bool) -> None:
    if is_allowed(address):
        return
    if only_private:
        raise AddressRefused(f"{host} would be spoken to without encryption: use https.")
    if not is_public(address):
        raise AddressRefused(f"{host} is inside a private network, which integrations may not reach.")


def _open(
    line: socket.socket, target: object, timeout: float | None, options: Sequence[tuple[int, int, int | bytes]]
) -> socket.socket:
    try:
        for option in options:
            line.setsockopt(*option)
        line.settimeout(timeout)
        line.connect(target)  # type: ignore[arg-type]  # as getaddrinfo gave it
    except OSError:
        line.close()
        raise
    return line
