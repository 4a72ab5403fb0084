"""Webhooks in: how many are proven and kept per second, beside a bare view that only keeps them."""

import json
from collections.abc import Iterator, Mapping
from statistics import median

from benchmarks.figures import Figure, Section, median_ratio
from benchmarks.processes import Stacks, run_program
from tools.throwaway import CannotStart

EVENTS = 200
ROUNDS = 5
OURS, BARE, BEHIND = "proven and kept", "a bare view that only keeps", "the same behind our middleware"
# The limit is asked as in an office, but not met.
NO_LIMIT = {"API_RATE_WEBHOOKS": "10000000/min"}


def measure(stacks: Stacks) -> Section:
    """On SQLite, and on PostgreSQL where it is installed."""
    figures, left_out = list(_on("SQLite", stacks.embedded)), []
    try:
        figures += _on("PostgreSQL", stacks.scaled_out)
    except CannotStart as why:
        left_out.append(str(why))
    title = f"webhooks: {EVENTS} events of Stripe's, one after another; median of {ROUNDS}"
    return Section(title=title, figures=figures, left_out=left_out)


def _on(database: str, env: Mapping[str, str]) -> Iterator[Figure]:
    program = ["-m", "benchmarks.programs.receiving", str(EVENTS), str(ROUNDS)]
    seconds: dict[str, list[float]] = json.loads(run_program(program, {**env, **NO_LIMIT}))
    rates = {name: [EVENTS / each for each in taken] for name, taken in seconds.items()}
    for name, rate in rates.items():
        ratios = {peer: median_ratio(rate, rates[peer]) for peer in (BARE, BEHIND)} if name == OURS else {}
        yield Figure(peer=f"{name}, {database}", value=median(rate), unit="webhooks/s", ratios=ratios)
