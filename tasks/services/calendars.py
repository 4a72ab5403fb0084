"""Business calendars, their closing days, and the ways to count days: the office's leaders arrange them.

What is changed here moves nothing by itself: each deal is counted anew when somebody says so, or when its next change
does, and can be looked at before (``recount_project``).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from estateman.activity.services import announce
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import BusinessCalendarChanged, DateProfileChanged
from tasks.models import (
    BusinessCalendar,
    Closure,
    DateChange,
    DateProfile,
    DateRule,
    Project,
    ProjectTemplate,
)
from tasks.permissions import can_arrange_calendars, can_work_on_project
from tasks.services.consequences import DayChange, changes_of, tried
from tasks.services.days import require_plannable
from tasks.services.locking import lock_project, read_anew, require
from tasks.services.refusals import CalendarGone, CalendarInUse, ClosedAlready, KeyTaken, ProfileInUse
from tasks.services.replanning import Cause, Seeds, replan

_LONGEST_KEY = 50
_MOST_NAMED = 20


@transaction.atomic
def create_calendar(*, name: str, by: User, key: str = "", **fields: Any) -> BusinessCalendar:
    """A new calendar. Raises KeyTaken, and ValidationError for weekdays or a country that there is not."""
    require(can_arrange_calendars(by))
    calendar = BusinessCalendar(name=name, key=key or _key_of(name), **fields)
    _create(calendar)
    _announce_calendar(calendar, "created", by)
    return calendar


@transaction.atomic
def change_calendar(
    calendar: BusinessCalendar, *, by: User, changes: Mapping[str, Any], version: int | None = None
) -> BusinessCalendar:
    """Change which days are business days. Raises VersionConflict, CalendarGone, ValidationError."""
    require(can_arrange_calendars(by))
    _hold(calendar)
    if _changed(calendar, changes, version):
        _announce_calendar(calendar, "changed", by)
    return calendar


@transaction.atomic
def delete_calendar(calendar: BusinessCalendar, *, by: User) -> None:
    """Delete it with its closing days. Raises CalendarInUse with what counts by it, CalendarGone."""
    require(can_arrange_calendars(by))
    _hold(calendar)
    projects, profiles = Project.objects.filter(calendar=calendar), DateProfile.objects.filter(calendar=calendar)
    if projects.exists() or profiles.exists():
        raise CalendarInUse(
            f"{projects.count()} projects and {profiles.count()} date profiles count by {calendar}.",
            projects=_named(projects.visible_to(by)),
            profiles=_named(profiles),
        )
    _announce_calendar(calendar, "removed", by)
    calendar.delete()


@transaction.atomic
def add_closure(calendar: BusinessCalendar, *, on: date, name: str, by: User) -> Closure:
    """Close on that day. Raises ClosedAlready, CalendarGone, and ValidationError for a day centuries off."""
    require(can_arrange_calendars(by))
    require_plannable(on=on)
    _hold(calendar)
    present = calendar.closures.filter(on=on).first()
    if present:
        raise ClosedAlready(f"{calendar} is closed on {on} already: {present.name}.", closure=present.pk)
    closure = Closure.objects.create(calendar=calendar, on=on, name=name)
    _announce_calendar(calendar, "changed", by)
    return closure


@transaction.atomic
def remove_closure(closure: Closure, *, by: User) -> None:
    """Open on that day again; removing what is gone changes nothing. Raises CalendarGone."""
    require(can_arrange_calendars(by))
    _hold(closure.calendar)
    deleted, _ = Closure.objects.filter(pk=closure.pk).delete()
    if deleted:
        _announce_calendar(closure.calendar, "changed", by)


@transaction.atomic
def create_profile(*, name: str, calendar: BusinessCalendar, by: User, key: str = "", **fields: Any) -> DateProfile:
    """A new way to count days, in the business days of ``calendar``. Raises KeyTaken, CalendarGone."""
    require(can_arrange_calendars(by))
    _hold(calendar)
    profile = DateProfile(name=name, calendar=calendar, key=key or _key_of(name), **fields)
    _create(profile)
    _announce_profile(profile, "created", by)
    return profile


@transaction.atomic
def change_profile(
    profile: DateProfile, *, by: User, changes: Mapping[str, Any], version: int | None = None
) -> DateProfile:
    """Change how it counts. Raises VersionConflict, CalendarGone."""
    require(can_arrange_calendars(by))
    _hold(profile)
    if calendar := changes.get("calendar"):
        _hold(calendar)
    if _changed(profile, changes, version):
        _announce_profile(profile, "changed", by)
    return profile


@transaction.atomic
def delete_profile(profile: DateProfile, *, by: User) -> None:
    """Delete it. Raises ProfileInUse with what counts by it, CalendarGone."""
    require(can_arrange_calendars(by))
    _hold(profile)
    projects, rules = Project.objects.filter(date_profile=profile), DateRule.objects.filter(profile=profile)
    of_tasks = ProjectTemplate.objects.filter(tasks__date_rule__profile=profile)
    templates = (of_tasks | ProjectTemplate.objects.filter(key_dates__date_rule__profile=profile)).distinct()
    if projects.exists() or rules.exists() or templates.exists():
        raise ProfileInUse(
            f"Projects, rules or templates count by {profile}. Give them another one first.",
            projects=_named(projects.visible_to(by)),
            rules=rules.count(),
            templates=_named(templates),
        )
    _announce_profile(profile, "removed", by)
    profile.delete()


def recount_project(project: Project, *, by: User, preview: bool = False) -> list[DayChange]:
    """Count all days of ``project`` anew, by its rules and its schedule, as its calendars and profiles are now.

    With ``preview`` only what would change. What was overridden or is finished stays, and is flagged where its rule
    says another day. Raises PlanTooLong, ProjectArchived.
    """
    require(can_work_on_project(by, project))
    with tried(preview):
        lock_project(project)
        cause = Cause(DateChange.Cause.PROJECT, "as all days were counted anew")
        outcome = replan(project, by=by, seeds=Seeds(everything=True), cause=cause)
        return changes_of(outcome, moved=None)


def _create(row: BusinessCalendar | DateProfile) -> None:
    row.full_clean(validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise KeyTaken(f"There is one with the key {row.key} already.") from None


def _changed(row: BusinessCalendar | DateProfile, changes: Mapping[str, Any], version: int | None) -> bool:
    """Write what is new; whether anything was."""
    fresh = {name: value for name, value in changes.items() if getattr(row, name) != value}
    for name, value in fresh.items():
        setattr(row, name, value)
    row.full_clean(validate_unique=False, validate_constraints=False)
    if fresh or version is not None:
        save_changes(row, fresh, version=version)
    return bool(fresh)


def _hold(row: BusinessCalendar | DateProfile) -> None:
    """Hold the row, as it stands now, until the transaction ends: nothing new can count by it. Raises CalendarGone."""
    held: QuerySet[Any] = type(row)._default_manager.select_for_update()
    read_anew(row, gone=CalendarGone("This was deleted meanwhile."), rows=held)


def _key_of(name: str) -> str:
    key = slugify(name)[:_LONGEST_KEY].strip("-")
    if not key:
        raise ValidationError({"key": "Say by what key it is known."})
    return key


def _named(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    return list(rows.order_by("pk").values("id", "name")[:_MOST_NAMED])


def _announce_calendar(calendar: BusinessCalendar, change: str, by: User) -> None:
    announce(BusinessCalendarChanged(by_id=by.pk, calendar_id=calendar.pk, calendar=calendar.name, change=change))


def _announce_profile(profile: DateProfile, change: str, by: User) -> None:
    announce(DateProfileChanged(by_id=by.pk, profile_id=profile.pk, profile=profile.name, change=change))
