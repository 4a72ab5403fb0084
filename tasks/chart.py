"""A Gantt chart drawn: where each bar, arrow and line stands, in pixels.

Plain geometry on a plan. Days go right, tasks go down; sub-tasks stand below the task they are part of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tasks.workdays import Workdays

ROW, BAR, HEAD = 36, 16, 48
ZOOMS = {"days": 28, "weeks": 13, "months": 5}
"""The width of a day, by how near one looks."""
_LETTER = 7  # the width of one, about
_ROUND = 8  # how far an arrow runs straight before it turns
_BEFORE, _AFTER = timedelta(days=4), timedelta(days=24)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Planned:
    """One task as it is drawn; days are inclusive, slack and duration working days."""

    id: int
    name: str
    parent: int | None
    start: date
    finish: date
    latest: date
    progress: int
    is_critical: bool
    is_milestone: bool
    is_parent: bool
    is_done: bool
    slack_days: int = 0
    duration_days: int = 1
    mode: str = "automatic"
    version: int = 1
    deadline: date | None = None
    kept: tuple[date, date] | None = None


@dataclass(frozen=True)
class Link:
    """``successor`` hangs off ``predecessor``."""

    predecessor: int
    successor: int
    type: str
    is_critical: bool = False


@dataclass(frozen=True)
class Bar:
    """One task on its row. A milestone has no width; ``kept`` is the bar of the baseline below it."""

    task: Planned
    depth: int
    x: int
    y: int
    width: int
    done_width: int
    slack_width: int
    kept: tuple[int, int] | None
    deadline_x: int | None

    @property
    def end(self) -> int:
        return self.x + self.width

    @property
    def middle(self) -> int:
        return self.y + BAR // 2

    @property
    def row_y(self) -> int:
        return self.y - (ROW - BAR) // 2

    @property
    def kept_y(self) -> int:
        return self.y + BAR + 3

    @property
    def diamond(self) -> str:
        """The corners of a milestone, around the instant it stands for."""
        half = BAR // 2 + 1
        corners = ((0, -half), (half, 0), (0, half), (-half, 0))
        return " ".join(f"{self.x + dx},{self.middle + dy}" for dx, dy in corners)


@dataclass(frozen=True)
class Arrow:
    """The way of one link, as the path of an SVG."""

    link: Link
    path: str


@dataclass(frozen=True)
class Span:
    """A stretch of days: a month or a week of the head, or days that nobody works."""

    label: str
    x: int
    width: int


@dataclass(frozen=True)
class Mark:
    """A key date. Its label is drawn where there is room beside the one before."""

    label: str
    x: int
    has_room: bool


@dataclass(frozen=True)
class Chart:
    """All there is to draw."""

    first: date
    step: int
    width: int
    height: int
    bars: Sequence[Bar]
    arrows: Sequence[Arrow]
    months: Sequence[Span]
    weeks: Sequence[Span]
    closed: Sequence[Span]
    key_dates: Sequence[Mark]
    today_x: int | None


def draw(
    tasks: Sequence[Planned],
    links: Iterable[Link],
    *,
    workdays: Workdays,
    today: date,
    key_dates: Mapping[str, date],
    step: int,
) -> Chart:
    """The chart of ``tasks``, a day ``step`` pixels wide."""
    days = [day for task in tasks for day in _days_of(task)] + list(key_dates.values()) or [today]
    first, last = min(days) - _BEFORE, max(days) + _AFTER
    paper = _Paper(first, step)
    bars = [_bar(task, depth, row, paper) for row, (task, depth) in enumerate(_outline(tasks))]
    by_task = {bar.task.id: bar for bar in bars}
    return Chart(
        first=first,
        step=step,
        width=paper.x(last),
        height=HEAD + ROW * max(1, len(bars)),
        bars=bars,
        arrows=[Arrow(link, _path(link.type, by_task[link.predecessor], by_task[link.successor])) for link in links],
        months=list(_months(paper, last)),
        weeks=list(_weeks(paper, last)),
        closed=list(_closed(paper, last, workdays)),
        key_dates=list(_marks(paper, key_dates)),
        today_x=paper.x(today) if first <= today < last else None,
    )


@dataclass(frozen=True)
class _Paper:
    first: date
    step: int

    def x(self, day: date) -> int:
        """Where ``day`` begins."""
        return (day - self.first).days * self.step


def _days_of(task: Planned) -> list[date]:
    also = [task.deadline] if task.deadline else []
    return [task.start, task.finish, *also, *(task.kept or ())]


def _outline(tasks: Sequence[Planned]) -> Iterator[tuple[Planned, int]]:
    """Each task with how deep it stands, those that are part of another below it."""
    present = {task.id for task in tasks}
    parts: dict[int | None, list[Planned]] = {}
    for task in tasks:
        parts.setdefault(task.parent if task.parent in present else None, []).append(task)
    stack = [(task, 0) for task in reversed(parts.get(None, []))]
    while stack:
        task, depth = stack.pop()
        yield task, depth
        stack += [(part, depth + 1) for part in reversed(parts.get(task.id, []))]


def _bar(task: Planned, depth: int, row: int, paper: _Paper) -> Bar:
    x = paper.x(task.start)
    width = 0 if task.is_milestone else paper.x(task.finish + _DAY) - x
    slack = 0 if task.is_done else max(0, paper.x(task.latest) - paper.x(task.finish))
    return Bar(
        task=task,
        depth=depth,
        x=x,
        y=HEAD + row * ROW + (ROW - BAR) // 2,
        width=width,
        done_width=width * task.progress // 100,
        slack_width=slack,
        kept=(paper.x(task.kept[0]), paper.x(task.kept[1] + _DAY) - paper.x(task.kept[0])) if task.kept else None,
        deadline_x=paper.x(task.deadline + _DAY) if task.deadline else None,
    )


def _path(kind: str, before: Bar, after: Bar) -> str:
    """From the end that holds to the end that is held: straight on where there is room, else around."""
    out, into = (1 if kind[0] == "F" else -1), (-1 if kind[1] == "S" else 1)
    x1 = before.end if out > 0 else before.x
    x2 = after.x if into < 0 else after.end
    leave, enter = x1 + out * _ROUND, x2 + into * _ROUND
    y1, y2 = before.middle, after.middle
    if out != into and (enter - leave) * out >= 0:
        return f"M{x1} {y1}H{leave}V{y2}H{x2}"
    if out == into:
        turn = max(leave, enter) if out > 0 else min(leave, enter)
        return f"M{x1} {y1}H{turn}V{y2}H{x2}"
    between = y1 + (ROW // 2 if y2 > y1 else -(ROW // 2))
    return f"M{x1} {y1}H{leave}V{between}H{enter}V{y2}H{x2}"


def _marks(paper: _Paper, key_dates: Mapping[str, date]) -> Iterator[Mark]:
    """Key dates from left to right."""
    free = 0
    for name, day in sorted(key_dates.items(), key=lambda each: (each[1], each[0])):
        x = paper.x(day)
        has_room = x >= free
        if has_room:
            free = x + _LETTER * (len(name) + 2)
        yield Mark(name, x, has_room)


def _months(paper: _Paper, last: date) -> Iterator[Span]:
    day = paper.first
    while day < last:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(following, last)
        yield Span(f"{day:%B %Y}", paper.x(day), paper.x(end) - paper.x(day))
        day = following


def _weeks(paper: _Paper, last: date) -> Iterator[Span]:
    """Weeks by their Monday, each as wide as seven days."""
    day = paper.first - timedelta(days=paper.first.weekday())
    while day < last:
        yield Span(str(day.day), paper.x(day), 7 * paper.step)
        day += timedelta(days=7)


def _closed(paper: _Paper, last: date, workdays: Workdays) -> Iterator[Span]:
    """Stretches of days that nobody works."""
    day, start = paper.first, None
    while day <= last:
        if not workdays.is_workday(day) and day < last:
            start = start or day
        elif start:
            yield Span("", paper.x(start), paper.x(day) - paper.x(start))
            start = None
        day += _DAY
