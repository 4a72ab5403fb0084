"""Recurrence: a month at the end of a ten-year rule, the office's month of 10,000 series, and one person's of 50."""

import json
from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks.figures import Figure, Section, median_ratio
from benchmarks.processes import Stacks, run_program

ROUNDS = 15
OURS, PLAIN = "Estateman", "plain dateutil"
DJANGO_RECURRENCE, RECURRING_ICAL_EVENTS = "django-recurrence", "recurring-ical-events"
OFFICE, MINE = "the month of 10,000 series", "the month of one's 50 series"
RULES = {
    "daily": "FREQ=DAILY",
    "weekly": "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "monthly": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "yearly": "FREQ=YEARLY;BYMONTH=10;BYDAY=3WE",
}


def measure(stacks: Stacks) -> Section:
    """In one process, on SQLite: the database's part is the same for all."""
    found = json.loads(run_program(["-m", "benchmarks.programs.calendars", str(ROUNDS)], stacks.embedded))
    title = f"recurrence: months found per second of CPU time, one at the end of ten years; median of {ROUNDS}"
    return Section(title=title, figures=list(_figures(found)))


def _figures(found: dict[str, Any]) -> Iterator[Figure]:
    for name, seconds in found["seconds"].items():
        rates = {peer: [1 / each for each in taken] for peer, taken in seconds.items()}
        what = f"a month of a {name} rule" if name in RULES else name
        for peer, rate in rates.items():
            ours = peer == OURS
            queries = f", {found['queries']} queries" if ours and name == MINE else ""
            yield Figure(
                peer=f"{what}, {peer}" if ours else f"  {peer}",
                value=median(rate),
                unit="months/CPU-s",
                ratios={other: median_ratio(rate, rates[other]) for other in rates if other != OURS} if ours else {},
                also=f"{1000 * median(seconds[peer]):.3g} ms{queries}",
            )
