"""How anything leaves: sockets and HTTP that reach only where they may, and never wait for ever."""

from functools import cached_property

from integrations.transport.addresses import AddressRefused, connect
from integrations.transport.answers import json_object
from integrations.transport.http import CONNECT_SECONDS, OutgoingSession, error_for, retry_after
from integrations.transport.patience import Patient

__all__ = [
    "CONNECT_SECONDS",
    "AddressRefused",
    "Line",
    "OutgoingSession",
    "Patient",
    "connect",
    "error_for",
    "json_object",
    "retry_after",
]


class Line:
    """What leads outside during one call of a provider."""

    @cached_property
    def http(self) -> OutgoingSession:
        """A session of its own; connections underneath are shared and reused."""
        return OutgoingSession()

    connect = staticmethod(connect)
