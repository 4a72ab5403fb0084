"""What a run found, as numbers and as lines to read. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One peer's result. ``ratios`` holds its value divided by that of each named peer."""

    peer: str
    value: float
    unit: str
    ratios: Mapping[str, float] = field(default_factory=dict)
    also: str = ""

    def line(self) -> str:
        """``  Estateman on uvicorn      41,200 deliveries/CPU-s   0.71 x bare websockets``."""
        ratios = ", ".join(f"{ratio:.2f} x {peer}" for peer, ratio in self.ratios.items())
        said = "; ".join(part for part in (self.also, ratios) if part)
        return f"  {self.peer:<44}{rounded(self.value):>9} {self.unit:<20}{said}".rstrip()


@dataclass(frozen=True, kw_only=True)
class Section:
    """One entry's results under a heading; ``left_out`` says what this machine could not measure, and why."""

    title: str
    figures: Sequence[Figure]
    left_out: Sequence[str] = ()

    def lines(self) -> list[str]:
        return [
            self.title,
            *(figure.line() for figure in self.figures),
            *(f"  Left out: {why}" for why in self.left_out),
        ]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0-1) of all are not above. Raises ValueError for no values."""
    if not values:
        raise ValueError("There is no percentile of nothing")
    ordered = sorted(values)
    rank = max(-int(-share * len(ordered) // 1), 1)
    return ordered[rank - 1]


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios round by round: what slows a whole round down touches both sides of its ratio."""
    return median(our / their for our, their in zip(ours, theirs, strict=True))


def rounded(value: float) -> str:
    """Three digits and no more: the machine is not quieter than that."""
    if value >= 1000:
        digits = len(str(int(value))) - 3
        return f"{round(value, -digits):,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
