"""The deadline of a task: the three fields that people give, and the instant that follows from them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from estateman.common import clock
from estateman.common.many import update_many
from estateman.common.versions import save_many
from tasks.deadlines import deadline_instant
from tasks.models import DateRule, KeyDate, Project, Task
from tasks.reflow import Ruling
from tasks.services.days import require_plannable

GIVEN = ("deadline_on", "deadline_time", "deadline_timezone")


def deadline_fields(project: Project, given: Mapping[str, Any]) -> dict[str, Any]:
    """All four fields of the deadline that ``given`` (GIVEN, at least deadline_on) describes.

    The project's own zone is not written down: should the project's change, so does the deadline's. Without a day
    there is no deadline. Raises ValidationError for a time without a day, an unknown zone, a day centuries off.
    """
    on, until, zone = (given.get(name) for name in GIVEN)
    if on is None:
        if until is not None:
            raise ValidationError({"deadline_time": "Say the day, too."})
        return {"deadline_on": None, "deadline_time": None, "deadline_timezone": "", "deadline_at": None}
    require_plannable(deadline_on=on)
    if zone:
        _require_zone(zone)
    own = zone if zone and zone != project.timezone else ""
    at = deadline_instant(on, until, own or project.timezone)
    return {"deadline_on": on, "deadline_time": until, "deadline_timezone": own, "deadline_at": at}


def follow_zone(project: Project) -> None:
    """The project's zone has changed: its deadlines that have none of their own end at another instant. Locked."""
    for task in Task.every.filter(project=project, deadline_timezone="", deadline_on__isnull=False):
        Task.every.filter(pk=task.pk).update(deadline_at=_instant(task, project.timezone))


def follow_rules(project: Project, rulings: Iterable[Ruling]) -> None:
    """Where a contract sets the day that a rule gives a task, its deadline is that day, too.

    The hour is the one it has, or for a deadline that is new the one that the way of counting ends on. Locked.
    """
    days = {ruling.target.id: ruling.due_on for ruling in rulings if ruling.holds and ruling.due_on}
    if not days:
        return
    rules = DateRule.objects.filter(task__in=days, is_deadline=True).select_related("task", "profile").order_by("pk")
    rows = []
    for rule in rules:
        assert rule.task  # noqa: S101  the filter says so
        if rule.task.deadline_on != days[rule.task.pk]:
            profile = rule.profile or project.date_profile
            given = {name: getattr(rule.task, name) for name in GIVEN} | {"deadline_on": days[rule.task.pk]}
            if rule.task.deadline_on is None and profile:
                given["deadline_time"] = profile.deadline_time
            rows.append((rule.task.pk, tuple(deadline_fields(project, given).values())))
    save_many(Task, (*GIVEN, "deadline_at"), rows)


def follow_hours(project: Project, first_dated: Iterable[int]) -> None:
    """Key dates (by their ids) that a rule has just given their first day last until the hour that its way of counting
    ends on, unless somebody said until when. Locked.
    """
    rules = DateRule.objects.filter(key_date__in=first_dated, key_date__at=None).select_related("profile")
    hours = {
        rule.key_date_id: profile.deadline_time for rule in rules if (profile := rule.profile or project.date_profile)
    }
    update_many(KeyDate, ("at",), ((pk, (at,)) for pk, at in hours.items() if pk and at))


def _instant(task: Task, zone: str) -> datetime:
    assert task.deadline_on  # noqa: S101  the caller's filter says so
    return deadline_instant(task.deadline_on, task.deadline_time, zone)


def _require_zone(zone: str) -> None:
    try:
        clock.validate_zone(zone)
    except ValidationError as unknown:
        raise ValidationError({"deadline_timezone": unknown.messages}) from None
