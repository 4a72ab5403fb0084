"""Booking: rows inserted per second with the database's guard against overlap, beside the same table without it."""

import json
from collections.abc import Iterator, Mapping
from statistics import median

from benchmarks.figures import Figure, Section, median_ratio
from benchmarks.processes import Stacks, run_program
from tools.throwaway import CannotStart

SLOTS = 500
ROUNDS = 9
GUARDED, UNGUARDED = "guarded inserts", "unguarded inserts"


def measure(stacks: Stacks) -> Section:
    """On SQLite, and on PostgreSQL where it is installed."""
    figures, left_out = list(_on("SQLite", stacks.embedded)), []
    try:
        figures += _on("PostgreSQL", stacks.scaled_out)
    except CannotStart as why:
        left_out.append(str(why))
    title = f"booking: {SLOTS} slots of one room, one after another; median of {ROUNDS}"
    return Section(title=title, figures=figures, left_out=left_out)


def _on(database: str, env: Mapping[str, str]) -> Iterator[Figure]:
    program = ["-m", "benchmarks.programs.booking", str(SLOTS), str(ROUNDS)]
    seconds: dict[str, list[float]] = json.loads(run_program(program, env))
    rates = {name: [SLOTS / each for each in taken] for name, taken in seconds.items()}
    for name, rate in rates.items():
        ratios = {} if name == UNGUARDED else {UNGUARDED: median_ratio(rate, rates[UNGUARDED])}
        yield Figure(peer=f"{name}, {database}", value=median(rate), unit="bookings/s", ratios=ratios)
