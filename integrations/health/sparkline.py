"""The score over the last days as one small line, drawn here so that pages and admin need no script for it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH = 100
HEIGHT = 28
MARGIN = 2
SHORTEST = 0.02
"""The part of the width that a line must have."""


@dataclass(frozen=True)
class Sparkline:
    """``path`` is an SVG path within 100 by 28; ``words`` say the same to those who don't see it."""

    path: str
    words: str


def sparkline(scores: Sequence[tuple[datetime, int]], *, start: datetime, end: datetime) -> Sparkline | None:
    """A line of steps: each score holds from its moment until the next one's.

    None where there are no scores, or none but too recent ones to be seen.
    """
    if not scores or (end - scores[0][0]) / (end - start) < SHORTEST:
        return None
    (first, score), *later = scores
    steps = [f"M{_x(first, start, end)} {_y(score)}"]
    steps += [f"H{_x(at, start, end)}V{_y(score)}" for at, score in later]
    values = [score for _, score in scores]
    words = f"Score of the last {round((end - start).days)} days: now {values[-1]}, at its lowest {min(values)}"
    return Sparkline("".join(steps) + f"H{WIDTH}", words)


def _x(at: datetime, start: datetime, end: datetime) -> str:
    return f"{min(1.0, max(0.0, (at - start) / (end - start))) * WIDTH:.1f}"


def _y(score: int) -> str:
    return f"{MARGIN + (100 - score) / 100 * (HEIGHT - 2 * MARGIN):.1f}"
