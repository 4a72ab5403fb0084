"""The real thing, as a process of its own: `manage.py serve`, on a data folder and a port that nobody else has."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import httpx

from tools.throwaway import free_port

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 180
STOP_SECONDS = 20


class EmbeddedServer:
    """``with EmbeddedServer() as server: server.url``: one Estateman, with the demo agency unless told otherwise.

    ``kill`` ends it as a power cut would, ``stop`` as Ctrl-C does; ``start`` brings it back on the same data.
    """

    def __init__(self, *, demo: bool = True, env: Mapping[str, str] | None = None) -> None:
        self._folder = TemporaryDirectory(prefix="estateman-", ignore_cleanup_errors=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = ["serve", *(["--demo"] if demo else [])]
        own = {"DATA_DIR": self._folder.name, "HOST": "127.0.0.1", "PORT": str(self.port)}
        unwanted = {"DATABASE_URL", "REDIS_URL", "SITE_URL", "DJANGO_SETTINGS_MODULE"}
        self._env = {name: value for name, value in os.environ.items() if name not in unwanted} | own | dict(env or {})
        self._log = Path(self._folder.name) / "server.log"
        self._client = httpx.Client(base_url=self.url, timeout=2, verify=False, trust_env=False)  # noqa: S501  plain HTTP
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        self._client.close()
        self._folder.cleanup()

    @property
    def output(self) -> str:
        """What it wrote so far."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def start(self) -> None:
        """Start it and wait until it answers. Raises RuntimeError with its output when it does not."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", *self._arguments], cwd=PROJECT, env=self._env, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"The server did not start:\n{self.output}")
            time.sleep(0.1)

    def stop(self) -> int | None:
        """End it as Ctrl-C does; returns its exit code."""
        return self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self._end(signal.SIGKILL)

    def manage(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """Run a management command on the same data; returns what it said."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self._env | dict(env or {}),
            check=True,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
        return done.stdout

    def _answers(self) -> bool:
        try:
            return self._client.get("/healthz").is_success
        except httpx.TransportError:
            return False

    def _end(self, how: signal.Signals) -> int | None:
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(how)
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait(STOP_SECONDS)
