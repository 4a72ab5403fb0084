"""The fixed cast and the tools every test may use."""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from rest_framework.test import APIClient

from estateman.activity.reactions import react
from estateman.common.api import usage
from estateman.people.models import OfficeRole, User

LEFT_OUT = {
    "scaled": "need PostgreSQL and Redis; include them with `make test-scaled`",
    "browser": "drive a real page in Chromium; include them with `make test-browser`",
    "standins": "speak to stand-ins of the vendors; include them with `make test-standins`",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    for marker, why in LEFT_OUT.items():
        parser.addoption(f"--{marker}", action="store_true", help=f"include the tests that {why.partition(';')[0]}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine was not asked to offer; the summary says what and how to include it."""
    if config.getoption("--scaled") and not settings.SCALED_OUT:
        raise pytest.UsageError(
            "--scaled runs on PostgreSQL and Redis: set DATABASE_URL and REDIS_URL, or `make test-scaled`"
        )
    missing = {marker for marker in LEFT_OUT if not config.getoption(f"--{marker}")}
    left_out = {marker: [item for item in items if item.get_closest_marker(marker)] for marker in missing}
    config.stash[_left_out] = {marker: len(tests) for marker, tests in left_out.items() if tests}
    gone = {item for tests in left_out.values() for item in tests}
    if gone:
        config.hook.pytest_deselected(items=list(gone))
        items[:] = [item for item in items if item not in gone]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for marker, count in sorted(config.stash.get(_left_out, {}).items()):
        terminalreporter.write_line(f"Left out: {count} tests that {LEFT_OUT[marker]}")


_left_out = pytest.StashKey[dict[str, int]]()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Part with what a killed process or a lost thread left connected: PostgreSQL drops no database that is in use."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def _cheap_passwords(settings: Any) -> None:
    """Hashing that is slow on purpose would be most of the suite's time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _static_files_found_when_asked_for(settings: Any) -> None:
    """Each new test client would look through all of them first."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def _usage_is_not_written(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It would be queries of whichever request finds that it is time."""
    monkeypatch.setattr(usage.meter, "every_seconds", math.inf)
    yield
    usage.meter.forget()


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """Throttles count in the cache; one test's requests are not another's."""
    cache.clear()


def _person(name: str, role: str, **fields: Any) -> User:
    return User.objects.create_user(
        f"{name.split(maxsplit=1)[0].lower()}@harbour.example", "correct horse", name=name, role=role, **fields
    )


@pytest.fixture
def admin_user(db: None) -> User:
    """Runs the system; may do everything."""
    return _person("Ada Admin", OfficeRole.ADMIN, is_staff=True)


@pytest.fixture
def manager(db: None) -> User:
    """Leads the office."""
    return _person("Maria Manager", OfficeRole.MANAGER, is_staff=True)


@pytest.fixture
def agent(db: None) -> User:
    """Works on deals; the usual assignee."""
    return _person("Alex Agent", OfficeRole.AGENT)


@pytest.fixture
def coordinator(db: None) -> User:
    """Keeps the deals' papers; a second member of most projects."""
    return _person("Cora Coordinator", OfficeRole.COORDINATOR)


@pytest.fixture
def stranger(db: None) -> User:
    """Works in the same office but belongs to none of the test's projects, calendars or teams."""
    return _person("Sam Stranger", OfficeRole.AGENT)


@pytest.fixture
def api() -> Callable[[User | None], APIClient]:
    """``api(agent).post("/api/v1/…", {…})``: a client signed in as that person; ``api(None)`` is nobody."""

    def client_of(user: User | None) -> APIClient:
        client = APIClient()
        if user is not None:
            client.force_authenticate(user)
        return client

    return client_of


@pytest.fixture
def settle(db: None) -> Callable[[], None]:
    """Run every due reaction, and the reactions to what those announce, until all is quiet."""

    def until_quiet() -> None:
        while react():
            pass

    return until_quiet


@pytest.fixture
def in_threads() -> Callable[[int, Callable[[int], Any]], list[Any]]:
    """``in_threads(8, work)``: run ``work(0)`` … ``work(7)`` at once; results in order, exceptions as results."""

    def run(count: int, work: Callable[[int], Any]) -> list[Any]:
        barrier = Barrier(count)

        def one(number: int) -> Any:
            try:
                barrier.wait()
                return work(number)
            except Exception as error:  # noqa: BLE001  a race's losers are results too
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(one, range(count)))

    return run
