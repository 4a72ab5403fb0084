"""Reactions: activities announced and reacted to per second by one worker, beside the bare rows and a bare queue."""

import json
from collections.abc import Iterator, Mapping
from statistics import median

from benchmarks.figures import Figure, Section, median_ratio
from benchmarks.processes import Stacks, run_program
from tools.throwaway import CannotStart

ACTIVITIES = 300
ROUNDS = 3
BARE, QUEUE = "bare INSERTs", "a Celery job without receipts"
OURS = ("announced, reacted to one by one", "announced, reacted to in batches")


def measure(stacks: Stacks) -> Section:
    """On SQLite, and on PostgreSQL where it is installed."""
    figures, left_out = list(_on("SQLite", stacks.embedded)), []
    try:
        figures += _on("PostgreSQL", stacks.scaled_out)
    except CannotStart as why:
        left_out.append(str(why))
    title = f"reactions: {ACTIVITIES} activities and their effects, one worker; median of {ROUNDS}"
    return Section(title=title, figures=figures, left_out=left_out)


def _on(database: str, env: Mapping[str, str]) -> Iterator[Figure]:
    program = ["-m", "benchmarks.programs.reacting", str(ACTIVITIES), str(ROUNDS)]
    seconds: dict[str, list[float]] = json.loads(run_program(program, env))
    rates = {name: [ACTIVITIES / each for each in taken] for name, taken in seconds.items()}
    for name, rate in rates.items():
        ratios = {peer: median_ratio(rate, rates[peer]) for peer in (BARE, QUEUE)} if name in OURS else {}
        yield Figure(peer=f"{name}, {database}", value=median(rate), unit="activities/s", ratios=ratios)
