"""A template as plain data: what stands in it, whether it holds together, and whether it goes round in a circle.

Tasks are known by their keys, key dates by their names.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tasks.dependencies import Thing, Waiting, find_circle

Mistakes = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """So many ``days`` from a key date, or from the day a task is completed: one of ``after_key_date``, ``after_task``.

    ``profile`` is the key of a named way of counting; what is left empty is as the profile, or the deal's, says.
    """

    days: int
    after_key_date: str = ""
    after_task: str = ""
    direction: str = "after"
    sets: str = "due"
    profile: str = ""
    counting: str = ""
    weekend_roll: str = ""
    holiday_roll: str = ""
    skip_holidays: bool | None = None


@dataclass(frozen=True)
class Item:
    """A line of a checklist."""

    text: str
    is_required: bool = False
    needs_document: bool = False
    needs_review: bool = False


@dataclass(frozen=True)
class Day:
    """A key date, and the rule it follows until somebody sets it by hand."""

    kind: str
    name: str
    rule: Rule | None = None


@dataclass(frozen=True)
class Step:
    """One task of ``duration_days`` working days, for whoever plays ``role``.

    ``offset_days``: how many working days in it may begin. ``parent``: the key of the task it is part of.
    ``is_deadline``: its due day is one that the contract sets.
    """

    key: str
    name: str
    duration_days: int = 1
    role: str = ""
    description: str = ""
    offset_days: int = 0
    parent: str = ""
    priority: str = "normal"
    estimate_minutes: int | None = None
    labels: tuple[str, ...] = ()
    is_deadline: bool = False
    checklist: tuple[Item, ...] = ()
    rule: Rule | None = None


@dataclass(frozen=True)
class Wait:
    """``successor`` hangs off ``predecessor``; the lag counts working days."""

    predecessor: str
    successor: str
    type: str = "FS"
    lag_days: int = 0


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """A whole template."""

    key: str
    name: str
    kind: str = ""
    applies_on: str = ""
    description: str = ""
    is_active: bool = True
    key_dates: tuple[Day, ...] = ()
    tasks: tuple[Step, ...] = ()
    dependencies: tuple[Wait, ...] = ()


def mistakes(plan: Blueprint) -> Mistakes:
    """What does not hold together, by where it stands (``tasks.3.parent``); empty when all of it does.

    Circles are left to ``circle``, which names the tasks that go round in one.
    """
    return dict([*_of_key_dates(plan), *_of_tasks(plan), *_of_rules(plan), *_of_dependencies(plan)])


def circle(plan: Blueprint) -> list[str]:
    """Tasks, by key, and key dates, by name, that wait for each other: each for the one before it, the first for the
    last. Empty without any. To be asked of a plan that holds together.
    """
    keys = [step.key for step in plan.tasks]
    days = [day.name for day in plan.key_dates]
    place = {key: at for at, key in enumerate(keys)}
    waiting = Waiting(
        parents={place[step.key]: place[step.parent] for step in plan.tasks if step.parent},
        waits=[(place[each.predecessor], place[each.successor]) for each in plan.dependencies],
        rules=list(_rules(plan, place, {name: at for at, name in enumerate(days)})),
    )
    found = find_circle(waiting.edges) or []
    names = [keys[node.id] if node.is_task else days[node.id] for node in found]
    return list(dict.fromkeys(names))


def _rules(plan: Blueprint, tasks: Mapping[str, int], days: Mapping[str, int]) -> Iterator[tuple[Thing, Thing]]:
    for step in plan.tasks:
        if step.rule:
            yield _anchor(step.rule, tasks, days), ("task", tasks[step.key])
    for day in plan.key_dates:
        if day.rule:
            yield _anchor(day.rule, tasks, days), ("key_date", days[day.name])


def _anchor(rule: Rule, tasks: Mapping[str, int], days: Mapping[str, int]) -> Thing:
    return ("task", tasks[rule.after_task]) if rule.after_task else ("key_date", days[rule.after_key_date])


def _of_key_dates(plan: Blueprint) -> Iterator[tuple[str, str]]:
    kinds = [day.kind for day in plan.key_dates]
    for place in _again(day.name for day in plan.key_dates):
        yield f"key_dates.{place}.name", "Another key date has this name."
    for place in _again(kinds):
        if kinds[place] != "own":
            yield f"key_dates.{place}.kind", "A deal has one key date of a kind; further ones are our own."


def _of_tasks(plan: Blueprint) -> Iterator[tuple[str, str]]:
    keys = {step.key for step in plan.tasks}
    parents = {step.parent for step in plan.tasks}
    for place in _again(step.key for step in plan.tasks):
        yield f"tasks.{place}.key", "Another task has this key."
    for place, step in enumerate(plan.tasks):
        if step.parent == step.key:
            yield f"tasks.{place}.parent", "A task cannot be part of itself."
        elif step.parent and step.parent not in keys:
            yield f"tasks.{place}.parent", "There is no task with this key in the template."
        if step.rule and step.key in parents:
            yield f"tasks.{place}.rule", "The days of a task with sub-tasks follow from theirs."


def _of_rules(plan: Blueprint) -> Iterator[tuple[str, str]]:
    keys = {step.key for step in plan.tasks}
    names = {day.name for day in plan.key_dates}
    ruled = [(f"tasks.{place}", step.key, step.rule) for place, step in enumerate(plan.tasks)]
    ruled += [(f"key_dates.{place}", day.name, day.rule) for place, day in enumerate(plan.key_dates)]
    for place, itself, rule in ruled:
        if rule is None:
            continue
        if bool(rule.after_key_date) == bool(rule.after_task):
            yield f"{place}.rule", "Count from a key date or from a task: one of the two."
        elif rule.after_key_date and rule.after_key_date not in names:
            yield f"{place}.rule.after_key_date", "There is no key date of this name in the template."
        elif rule.after_task and rule.after_task not in keys:
            yield f"{place}.rule.after_task", "There is no task with this key in the template."
        elif itself == (rule.after_key_date if place.startswith("key_dates") else rule.after_task):
            yield f"{place}.rule", "It cannot be counted from itself."


def _of_dependencies(plan: Blueprint) -> Iterator[tuple[str, str]]:
    keys = {step.key for step in plan.tasks}
    for place in _again((wait.predecessor, wait.successor) for wait in plan.dependencies):
        yield f"dependencies.{place}", "These two hang together already."
    for place, wait in enumerate(plan.dependencies):
        for end in ("predecessor", "successor"):
            if getattr(wait, end) not in keys:
                yield f"dependencies.{place}.{end}", "There is no task with this key in the template."
        if wait.predecessor == wait.successor:
            yield f"dependencies.{place}.predecessor", "A task cannot wait for itself."


def _again(values: Iterable[object]) -> Iterator[int]:
    """The places of those that stand further up already."""
    seen: Counter[object] = Counter()
    for place, value in enumerate(values):
        if seen[value]:
            yield place
        seen[value] += 1
