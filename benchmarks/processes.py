"""Programs that a benchmark starts and ends, and the databases under them."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from tools.throwaway import LOOPBACK, CannotStart, backing_services, redis

PROJECT = Path(__file__).resolve().parent.parent
START_SECONDS = 90
STOP_SECONDS = 15
# Whatever the caller's shell points at is not ours to measure on.
NOT_OURS = {"DATABASE_URL", "REDIS_URL", "SITE_URL", "DATA_DIR", "DJANGO_SETTINGS_MODULE", "HOST", "PORT"}
# A second's worth of an in-memory burst must not meet the limit that protects a real office.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in NOT_OURS},
    "DJANGO_SETTINGS_MODULE": "estateman.settings",
    "API_RATE_USER": "100000/min",
    "LOG_LEVEL": "WARNING",
}


class Stacks:
    """The stacks of one run, each started and migrated when a benchmark first asks for it."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    @cached_property
    def embedded(self) -> dict[str, str]:
        """The environment of the embedded stack: SQLite in a folder of its own."""
        folder = self._stack.enter_context(TemporaryDirectory(prefix="estateman-bench-", ignore_cleanup_errors=True))
        return _migrated({**ENVIRONMENT, "DATA_DIR": folder})

    @cached_property
    def redis_url(self) -> str:
        """A throwaway Redis. Raises CannotStart where none is installed."""
        return self._stack.enter_context(redis()).url

    @cached_property
    def scaled_out(self) -> dict[str, str]:
        """The environment of throwaway PostgreSQL and Redis. Raises CannotStart where one is not installed."""
        folder = self._stack.enter_context(TemporaryDirectory(prefix="estateman-bench-", ignore_cleanup_errors=True))
        given = {**ENVIRONMENT, "DATA_DIR": folder, "REDIS_URL": self.redis_url}
        return _migrated(self._stack.enter_context(backing_services(given)))


def _migrated(env: dict[str, str]) -> dict[str, str]:
    run_program(["manage.py", "migrate", "--no-input", "--verbosity", "0"], env)
    return env


def run_program(arguments: Sequence[str], env: Mapping[str, str]) -> str:
    """Run Python with ``arguments`` to its end; returns what it printed. Raises CannotStart with its last words."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=PROJECT, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise CannotStart(f"`{' '.join(arguments[:3])}` failed: {''.join(last)}")
    return done.stdout


def hire_staff(env: Mapping[str, str], count: int) -> list[dict[str, Any]]:
    """``count`` people with a token each, the first of them a manager: ``{"id": 1, "token": "…"}``."""
    staff: list[dict[str, Any]] = json.loads(run_program(["-m", "benchmarks.programs.staff", str(count)], env))
    return staff


@contextmanager
def running(arguments: Sequence[str], env: Mapping[str, str], *, port: int) -> Iterator[None]:
    """Python with ``arguments``, from when it listens on ``port``. Raises CannotStart with its last words."""
    with TemporaryFile() as log:
        process = subprocess.Popen([sys.executable, *arguments], cwd=PROJECT, env=env, stdout=log, stderr=log)
        try:
            _wait_until_it_listens(process, port, deadline=time.monotonic() + START_SECONDS)
            yield
        except CannotStart as why:
            log.seek(0)
            last = log.read().decode(errors="replace").strip().splitlines()[-1:]
            raise CannotStart(f"{why} {''.join(last)}") from None
        finally:
            _end(process)


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, *, deadline: float) -> None:
    while not _listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(f"Nothing listened on port {port}:")
        time.sleep(0.05)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def asked(port: int, path: str) -> http.client.HTTPConnection:
    """A connection that has asked for ``path``; its answer is still to be read."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=60)
    connection.request("GET", path)
    return connection


def cpu_seconds(port: int) -> float:
    """The CPU time that the server process behind ``port`` has used so far, all its threads together."""
    connection = asked(port, "/benchmark/cpu")
    try:
        return float(connection.getresponse().read())
    finally:
        connection.close()
