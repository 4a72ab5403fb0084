"""Latency: from sending a request until its effect is heard on a socket, beside what the wire and the disk cost."""

import http.client
import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import psycopg
from websockets.sync.client import ClientConnection, connect

from benchmarks.audience import Lost
from benchmarks.figures import Figure, Section, median_ratio, percentile
from benchmarks.processes import ENVIRONMENT, Stacks, hire_staff, running
from benchmarks.servers.frame import TEXT
from tools.run_scaled import ScaledOut
from tools.throwaway import LOOPBACK, CannotStart, free_port

ACTS = 100
WARM_UP = 5
# A pause of random length, so that no act rides on the rhythm of anybody's polling.
LONGEST_PAUSE = 0.05
PATIENCE = 30
LIMIT = "echo + one commit"
Step = Callable[[], object]


def measure(stacks: Stacks) -> Section:
    """The embedded stack, and the scaled-out one where its servers are installed."""
    figures, left_out = list(_embedded(stacks)), []
    try:
        figures += _scaled_out(stacks)
    except CannotStart as why:
        left_out.append(str(why))
    title = f"latency: from a request to its frame on a subscribed socket; median of {ACTS}"
    return Section(title=title, figures=figures, left_out=left_out)


def _embedded(stacks: Stacks) -> Iterator[Figure]:
    port, env = free_port(), stacks.embedded
    file = Path(env["DATA_DIR"]) / "limit.sqlite3"
    with ExitStack() as stack:
        stack.enter_context(running(["manage.py", "serve"], {**env, "PORT": str(port)}, port=port))
        acts = stack.enter_context(_acts(env, act_on=port, hear_on=port))
        limit = stack.enter_context(_limit(_sqlite_commit(file)))
        yield from _compared("embedded", acts, limit)


def _scaled_out(stacks: Stacks) -> Iterator[Figure]:
    env, ports = stacks.scaled_out, (free_port(), free_port())
    with ExitStack() as stack:
        stack.enter_context(ScaledOut(env, ports))
        acts = stack.enter_context(_acts(env, act_on=ports[0], hear_on=ports[1]))
        limit = stack.enter_context(_limit(_postgres_commit(env["DATABASE_URL"])))
        yield from _compared("scaled out", acts, limit)


def _compared(where: str, acts: Mapping[str, Step], limit: Step) -> Iterator[Figure]:
    steps = {**acts, LIMIT: limit}
    times = _interleaved(steps)
    for name, seconds in times.items():
        yield Figure(
            peer=f"{name}, {where}",
            value=median(seconds) * 1000,
            unit="ms",
            also=f"p95 {percentile(seconds, 0.95) * 1000:.3g} ms",
            ratios={} if name == LIMIT else {LIMIT: median_ratio(seconds, times[LIMIT])},
        )


def _interleaved(steps: Mapping[str, Step]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(WARM_UP + ACTS):
        for name, step in steps.items():
            time.sleep(random.uniform(0, LONGEST_PAUSE))  # noqa: S311  a pause, not a secret
            began = time.perf_counter()
            step()
            if number >= WARM_UP:
                times[name].append(time.perf_counter() - began)
    return times


# --- acts -------------------------------------------------------------------------------------------------------------


@dataclass
class Api:
    """One person's requests, over one connection that stays open."""

    connection: http.client.HTTPConnection
    token: str

    def post(self, path: str, body: Mapping[str, Any]) -> None:
        """Send only: what comes over the socket may be here before the answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self.connection.request("POST", f"/api/v1/{path}", json.dumps(body), headers)

    def answer(self) -> Any:
        """Raises CannotStart when the request was refused: then there is nothing to measure."""
        response = self.connection.getresponse()
        text = response.read()
        if response.status != http.HTTPStatus.CREATED:
            raise CannotStart(f"An act was answered with {response.status}: {text.decode()[:200]}")
        return json.loads(text)


@contextmanager
def _acts(env: Mapping[str, str], *, act_on: int, hear_on: int) -> Iterator[dict[str, Step]]:
    """A manager acts through one server; an agent hears of it through the same or another one."""
    manager, agent = hire_staff(env, 2)
    api = Api(http.client.HTTPConnection(LOOPBACK, act_on, timeout=PATIENCE), manager["token"])
    header = {"Authorization": f"Bearer {agent['token']}"}
    with connect(f"ws://{LOOPBACK}:{hear_on}/ws/me", additional_headers=header, compression=None) as socket:
        socket.send(json.dumps({"type": "subscribe", "room": "office", "ref": "1"}))
        _hear(socket, '"ref":"1"')
        api.post("projects", {"name": "12 Quay Street", "kind": "listing"})
        project = api.answer()["id"]

        def found_team() -> None:
            name = uuid4().hex
            api.post("teams", {"name": name})
            _hear(socket, '"team.changed"', name)
            api.answer()

        def give_task() -> None:
            name = uuid4().hex
            api.post("tasks", {"project": project, "name": name, "assignees": [agent["id"]]})
            _hear(socket, '"notification.created"', name)
            api.answer()

        yield {"a team founded, seen in a room": found_team, "a task given, in the inbox": give_task}
    api.connection.close()


def _hear(socket: ClientConnection, *words: str) -> None:
    """Wait for the frame that holds all of ``words``."""
    text = ""
    while not all(word in text for word in words):
        try:
            text = str(socket.recv(timeout=PATIENCE))
        except TimeoutError:
            raise Lost(f"What was done was not heard of within {PATIENCE} s.") from None


# --- the limit --------------------------------------------------------------------------------------------------------


@contextmanager
def _limit(commit: Step) -> Iterator[Step]:
    """What no server can beat: a frame there and back over the loopback, and one row committed to the same database."""
    port = free_port()
    with (
        running(["-m", "benchmarks.servers.bare", str(port)], ENVIRONMENT, port=port),
        connect(f"ws://{LOOPBACK}:{port}/echo", compression=None) as socket,
    ):

        def echo_and_commit() -> None:
            socket.send(TEXT)
            socket.recv(timeout=PATIENCE)
            commit()

        yield echo_and_commit


def _sqlite_commit(file: Path) -> Step:
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute("CREATE TABLE limits (words text)")
    return lambda: database.execute("INSERT INTO limits VALUES (?)", [TEXT])


def _postgres_commit(url: str) -> Step:
    database = psycopg.connect(url, autocommit=True)
    database.execute("CREATE TABLE limits (words text)")
    return lambda: database.execute("INSERT INTO limits VALUES (%s)", [TEXT])
