"""The door: what a call to a provider costs in CPU time, beside a bare request to the same server."""

import json
from collections.abc import Iterator, Mapping
from statistics import median

from benchmarks.figures import Figure, Section, median_ratio
from benchmarks.processes import ENVIRONMENT, Stacks, run_program, running
from tools.throwaway import CannotStart, free_port

CALLS = 200
ROUNDS = 5
OURS, LINE = "through the door", "over the guarded line alone"
BARE, KEPT = "requests.get", "a requests session kept open"


def measure(stacks: Stacks) -> Section:
    """On SQLite, and on PostgreSQL where it is installed."""
    left_out = []
    port = free_port()
    with running(["-m", "benchmarks.servers.answering", str(port)], ENVIRONMENT, port=port):
        figures = list(_on("SQLite", stacks.embedded, port))
        try:
            figures += _on("PostgreSQL", stacks.scaled_out, port)
        except CannotStart as why:
            left_out.append(str(why))
    title = f"door: CPU time of a call, {CALLS} calls one after another; median of {ROUNDS}"
    return Section(title=title, figures=figures, left_out=left_out)


def _on(database: str, env: Mapping[str, str], port: int) -> Iterator[Figure]:
    program = ["-m", "benchmarks.programs.calling", str(port), str(CALLS), str(ROUNDS)]
    seconds: dict[str, list[float]] = json.loads(run_program(program, env))
    for name, taken in seconds.items():
        ratios = {peer: median_ratio(taken, seconds[peer]) for peer in (BARE, KEPT)} if name in (OURS, LINE) else {}
        yield Figure(peer=f"{name}, {database}", value=median(taken) / CALLS * 1e6, unit="µs CPU/call", ratios=ratios)
