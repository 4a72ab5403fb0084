"""Stand-ins for the outside world that nobody here wrote, each a process of its own on a free port of this machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from django.conf import settings

from tools.throwaway import free_port

ROOT = Path(settings.BASE_DIR)
SPECS = Path(os.environ.get("PROVIDER_SPECS") or ROOT.parent / "shared" / "data" / "provider_specs")
BINARIES = ROOT / "tests" / "standins" / "node_modules" / ".bin"
START_SECONDS = 60

# Its own command listens on every address of the machine.
_LOCALSTRIPE = """
import sys
from aiohttp import web
from localstripe.server import app
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None)
"""


class StandIn:
    """``with StandIn(command) as running``: the process, once it accepts connections on ``running.port``.

    ``{port}`` in the command becomes the port. ``output`` is what it wrote.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [part.format(port=self.port) for part in command]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._log = TemporaryFile()
        self._process = subprocess.Popen(self._command, stdout=self._log, stderr=self._log, cwd=ROOT)
        gives_up_at = time.monotonic() + START_SECONDS
        while not self._accepts():
            if self._process.poll() is not None or time.monotonic() > gives_up_at:
                told = self.output
                self.__exit__(None, None, None)
                raise RuntimeError(f"{self._command[0]} did not start:\n{told}")
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()

    @property
    def output(self) -> str:
        """All it wrote so far."""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode(errors="replace")

    def _accepts(self) -> bool:
        with socket.socket() as line:
            line.settimeout(0.5)
            return line.connect_ex(("127.0.0.1", self.port)) == 0


def prism(spec: str) -> StandIn:
    """A mock of the vendor's own OpenAPI description; it refuses and logs what that does not allow."""
    return StandIn([str(BINARIES / "prism"), "mock", "-h", "127.0.0.1", "-p", "{port}", str(SPECS / spec)])


def localstripe() -> StandIn:
    """Stripe with a memory. Its webhooks: POST /_config/webhooks/<id> {url, secret}."""
    return StandIn([sys.executable, "-c", _LOCALSTRIPE.replace("{", "{{").replace("}", "}}"), "{port}"])


def radicale(folder: Path) -> StandIn:
    """A CalDAV server that lets everybody in."""
    options = ["--server-hosts", "127.0.0.1:{port}", "--auth-type", "none", "--storage-filesystem-folder", str(folder)]
    return StandIn([sys.executable, "-m", "radicale", *options])


def mountebank(folder: Path) -> StandIn:
    """HTTP servers made to order: POST /imposters, on ports of their own. ``folder`` gets its process id."""
    # The file is deleted at the end: it must be no other's.
    options = [
        "--host",
        "127.0.0.1",
        "--port",
        "{port}",
        "--localOnly",
        "--nologfile",
        "--pidfile",
        str(folder / "mb.pid"),
    ]
    return StandIn([str(BINARIES / "mb"), "start", *options])


def web_push_testing() -> StandIn:
    """A push service with browsers that subscribe, decrypt and tell what they got."""
    # Its own command starts it in the background, where nothing would end it.
    return StandIn(["node", str(BINARIES.parent / "web-push-testing" / "src" / "bin" / "server.js"), "{port}"])


def violations(running: StandIn) -> list[str]:
    """What Prism found wrong with requests made so far."""
    signs = ("Violation: request", "Request did not pass the validation rules", "Request terminated with error")
    return [line for line in running.output.splitlines() if any(sign in line for sign in signs)]
