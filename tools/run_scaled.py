"""The scaled-out stack on one machine: two web processes, two workers and one beat.

    python -m tools.run_scaled                      on a throwaway PostgreSQL and Redis
    DATABASE_URL=… REDIS_URL=… python -m tools.run_scaled      on given ones
    SERVER=uvicorn python -m tools.run_scaled       with uvicorn in place of daphne

The output of all runs together, each line after the name of its process. Ctrl-C or SIGTERM ends
all of them; when one ends by itself, the rest follow and its exit code is the answer. In code,
`with ScaledOut(env, ports) as stack:` gives the same processes by name, to kill and restart.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.throwaway import LOOPBACK, CannotStart, backing_services, interrupt_on

PROJECT = Path(__file__).resolve().parent.parent
START_SECONDS = 120
STOP_SECONDS = 15

Ports = tuple[int, int]
Output = Callable[[str, str], None]
"""Takes a process's name and one line that it wrote."""


class Child:
    """One process of the stack. It can be killed and started again while the others run on."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], output: Output) -> None:
        self.name = name
        self.command = command
        self.lines: deque[str] = deque(maxlen=500)
        self._env = env
        self._output = output
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        return self._running.pid

    def start(self) -> None:
        self.lines.clear()
        # A session of its own: Ctrl-C reaches it through stop() only, and kill() takes the pool
        # processes of a worker with it.
        self._process = subprocess.Popen(
            self.command,
            env=self._env,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._pass_on, args=[self._process], daemon=True).start()

    def exit_code(self) -> int | None:
        """None while it runs; what a shell would say afterwards, so 137 after a `kill -9`."""
        code = self._running.poll()
        return 128 - code if code is not None and code < 0 else code

    def ask_to_stop(self) -> None:
        self._running.terminate()

    def stop(self) -> None:
        """SIGTERM: it finishes what it has begun. Killed if that takes longer than 15 s."""
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self._running.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the process and those it forked."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._running.wait()

    def restart(self) -> None:
        self.stop()
        self.start()

    @property
    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process

    def _pass_on(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self.lines.append(line.rstrip())
                self._output(self.name, line.rstrip())


class ScaledOut:
    """The five processes, by the names web1, web2, worker1, worker2 and beat.

    The environment must hold DATABASE_URL, REDIS_URL, SECRET_KEY and FIELD_KEYS, and the
    database must be migrated: see `backing_services` and `prepare`. Entering waits until both web
    processes listen and both workers take jobs. Raises CannotStart when a port is taken, or when
    a process ends or two minutes pass before that.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        ports: Ports,
        *,
        server: str = "daphne",
        output: Output = lambda _name, _line: None,
    ) -> None:
        self.host, self.ports = _host(env), ports
        self.urls = tuple(f"http://{self.host}:{port}" for port in ports)
        # Both web processes are one site, known by the address of the first.
        shared = {"SITE_URL": self.urls[0], "PYTHONUNBUFFERED": "1", **env}
        self.children = {
            name: Child(name, command, shared, output) for name, command in _commands(self.host, ports, server).items()
        }

    def __getitem__(self, name: str) -> Child:
        return self.children[name]

    def __enter__(self) -> Self:
        for port in self.ports:
            if _listens(self.host, port):
                raise CannotStart(f"Port {port} is taken: set PORT to the first of two free ones.")
        try:
            for child in self.children.values():
                child.start()
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if ended := self.first_ended():
                said = ended.lines[-1] if ended.lines else "nothing"
                raise CannotStart(f"{ended.name} ended with {ended.exit_code()}: {said}")
            if time.monotonic() > deadline:
                raise CannotStart(f"The processes were not ready after {START_SECONDS} s.")
            time.sleep(0.1)

    def first_ended(self) -> Child | None:
        """A process that has ended by itself, if there is one."""
        return next((c for c in self.children.values() if c.exit_code() is not None), None)

    def stop(self) -> None:
        """End all at once, not one after the other: the slowest sets the time."""
        started = [child for child in self.children.values() if child._process]
        for child in started:
            child.ask_to_stop()
        for child in started:
            child.stop()

    def _is_ready(self) -> bool:
        workers = [self["worker1"], self["worker2"]]
        return all(_listens(self.host, port) for port in self.ports) and all(
            any(" ready." in line for line in tuple(worker.lines)) for worker in workers
        )


def prepare(env: Mapping[str, str]) -> None:
    """Bring the database up to date and load the demo agency. Raises CannotStart if that fails."""
    for command in ("migrate", "load_demo"):
        done = subprocess.run([sys.executable, "manage.py", command], env=env, cwd=PROJECT, check=False)
        if done.returncode:
            raise CannotStart(f"`manage.py {command}` failed with {done.returncode}.")


def _commands(host: str, ports: Ports, server: str) -> dict[str, list[str]]:
    python, application = sys.executable, "estateman.asgi:application"
    servers = {
        "daphne": lambda port: ["daphne", "-b", host, "-p", str(port), application],
        "uvicorn": lambda port: ["uvicorn", "--host", host, "--port", str(port), application],
    }
    if server not in servers:
        raise CannotStart(f"SERVER={server} is neither daphne nor uvicorn.")
    celery = [python, "-m", "celery", "-A", "estateman"]
    worker = [*celery, "worker", "--loglevel=info"]
    return {
        "web1": [python, "-m", *servers[server](ports[0])],
        "web2": [python, "-m", *servers[server](ports[1])],
        # Two workers on one machine need two names to be told apart.
        "worker1": [*worker, "--hostname=worker1@%h"],
        "worker2": [*worker, "--hostname=worker2@%h"],
        "beat": [*celery, "beat"],
    }


def _host(env: Mapping[str, str]) -> str:
    return env.get("HOST") or LOOPBACK


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


# --- command line -------------------------------------------------------------------------------


def main() -> int:
    """Run until Ctrl-C, SIGTERM or the end of one process. Returns 0 or that one's exit code."""
    interrupt_on(signal.SIGINT, signal.SIGTERM)
    try:
        with backing_services(os.environ) as env:
            return _run({"DEMO_LOGINS": "1", **env})
    except CannotStart as why:
        print(why, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _run(env: Mapping[str, str]) -> int:
    port, server = int(env.get("PORT") or 8000), env.get("SERVER") or "daphne"
    stack = ScaledOut(env, (port, port + 1), server=server, output=_printer())
    prepare(env)
    with stack:
        print(f"\nEstateman runs scaled out at {' and '.join(stack.urls)}; Ctrl-C ends it.\n")
        while not (ended := stack.first_ended()):
            time.sleep(0.2)
        print(f"{ended.name} has ended by itself, so the others end too.", file=sys.stderr)
        return ended.exit_code() or 0


def _printer() -> Output:
    """Prints each line after its process's name, in a colour of its own on a terminal."""
    colours = cycle(range(32, 37))
    colour_of: dict[str, int] = {}
    is_terminal = sys.stdout.isatty()

    def show(name: str, line: str) -> None:
        label = f"{name:<8}|"
        if is_terminal:
            label = f"\033[{colour_of.setdefault(name, next(colours))}m{label}\033[0m"
        print(label, line, flush=True)

    return show


if __name__ == "__main__":
    sys.exit(main())
