"""Lines and areas drawn: burndown and cumulative flow as paths of an SVG. Plain geometry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

WIDTH, HEIGHT = 640, 200
_FOOT = 20


@dataclass(frozen=True)
class Line:
    """One path with what it stands for."""

    name: str
    path: str


@dataclass(frozen=True)
class Drawing:
    """What is drawn over a period; ``top`` is the number at the upper edge."""

    lines: Sequence[Line]
    first: date
    last: date
    top: int
    width: int = WIDTH
    height: int = HEIGHT


def line_chart(first: date, last: date, lines: Sequence[tuple[str, Sequence[float | None]]]) -> Drawing:
    """Each line by name with its number for every day; where there is none, it ends."""
    top = _top(number for _, numbers in lines for number in numbers if number is not None)
    return Drawing([Line(name, _line(numbers, top)) for name, numbers in lines], first, last, top)


def area_chart(first: date, last: date, layers: Sequence[tuple[str, Sequence[int]]]) -> Drawing:
    """Layers on top of each other, the first at the bottom, each by name with its number for every day."""
    below = [0] * max((len(numbers) for _, numbers in layers), default=0)
    stacked = []
    for name, numbers in layers:
        above = [low + number for low, number in zip(below, numbers, strict=True)]
        stacked.append((name, below, above))
        below = above
    top = _top(below)
    return Drawing([Line(name, _area(low, high, top)) for name, low, high in stacked], first, last, top)


def _top(numbers: Iterable[float]) -> int:
    return max(1, ceil(max(numbers, default=1)))


def _x(place: int, count: int) -> float:
    return round(place * WIDTH / max(1, count - 1), 1)


def _y(number: float, top: int) -> float:
    return round((HEIGHT - _FOOT) * (1 - number / top), 1)


def _line(numbers: Sequence[float | None], top: int) -> str:
    points = [(_x(at, len(numbers)), _y(each, top)) for at, each in enumerate(numbers) if each is not None]
    return "M" + "L".join(f"{x} {y}" for x, y in points) if points else ""


def _area(low: Sequence[int], high: Sequence[int], top: int) -> str:
    count = len(high)
    there = [f"{_x(at, count)} {_y(number, top)}" for at, number in enumerate(high)]
    back = [f"{_x(at, count)} {_y(number, top)}" for at, number in reversed(list(enumerate(low)))]
    return f"M{'L'.join(there + back)}Z" if there else ""
