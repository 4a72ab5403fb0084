"""Board and Gantt: what it takes to show 5,000 cards or 2,000 tasks, and to move one card, over HTTP."""

import http.client
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from statistics import median
from typing import Any

from benchmarks.figures import Figure, Section, median_ratio, percentile
from benchmarks.kanboard import kanboard
from benchmarks.processes import Stacks, run_program, running
from tools.throwaway import LOOPBACK, CannotStart, free_port

CARDS, TASKS = 5_000, 2_000
ROUNDS, WARM_UP = 20, 3
PATIENCE = 60
BARE, KANBOARD = "the bare rows", "Kanboard"
BOARD, GANTT, MOVE = f"board of {CARDS:,} cards", f"Gantt of {TASKS:,} tasks", f"a move among {CARDS:,} cards"
Step = Callable[[], object]
Steps = dict[str, Step]


def measure(stacks: Stacks) -> Section:
    """On SQLite, beside Kanboard where one is named, and on PostgreSQL where it is installed."""
    left_out: list[str] = []
    figures = list(_on("SQLite", stacks.embedded, left_out, beside_kanboard=True))
    try:
        figures += _on("PostgreSQL", stacks.scaled_out, left_out)
    except CannotStart as why:
        left_out.append(str(why))
    title = f"board: from a request to its whole answer, over HTTP; median of {ROUNDS}"
    return Section(title=title, figures=figures, left_out=left_out)


def _on(
    database: str, env: Mapping[str, str], left_out: list[str], *, beside_kanboard: bool = False
) -> Iterator[Figure]:
    made = json.loads(run_program(["-m", "benchmarks.programs.boards", str(CARDS), str(TASKS)], env))
    with ExitStack() as stack:
        peers = {
            "Estateman": stack.enter_context(_ours(env, made)),
            BARE: stack.enter_context(_bare(env, made)),
        }
        if beside_kanboard:
            try:
                peers[KANBOARD] = stack.enter_context(_kanboard())
            except CannotStart as why:
                left_out.append(str(why))
        seconds = _interleaved(peers)
    for (peer, act), taken in seconds.items():
        against = {other: seconds[other, act] for other in (BARE, KANBOARD) if (other, act) in seconds}
        yield Figure(
            peer=f"{act}, {database}" if peer == "Estateman" else f"  {peer}",
            value=median(taken) * 1000,
            unit="ms",
            also=f"p95 {percentile(taken, 0.95) * 1000:.3g} ms",
            ratios={other: median_ratio(taken, theirs) for other, theirs in against.items()}
            if peer == "Estateman"
            else {},
        )


def _interleaved(peers: Mapping[str, Steps]) -> dict[tuple[str, str], list[float]]:
    """The seconds that each act took at each peer, the peers by turns; by act, then by peer."""
    taken: dict[tuple[str, str], list[float]] = {
        (peer, act): [] for act in (BOARD, GANTT, MOVE) for peer, steps in peers.items() if act in steps
    }
    for number in range(WARM_UP + ROUNDS):
        for (peer, act), seconds in taken.items():
            began = time.perf_counter()
            peers[peer][act]()
            if number >= WARM_UP:
                seconds.append(time.perf_counter() - began)
    return taken


class Client:
    """Requests over one connection that stays open. Raises CannotStart for any answer but a good one."""

    def __init__(self, port: int, **headers: str) -> None:
        self._connection = http.client.HTTPConnection(LOOPBACK, port, timeout=PATIENCE)
        self._headers = headers

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        text = None if body is None else json.dumps(body)
        self._connection.request(method, path, text, {**self._headers, "Content-Type": "application/json"})
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != http.HTTPStatus.OK:
            raise CannotStart(f"{method} {path} was answered with {response.status}: {answer.decode()[:200]}")
        return answer

    def close(self) -> None:
        self._connection.close()


@contextmanager
def _client(application: str, env: Mapping[str, str], **headers: str) -> Iterator[Client]:
    port = free_port()
    quiet = ["--log-level", "warning", "--no-access-log", "--lifespan", "off"]
    command = ["-m", "uvicorn", "--host", LOOPBACK, "--port", str(port), *quiet, application]
    with running(command, env, port=port), closing(Client(port, **headers)) as client:
        yield client


@contextmanager
def _ours(env: Mapping[str, str], made: Mapping[str, Any]) -> Iterator[Steps]:
    """Estateman itself, signed in by a token."""
    board, plan, chance = made["board"], made["plan"], random.Random(1)  # noqa: S311  the same moves each time
    with _client("estateman.asgi:application", env, Authorization=f"Bearer {made['token']}") as client:

        def move() -> bytes:
            card, beside = chance.sample(board["cards"], 2)
            where = {"column": board["column"], "before_id": beside}
            return client.ask("POST", f"/api/v1/tasks/{card}/move", where)

        yield {
            BOARD: lambda: client.ask("GET", f"/api/v1/tasks/kanban?project={board['id']}"),
            GANTT: lambda: client.ask("GET", f"/api/v1/projects/{plan['id']}/gantt"),
            MOVE: move,
        }


@contextmanager
def _bare(env: Mapping[str, str], made: Mapping[str, Any]) -> Iterator[Steps]:
    """The same rows of the same database and nothing else, by the same server."""
    board, plan, chance = made["board"], made["plan"], random.Random(1)  # noqa: S311  the same moves each time
    with _client("benchmarks.servers.rows:application", env) as client:
        yield {
            BOARD: lambda: client.ask("GET", f"/board/{board['id']}"),
            GANTT: lambda: client.ask("GET", f"/plan/{plan['id']}"),
            MOVE: lambda: client.ask("GET", f"/move/{chance.choice(board['cards'])}/{chance.getrandbits(40)}"),
        }


@contextmanager
def _kanboard() -> Iterator[Steps]:
    """A board as long, and moves into the middle of its first column; it has no Gantt chart."""
    chance = random.Random(1)  # noqa: S311  the same moves each time
    with kanboard(CARDS) as (peer, board):

        def move() -> Any:
            place = chance.randrange(1, len(board.cards))
            return peer.call(
                "moveTaskPosition",
                project_id=board.project,
                task_id=chance.choice(board.cards),
                column_id=board.column,
                position=place,
                swimlane_id=board.swimlane,
            )

        yield {BOARD: lambda: peer.call("getBoard", project_id=board.project), MOVE: move}
