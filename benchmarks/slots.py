"""Finding a time for many: the search itself beside one that looks at every start, and the whole request's reads."""

import json
import random
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from statistics import median

from benchmarks.figures import Figure, Section, median_ratio
from benchmarks.processes import Stacks, run_program
from events.availability import USUAL_WEEK, Hours, Interval, working
from events.slots import Need, Person, Thing, find_slots
from events.starts import starts_between

REQUIRED, OPTIONAL, ROOMS, DAYS = 6, 4, 20, 14
ROUNDS, LIMIT, SEED = 15, 10, 1
START = datetime(2026, 3, 2, 5, tzinfo=UTC)
STEP, DURATION = timedelta(minutes=15), timedelta(minutes=60)
PLAIN = "looking at every start"


def measure(stacks: Stacks) -> Section:
    """The search in this process; the reads on SQLite, in a program of its own."""
    people, rooms = _people(), _rooms()
    ours, plain = [], []
    for number in range(ROUNDS + 1):
        spent, found = _timed(lambda: _with_bits(people, rooms))
        spent_plainly, found_plainly = _timed(lambda: _plainly(people, rooms))
        assert found == found_plainly, "the two do not agree"
        if number:  # the first round warms up
            ours.append(spent)
            plain.append(spent_plainly)
    whole = json.loads(run_program(["-m", "benchmarks.programs.meetings", str(ROOMS), str(DAYS)], stacks.embedded))
    figures = [
        Figure(
            peer="Estateman, the search",
            value=1000 * median(ours),
            unit="ms",
            ratios={PLAIN: median_ratio(ours, plain)},
        ),
        Figure(peer=f"  {PLAIN}", value=1000 * median(plain), unit="ms"),
        Figure(
            peer="Estateman, with its reads, SQLite", value=whole["ms"], unit="ms", also=f"{whole['queries']} queries"
        ),
        Figure(
            peer="  for 2 people and 1 room", value=whole["few_ms"], unit="ms", also=f"{whole['few_queries']} queries"
        ),
    ]
    title = f"slots: {REQUIRED} required, {OPTIONAL} optional, {ROOMS} rooms over {DAYS} days; median of {ROUNDS}"
    return Section(title=title, figures=figures)


def _timed(act: Callable[[], list[datetime]]) -> tuple[float, list[datetime]]:
    began = time.perf_counter()
    found = act()
    return time.perf_counter() - began, found


def _busy(chosen: random.Random, hours: list[Interval], share: float) -> list[Interval]:
    """Hours and half hours, a ``share`` of the working time."""
    halves = [since + half * 2 * STEP for since, until in hours for half in range((until - since) // (2 * STEP))]
    taken = chosen.sample(halves, int(share * len(halves)))
    return [(start, start + chosen.choice((1, 2)) * 2 * STEP) for start in taken]


def _people() -> list[Person]:
    chosen = random.Random(SEED)  # noqa: S311  made-up diaries need not be secret
    hours = working(Hours("America/New_York", USUAL_WEEK), START, START + timedelta(days=DAYS))
    return [
        Person(number, f"Person {number}", hours, _busy(chosen, hours, 0.15)) for number in range(REQUIRED + OPTIONAL)
    ]


def _rooms() -> list[Thing]:
    chosen = random.Random(SEED)  # noqa: S311
    always = [(START, START + timedelta(days=DAYS))]
    return [
        Thing(number, f"Room {number}", 4 + number, always, [_busy(chosen, always, 0.2)]) for number in range(ROOMS)
    ]


def _with_bits(people: list[Person], rooms: list[Thing]) -> list[datetime]:
    starts = starts_between(START, START + timedelta(days=DAYS), step=STEP, duration=DURATION, midnight=START)
    need = Need("room", rooms)
    found = find_slots(starts, required=people[:REQUIRED], optional=people[REQUIRED:], needs=[need], limit=LIMIT)
    return [slot.starts_at for slot in found.slots]


def _plainly(people: list[Person], rooms: list[Thing]) -> list[datetime]:
    """The same rule, start by start and interval by interval."""
    ranked = []
    for number in range((timedelta(days=DAYS) - DURATION) // STEP + 1):
        start = START + number * STEP
        if not all(_works(each, start) and _free(each.busy, start) for each in people[:REQUIRED]):
            continue
        capacity = next((room.capacity or 0 for room in rooms if _free(room.taken[0], start)), None)
        if capacity is None:
            continue
        free = [each for each in people[REQUIRED:] if _free(each.busy, start)]
        ranked.append((-len(free), -sum(_works(each, start) for each in free), capacity, start))
    return [start for *_, start in sorted(ranked)[:LIMIT]]


def _works(person: Person, start: datetime) -> bool:
    return any(since <= start and start + DURATION <= until for since, until in person.working)


def _free(taken: Iterable[Interval], start: datetime) -> bool:
    return not any(since < start + DURATION and until > start for since, until in taken)
