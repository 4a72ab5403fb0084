"""What a change brings about in the days of a deal, as people look at it before they say yes."""

from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db import transaction

from tasks.models import KeyDate, Task
from tasks.reflow import Flag, Ref, Ruling
from tasks.services.replanning import Outcome


@dataclass(frozen=True)
class DayChange:
    """A key date or a task that gets another day.

    ``old`` and ``new`` are the key date's day, or the day on which the task is due. ``why`` says in words what puts it
    there. With a ``flag`` it stays on its old day, although its rule says the new one: it was set by hand, or it is
    done.
    """

    kind: Literal["key_date", "task"]
    id: int
    name: str
    old: date | None
    new: date | None
    why: str
    flag: Flag | None = None
    old_starts_on: date | None = None
    new_starts_on: date | None = None


@contextmanager
def tried(preview: bool) -> Iterator[None]:  # noqa: FBT001  reads as a sentence: with tried(preview)
    """A transaction; one that is undone where it is but a preview.

    So a preview is the change itself, and cannot say anything else than what the change then does.
    """
    with transaction.atomic():
        yield
        if preview:
            transaction.set_rollback(True)


def changes_of(outcome: Outcome, *, moved: Set[Ref] | None) -> list[DayChange]:
    """All that moves, key dates first, and then what would have, had it not been overridden or finished.

    Of those, only what counts from one that is ``moved`` or moves with it; None is everything. At most two queries.
    """
    key_dates = [
        DayChange("key_date", each.key_date_id, each.name, each.before, each.after, each.why)
        for each in outcome.key_dates
    ]
    tasks = [
        DayChange(
            "task",
            each.task_id,
            each.name,
            each.before[1],
            each.after[1],
            each.cause.why,
            old_starts_on=each.before[0],
            new_starts_on=each.after[0],
        )
        for each in outcome.changes
    ]
    return [*key_dates, *tasks, *_held(outcome, moved)]


def _held(outcome: Outcome, moved: Set[Ref] | None) -> list[DayChange]:
    anchors = {Ref("key_date", each.key_date_id) for each in outcome.key_dates}
    anchors |= {Ref("task", each.task_id) for each in outcome.changes}
    held = [
        ruling
        for ruling in outcome.rulings
        if ruling.flag
        and ruling.on
        and (moved is None or (ruling.anchor in anchors | moved and ruling.target not in moved))
    ]
    key_dates = KeyDate.objects.in_bulk([each.target.id for each in held if each.target.kind == "key_date"])
    tasks = Task.objects.in_bulk([each.target.id for each in held if each.target.kind == "task"])
    found = [
        _of_key_date(key_dates[ruling.target.id], ruling)
        if ruling.target.kind == "key_date"
        else _of_task(tasks[ruling.target.id], ruling)
        for ruling in held
    ]
    return [each for each in found if (each.old, each.old_starts_on) != (each.new, each.new_starts_on)]


def _of_key_date(key_date: KeyDate, ruling: Ruling) -> DayChange:
    stands = key_date.met_on or key_date.on
    return DayChange("key_date", key_date.pk, key_date.name, stands, ruling.on, ruling.why, ruling.flag)


def _of_task(task: Task, ruling: Ruling) -> DayChange:
    return DayChange(
        "task",
        task.pk,
        task.name,
        task.completed_on or task.due_on,
        ruling.due_on,
        ruling.why,
        ruling.flag,
        old_starts_on=task.starts_on,
        new_starts_on=ruling.starts_on,
    )
