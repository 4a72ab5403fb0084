"""Scheduling: a plan's early and late days and its slack, beside the same method on networkx; and how it grows."""

import random
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import networkx

from benchmarks.figures import Figure, Section, median_ratio
from benchmarks.processes import Stacks
from tasks.scheduling import Link, Work, schedule

TASKS, LINKS_PER_TASK, LARGE = 10_000, 2, 100_000
ROUNDS = 7
SEED = 1
Answer = dict[int, tuple[int, ...]]
Net = tuple[list[Work[int]], list[Link[int]]]


def measure(_stacks: Stacks) -> Section:
    """Pure code, in this process: no stack is started."""
    small, large = _net(TASKS), _net(LARGE)
    ours, theirs, grown = [], [], []
    for number in range(ROUNDS + 1):
        spent, answer = _timed(_with_ours, small)
        spent_by_them, their_answer = _timed(_with_networkx, small)
        assert answer == their_answer, "the two do not agree"
        if number:  # the first round warms up
            ours.append(TASKS / spent)
            theirs.append(TASKS / spent_by_them)
            grown.append(LARGE / _timed(_with_ours, large)[0])
    unit = "tasks/CPU-s"
    figures = [
        Figure(
            peer=f"Estateman, {TASKS:,} tasks",
            value=median(ours),
            unit=unit,
            ratios={"networkx": median_ratio(ours, theirs)},
            also=f"{1000 * TASKS / median(ours):.0f} ms",
        ),
        Figure(
            peer=f"networkx, {TASKS:,} tasks",
            value=median(theirs),
            unit=unit,
            also=f"{1000 * TASKS / median(theirs):.0f} ms",
        ),
        Figure(
            peer=f"Estateman, {LARGE:,} tasks",
            value=median(grown),
            unit=unit,
            ratios={f"its rate at {TASKS:,}": median_ratio(grown, ours)},
            also=f"{1000 * LARGE / median(grown):.0f} ms",
        ),
    ]
    title = f"scheduling: {LINKS_PER_TASK} dependencies per task, of all types and with lags; median of {ROUNDS}"
    return Section(title=title, figures=figures)


def _net(count: int) -> Net:
    chosen = random.Random(SEED)  # noqa: S311  made-up plans need not be secret
    works = [Work(key, chosen.randint(0, 5)) for key in range(count)]
    links = []
    for _ in range(LINKS_PER_TASK * count):
        before, after = sorted(chosen.sample(range(count), 2))
        links.append(Link(before, after, chosen.choice(("FS", "SS", "FF", "SF")), chosen.randint(-2, 3)))
    return works, links


def _timed(scheduler: Callable[[Net], Answer], net: Net) -> tuple[float, Answer]:
    began = time.process_time()
    answer = scheduler(net)
    return time.process_time() - began, answer


def _with_ours(net: Net) -> Answer:
    return dict(schedule(*net).spans)


def _with_networkx(net: Net) -> Answer:
    """The same two passes over a graph of theirs, which sorts it and finds circles."""
    graph: Any = networkx.MultiDiGraph()
    for work in net[0]:
        graph.add_node(work.key, duration=work.duration)
    for link in net[1]:
        graph.add_edge(link.predecessor, link.successor, type=link.type, lag=link.lag)
    duration = networkx.get_node_attributes(graph, "duration")
    order = list(networkx.topological_sort(graph))
    early = _early(graph, duration, order)
    finish = max(early[task] + duration[task] for task in order)
    late, free = _late(graph, duration, order, early, finish)
    return {
        task: (
            *(early[task], early[task] + duration[task], late[task], late[task] + duration[task]),
            *(late[task] - early[task], free[task]),
        )
        for task in order
    }


def _early(graph: Any, duration: dict[int, int], order: list[int]) -> dict[int, int]:
    early: dict[int, int] = {}
    for task in order:
        held, never_early = None, False
        for before, _, link in graph.in_edges(task, data=True):
            at = early[before] + _gap(link, duration[before], duration[task])
            never_early |= link["type"] == "FF"
            held = at if held is None or at > held else held
        start = held or 0
        early[task] = max(0, start) if never_early else start
    return early


def _late(
    graph: Any, duration: dict[int, int], order: list[int], early: dict[int, int], finish: int
) -> tuple[dict[int, int], dict[int, int]]:
    late: dict[int, int] = {}
    free: dict[int, int] = {}
    for task in reversed(order):
        start, slips = finish - duration[task], []
        for _, after, link in graph.out_edges(task, data=True):
            gap = _gap(link, duration[task], duration[after])
            start = min(start, late[after] - gap)
            slips.append(early[after] - gap - early[task])
        late[task] = start
        free[task] = min(slips) if slips else finish - early[task] - duration[task]
    return late, free


def _gap(link: dict[str, Any], before: int, after: int) -> int:
    """By how much the one's start is held by the other's."""
    gap: int = link["lag"]
    if link["type"][0] == "F":
        gap += before
    if link["type"][1] == "F":
        gap -= after
    return gap
