"""Providers against stand-ins of their vendors that nobody here wrote (`make test-standins`)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.support import standins
from tests.support.standins import StandIn


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/standins" in item.path.as_posix():
            item.add_marker(pytest.mark.standins)


@pytest.fixture(scope="session")
def prism() -> Iterator[Callable[[str], StandIn]]:
    """``prism("twilio_api_v2010.json")``: one mock per description, for the whole run."""
    with ExitStack() as stack:
        running: dict[str, StandIn] = {}

        def start(spec: str) -> StandIn:
            if spec not in running:
                running[spec] = stack.enter_context(standins.prism(spec))
            return running[spec]

        yield start


@pytest.fixture(scope="session")
def stripe_server() -> Iterator[StandIn]:
    with standins.localstripe() as running:
        yield running


@pytest.fixture(scope="session")
def mountebank(tmp_path_factory) -> Iterator[StandIn]:
    with standins.mountebank(tmp_path_factory.mktemp("mountebank")) as running:
        yield running


@pytest.fixture
def radicale(tmp_path) -> Iterator[StandIn]:
    with standins.radicale(tmp_path / "calendars") as running:
        yield running


@pytest.fixture(scope="session")
def push_service() -> Iterator[StandIn]:
    with standins.web_push_testing() as running:
        yield running
