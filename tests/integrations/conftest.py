"""Mail servers and integrations that speak to them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from estateman.people.models import User
from integrations import services
from integrations.models import Integration
from tests.support.letters import PASSWORD
from tests.support.smtp import SmtpReceiver


@pytest.fixture
def receiver() -> Iterator[SmtpReceiver]:
    """A mail server that accepts everything from everybody."""
    with SmtpReceiver() as running:
        yield running


@pytest.fixture
def locked_receiver() -> Iterator[SmtpReceiver]:
    """A mail server that wants office@harbour.example and the password."""
    with SmtpReceiver(login=("office@harbour.example", PASSWORD)) as running:
        yield running


@pytest.fixture
def smtp(manager: User) -> Callable[..., Integration]:
    """``smtp(port, name=…, password=…, timeout_seconds=…)``: an SMTP integration on this machine."""

    def create(port: int, *, name: str = "Office mail", password: str = "", **fields: Any):
        mode, priority = fields.pop("mode", "live"), fields.pop("priority", 100)
        login = {"username": "office@harbour.example"} if password else {}
        return services.create_integration(
            provider="smtp",
            name=name,
            mode=mode,
            priority=priority,
            config={"host": "127.0.0.1", "port": port, "security": "none", **login, **fields},
            credentials={"password": password} if password else {},
            by=manager,
        )

    return create


@pytest.fixture
def sandbox(manager: User) -> Integration:
    """The post office that delivers nothing."""
    return services.create_integration(
        provider="sandbox", name="Sandbox", mode="sandbox", config={}, credentials={}, by=manager
    )


@pytest.fixture
def closed_port() -> int:
    """A port of this machine that nobody listens on."""
    with SmtpReceiver() as gone:
        port = gone.port
    return port
