"""Days that hang off other days by rules: what each rule says, on plain values.

A deal's key dates and tasks are one web: closing pulls the walkthrough, the walkthrough a task, and that task's
completion the next key date. ``reflow`` walks it once, anchors first, so that every rule counts from where its anchor
comes to stand.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from tasks.date_rules import Count, counted
from tasks.scheduling import Circle
from tasks.workdays import WEEKDAYS, Workdays

Flag = Literal["overridden", "finished"]
Side = Literal["start", "due"]


class Ref(NamedTuple):
    """One key date or task: what a rule moves, and what it counts from."""

    kind: Literal["key_date", "task"]
    id: int


class Standing(NamedTuple):
    """A key date or a task as it stands.

    ``on`` is the key date's day, or the day on which the task is due as planned; None while it has none.
    ``happened_on`` is the day on which it really happened or was completed: it moves no more, and what hangs off it
    counts from there. ``duration_days`` are a task's working days.
    """

    ref: Ref
    name: str
    on: date | None
    happened_on: date | None = None
    duration_days: int = 1

    @property
    def day(self) -> date | None:
        """The day that others count from."""
        return self.happened_on or self.on


@dataclass(frozen=True)
class Rule:
    """``target`` is ``count`` from ``anchor``, in the business days of ``calendar``.

    ``sets`` says which day of a task; a key date has but one. One that is overridden moves nothing any more.
    """

    target: Ref
    anchor: Ref
    count: Count
    calendar: Workdays = WEEKDAYS
    sets: Side = "due"
    is_overridden: bool = False

    def describe(self, anchor: str) -> str:
        return self.count.describe(anchor)


class Ruling(NamedTuple):
    """What a rule says of its target.

    ``on`` is the rule's day, as it is: also a Sunday, if the contract says so. None while the anchor has no day: the
    target stays where it stands until then.
    ``starts_on`` and ``due_on`` are a task's days with it, both None for a key date. ``why`` is the rule in words and
    ``anchor`` what it counts from, the cause of any move. With a ``flag`` the target stays where it stands.
    """

    target: Ref
    anchor: Ref
    on: date | None
    starts_on: date | None
    due_on: date | None
    why: str
    flag: Flag | None

    @property
    def holds(self) -> bool:
        """Whether the target is to stand where the rule says."""
        return self.flag is None


def reflow(standings: Iterable[Standing], rules: Iterable[Rule], workdays: Workdays) -> dict[Ref, Ruling]:
    """What each rule says of its target, those that others count from first.

    ``workdays`` are the project's: they lead from one end of a task to the other. Rules count from where their anchors
    come to stand: on the day it happened, or where its own rule puts it, or where it stands. A day off the calendar is
    None. A rule whose anchor or target does not stand anywhere says nothing. Raises Circle for rules that count from
    each other.
    """
    stands = {each.ref: each for each in standings}
    by_target = {rule.target: rule for rule in rules if rule.target in stands and rule.anchor in stands}
    days = {ref: each.day for ref, each in stands.items()}
    rulings: dict[Ref, Ruling] = {}
    for target in _anchors_first(by_target):
        ruling = _ruling(by_target[target], stands, days[by_target[target].anchor], workdays)
        rulings[target] = ruling
        if ruling.holds and ruling.on:
            days[target] = ruling.due_on or ruling.on
    return rulings


def _anchors_first(rules: Mapping[Ref, Rule]) -> list[Ref]:
    """Kahn's way: what counts from nothing ruled first, then what counts from those."""
    followers: dict[Ref, list[Ref]] = defaultdict(list)
    for target, rule in rules.items():
        followers[rule.anchor].append(target)
    order = [target for target, rule in rules.items() if rule.anchor not in rules]
    for target in order:  # grows while it is walked
        order.extend(followers[target])
    if len(order) < len(rules):
        raise Circle([target for target in rules if target not in order])
    return order


def _ruling(rule: Rule, stands: Mapping[Ref, Standing], anchor_day: date | None, workdays: Workdays) -> Ruling:
    target = stands[rule.target]
    on = _day_of(rule, anchor_day)
    starts_on, due_on = _days_of_task(rule, target, on, workdays)
    flag: Flag | None = "overridden" if rule.is_overridden else None
    if target.happened_on:
        flag = "finished"
    why = rule.describe(stands[rule.anchor].name)
    return Ruling(rule.target, rule.anchor, on, starts_on, due_on, why, flag)


def _day_of(rule: Rule, anchor_day: date | None) -> date | None:
    try:
        return anchor_day and counted(anchor_day, rule.count, rule.calendar)
    except OverflowError:
        return None


def _days_of_task(rule: Rule, task: Standing, on: date | None, workdays: Workdays) -> tuple[date | None, date | None]:
    if on is None or task.ref.kind == "key_date":
        return None, None
    if rule.sets == "start":
        return on, workdays.last_day(on, task.duration_days)
    return workdays.first_day(on, task.duration_days), on
