"""PostgreSQL and Redis for one run: started from local binaries, thrown away afterwards.

    python -m tools.throwaway -- pytest --scaled

runs the command with DATABASE_URL and REDIS_URL set, starting a server for each of the two that
the environment does not give already. In code, `with postgres() as server:` does the same and
lets a fault test stop, kill and restart the server under the feet of what uses it.
"""

import argparse
import base64
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

LOOPBACK = "127.0.0.1"
START_SECONDS = 30
STOP_SECONDS = 10


class CannotStart(Exception):
    """A server could not be started; the message is one line that says what to do."""


@dataclass
class Server:
    """One server process that comes back on the same port, and on the same data if it keeps any."""

    name: str
    url: str
    command: Sequence[str]
    folder: Path
    is_ready: Callable[[int], bool]
    user: str | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __str__(self) -> str:
        return self.url

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self) -> None:
        """Start and wait until it answers.

        After a crash the first tries may fail: PostgreSQL refuses to run while a backend of the
        dead server is still on its way out. Raises CannotStart after 30 s.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self._process = self._spawn()
            if self._became_ready(self._process, deadline):
                return
            self.kill()
            time.sleep(0.1)
        raise CannotStart(f"{self.name} did not start: {_last_line(self.log)}")

    def stop(self) -> None:
        """End in order. SIGINT is PostgreSQL's fast shutdown, and Redis takes it as well."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def _spawn(self) -> subprocess.Popen[bytes]:
        # A session of its own keeps the terminal's Ctrl-C away: whoever started it ends it,
        # after its clients and not before.
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                user=self.user,
                group=self.user,
                extra_groups=self.user and [],
            )

    def _became_ready(self, process: subprocess.Popen[bytes], deadline: float) -> bool:
        while process.poll() is None and time.monotonic() < deadline:
            if self.is_ready(process.pid):
                return True
            time.sleep(0.02)
        return False


@contextmanager
def postgres() -> Iterator[Server]:
    """A fresh PostgreSQL with one empty database; as root it runs as the user `postgres`.

    Raises CannotStart when PostgreSQL is not installed or does not come up.
    """
    binaries = _postgres_binaries()
    user = _unprivileged_user()
    with _folder("pg", user) as folder, exits_on_sigterm():
        data, port = folder / "data", free_port()
        _make_cluster(binaries, data, user)
        server = Server(
            name="PostgreSQL",
            url=f"postgresql://estateman@{LOOPBACK}:{port}/estateman",
            command=_postgres_command(binaries, data, port, sockets=folder),
            folder=folder,
            is_ready=lambda pid: _postmaster_ready(data / "postmaster.pid", pid),
            user=user,
        )
        with _running(server):
            yield server


@contextmanager
def redis() -> Iterator[Server]:
    """A fresh Redis that writes nothing to disk, so a restart comes back empty.

    Raises CannotStart when Redis is not installed or does not come up.
    """
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if binary is None:
        raise CannotStart("Redis is missing: install redis-server, or set REDIS_URL.")
    with _folder("redis", None) as folder, exits_on_sigterm():
        port = free_port()
        server = Server(
            name="Redis",
            url=f"redis://{LOOPBACK}:{port}/0",
            command=[
                binary,
                *f"--port {port} --bind {LOOPBACK} --appendonly no --save".split(),
                "",
            ],
            folder=folder,
            is_ready=lambda _pid: _redis_answers(port),
        )
        with _running(server):
            yield server


@contextmanager
def backing_services(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The environment with what a scaled-out process must have, for what it does not give yet.

    That is DATABASE_URL and REDIS_URL, each of a throwaway server, and the SECRET_KEY and
    FIELD_KEYS without which a scaled-out process refuses to start.
    """
    with ExitStack() as stack:
        env = {**fresh_keys(), **environ}
        if not env.get("DATABASE_URL"):
            env["DATABASE_URL"] = stack.enter_context(postgres()).url
        if not env.get("REDIS_URL"):
            env["REDIS_URL"] = stack.enter_context(redis()).url
        yield env


@contextmanager
def exits_on_sigterm() -> Iterator[None]:
    """Let SIGTERM unwind the stack, so that no server outlives a run that is told to end.

    A program that handles SIGTERM itself is left alone, and so is a thread: only the main one
    may set handlers.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _exit_by_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def interrupt_on(*signals: signal.Signals) -> None:
    """Raise KeyboardInterrupt at the first of them, also where a script's background ignores it.

    Later ones are ignored: what is ending must not be stopped from ending.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in signals:
        signal.signal(number, interrupt)


def fresh_keys() -> dict[str, str]:
    """Keys good for one run; FIELD_KEYS holds one Fernet key."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def free_port() -> int:
    """A TCP port of this machine that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


# --- the parts of a server's life ---------------------------------------------------------------


@contextmanager
def _running(server: Server) -> Iterator[None]:
    try:
        server.start()
        yield
    finally:
        server.stop()


@contextmanager
def _folder(name: str, owner: str | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=f"estateman-{name}-", ignore_cleanup_errors=True) as path:
        if owner is not None:
            shutil.chown(path, user=owner)
        yield Path(path)


def _exit_by_signal(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return lines[-1] if lines else "it printed nothing"


# --- PostgreSQL ---------------------------------------------------------------------------------


def _postgres_binaries() -> Path:
    """The folder of `initdb` and `postgres`: Debian keeps it off the PATH, newest version first."""
    on_path = [Path(found).resolve().parent for found in [shutil.which("postgres")] if found]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin_: float(bin_.parent.name))
    for folder in [*on_path, *reversed(debian)]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise CannotStart("PostgreSQL is missing: install postgresql, or set DATABASE_URL.")


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root; its package made the user `postgres` for that."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise CannotStart("PostgreSQL does not run as root: add a user `postgres`, or set DATABASE_URL.") from None


def _make_cluster(binaries: Path, data: Path, user: str | None) -> None:
    """`initdb`, then the one database: single-user mode needs neither a port nor a client."""
    options = "--username=estateman --auth=trust --encoding=UTF8 --locale=C --no-sync"
    _run([binaries / "initdb", "-D", data, *options.split()], user)
    _run(
        [binaries / "postgres", "--single", "-D", data, "-F", "postgres"],
        user,
        stdin="CREATE DATABASE estateman",
    )


def _run(command: Sequence[str | Path], user: str | None, stdin: str = "") -> None:
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
        user=user,
        group=user,
        extra_groups=user and [],
    )
    if done.returncode:
        name, said = Path(command[0]).name, done.stderr.strip().splitlines()
        raise CannotStart(f"{name} failed: {said[-1] if said else done.returncode}")


def _postgres_command(binaries: Path, data: Path, port: int, sockets: Path) -> list[str]:
    """Durability is off: it would cost time to protect data that is about to be deleted."""
    settings = {
        "listen_addresses": LOOPBACK,
        "port": port,
        "unix_socket_directories": sockets,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": 200,
    }
    command = [str(binaries / "postgres"), "-D", str(data)]
    return command + [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _postmaster_ready(pidfile: Path, pid: int) -> bool:
    """PostgreSQL writes its pid in the first line of its lock file, its state in the eighth."""
    try:
        lines = pidfile.read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


# --- Redis --------------------------------------------------------------------------------------


def _redis_answers(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


# --- command line -------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    """Run a command beside its servers. Returns the command's exit code, 69 if one can't start."""
    parser = argparse.ArgumentParser(prog="tools.throwaway", description=__doc__)
    parser.add_argument("command", nargs="+", help="what to run, after --")
    command: list[str] = parser.parse_args(arguments).command
    interrupt_on(signal.SIGINT)
    try:
        with backing_services(os.environ) as env:
            return _run_passing_signals(command, env)
    except CannotStart as why:
        print(why, file=sys.stderr)
        return 69  # EX_UNAVAILABLE
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _run_passing_signals(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Wait for the command, handing on SIGINT and SIGTERM: it ends first, its servers after it."""
    # In a session of its own the command hears Ctrl-C once, from here, and not from the terminal
    # as well: a second one would cut short its cleaning up.
    process = subprocess.Popen(command, env=env, start_new_session=True)

    def hand_on(number: int, _frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hand_on)
    code = process.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
