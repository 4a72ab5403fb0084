"""Adding, moving and removing the days that a deal turns on. Moving one takes along all that hangs off it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import KeyDateAdded, KeyDateChanged, KeyDateRemoved
from tasks.models import DateChange, DateRule, KeyDate, KeyDateKind, Project, Task
from tasks.permissions import can_work_on_project
from tasks.reflow import Ref
from tasks.services.consequences import DayChange, changes_of, tried
from tasks.services.days import require_plannable
from tasks.services.locking import lock_project, read_anew, require
from tasks.services.refusals import KeyDateFollowed, KeyDateGone, KeyDateTaken
from tasks.services.replanning import Cause, Outcome, Seeds, replan

_MOVING = {"on", "met_on", "is_overridden"}


class Move(NamedTuple):
    """One of several key dates that are moved at once: ``changes`` are fields and their new values."""

    key_date: KeyDate
    changes: Mapping[str, Any]
    version: int | None = None


@transaction.atomic
def add_key_date(project: Project, *, kind: str, by: User, name: str = "", **details: Any) -> KeyDate:
    """Add a day that the deal turns on; without a ``name`` it has its kind's. ``on`` may still be open.

    Raises KeyDateTaken where the deal has one of this kind or name, ProjectArchived, and ValidationError for an own one
    without a name, or a day that cannot be.
    """
    require(can_work_on_project(by, project))
    lock_project(project)
    if not name and kind == KeyDateKind.OWN:
        raise ValidationError({"name": "Say what day this is."})
    key_date = KeyDate(project=project, kind=kind, name=name or _usual_name(kind), **details)
    _require_sound(key_date)
    key_date.save(force_insert=True)
    announce(KeyDateAdded(**_facts_of(key_date, by)))
    return key_date


def change_key_date(
    key_date: KeyDate, *, by: User, changes: Mapping[str, Any], version: int | None = None, preview: bool = False
) -> list[DayChange]:
    """Change one key date as ``move_key_dates`` does several, and return what moves with it."""
    return move_key_dates(key_date.project, moves=[Move(key_date, changes, version)], by=by, preview=preview)


def move_key_dates(project: Project, *, moves: list[Move], by: User, preview: bool = False) -> list[DayChange]:
    """Change key dates of ``project`` and all days that hang off them; returns each change, those of people first.

    One with a rule that is given a day is overridden: its rule moves it no more, until ``is_overridden`` is taken back.
    ``met_on`` is the day on which it really happened, from which all that hangs off it counts then. With ``preview``
    all of this is done and undone: what it returns is just what would happen.

    Raises KeyDateTaken, KeyDateGone, VersionConflict, PlanTooLong, ProjectArchived, and ValidationError for a key date
    of another project, a day that cannot be, or one not to be taken back where there is no rule.
    """
    require(can_work_on_project(by, project))
    with tried(preview):
        lock_project(project)
        changed = [change for move in moves if (change := _change(project, move, by))]
        seeds = Seeds(key_dates=frozenset(change.id for change in changed))
        if not seeds.key_dates:
            return []
        first = changed[0]
        cause = Cause(DateChange.Cause.KEY_DATE, f"as {first.name} was moved", key_date_id=first.id)
        outcome = replan(project, by=by, seeds=seeds, cause=cause)
        consequences = changes_of(outcome, moved={Ref("key_date", pk) for pk in seeds.key_dates})
        found = [*_given(changed, outcome), *consequences]
        for move in moves:
            move.key_date.refresh_from_db()
            move.key_date.project = project
    return found


@transaction.atomic
def remove_key_date(key_date: KeyDate, *, by: User, release: bool = False) -> None:
    """Take it off the deal. With ``release`` what counts from it loses its rule and goes by its schedule.

    Raises KeyDateFollowed, with what counts from it, unless that is to be released; KeyDateGone, ProjectArchived.
    """
    require(can_work_on_project(by, key_date.project))
    lock_key_date(key_date)
    rules = DateRule.objects.filter(after_key_date=key_date, task__deleted_at=None)
    followers = [rule.task or rule.key_date for rule in rules.select_related("task", "key_date").order_by("pk")]
    if followers and not release:
        raise KeyDateFollowed(
            f"These count from {key_date}: {', '.join(map(str, followers))}.",
            followers=[
                {"kind": "key_date" if isinstance(each, KeyDate) else "task", "id": each.pk, "name": each.name}
                for each in followers
                if each
            ],
        )
    announce(KeyDateRemoved(**_facts_of(key_date, by)))
    key_date.delete()
    seeds = Seeds(tasks=frozenset(each.pk for each in followers if isinstance(each, Task)))
    if seeds.tasks:
        cause = Cause(DateChange.Cause.KEY_DATE, f"as {key_date} was removed")
        replan(key_date.project, by=by, seeds=seeds, cause=cause)


def lock_key_date(key_date: KeyDate) -> None:
    """Hold its project and read it anew. Raises KeyDateGone, ProjectArchived."""
    project = key_date.project
    lock_project(project)
    read_anew(key_date, gone=KeyDateGone("This key date was removed meanwhile."))
    key_date.project = project


def _usual_name(kind: str) -> str:
    return KeyDateKind(kind).label.capitalize()


def _change(project: Project, move: Move, by: User) -> DayChange | None:
    """Write what is new; returns the change of day, if it is one that others may hang off."""
    key_date = move.key_date
    if key_date.project_id != project.pk:
        raise ValidationError({"key_dates": "A key date is not the project's."})
    lock_key_date(key_date)
    before, was_on = _day(key_date), key_date.on
    fresh = _fresh(key_date, move.changes)
    for name, value in fresh.items():
        setattr(key_date, name, value)
    _require_sound(key_date, fresh)
    if fresh or move.version is not None:
        save_changes(key_date, fresh, version=move.version)
    if fresh:
        announce(
            KeyDateChanged(
                **_facts_of(key_date, by),
                fields=tuple(sorted(fresh)),
                was_on=_iso(was_on),
                met_on=_iso(key_date.met_on),
            )
        )
    if not fresh.keys() & _MOVING:
        return None
    why = "it really happened then" if fresh.get("met_on") else "set by hand"
    return DayChange("key_date", key_date.pk, key_date.name, before, _day(key_date), why)


def _fresh(key_date: KeyDate, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Of ``changes`` what is new. A day given by hand overrides the rule, if there is one."""
    fresh = {name: value for name, value in changes.items() if getattr(key_date, name) != value}
    has_rule = DateRule.objects.filter(key_date=key_date).exists()
    if "on" in fresh and has_rule and "is_overridden" not in changes and not key_date.is_overridden:
        fresh["is_overridden"] = True
    if fresh.get("is_overridden") and not has_rule:
        raise ValidationError({"is_overridden": "It has no rule that could be overridden."})
    if "on" in fresh and has_rule and changes.get("is_overridden") is False:
        raise ValidationError({"on": "Set the day by hand, or give it back to its rule: not both."})
    return fresh


def _given(changed: list[DayChange], outcome: Outcome) -> list[DayChange]:
    """What people changed, less what its rule takes over again."""
    ruled = {each.key_date_id for each in outcome.key_dates}
    return [each for each in changed if each.id not in ruled and each.old != each.new]


def _require_sound(key_date: KeyDate, fresh: Mapping[str, Any] | None = None) -> None:
    """Raises ValidationError, KeyDateTaken. ``fresh`` are the fields that are new; all of a new key date's."""
    given = {"on": key_date.on, "met_on": key_date.met_on}
    require_plannable(**{name: day for name, day in given.items() if fresh is None or name in fresh})
    project = key_date.project
    if key_date.met_on and key_date.met_on > clock.local_date(clock.now(), project.timezone):
        raise ValidationError({"met_on": "This day has not come yet."})
    others = project.key_dates.exclude(pk=key_date.pk)
    same = others.filter(name=key_date.name).first()
    if key_date.kind != KeyDateKind.OWN:
        same = same or others.filter(kind=key_date.kind).first()
    if same:
        raise KeyDateTaken(f"{project} has {same} ({same.get_kind_display()}) already.", key_date=same.pk)


def _day(key_date: KeyDate) -> date | None:
    """The day that others count from."""
    return key_date.met_on or key_date.on


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _facts_of(key_date: KeyDate, by: User) -> dict[str, Any]:
    return {
        "by_id": by.pk,
        "project_id": key_date.project_id,
        "project": key_date.project.name,
        "key_date_id": key_date.pk,
        "key_date": key_date.name,
        "on": _iso(key_date.on),
    }
