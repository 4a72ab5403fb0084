"""The date rules of a deal, read as the plain values that ``reflow`` works on."""

from typing import cast

from tasks.date_rules import Count, Counting, Rolling, Way
from tasks.models import BusinessCalendar, DateProfile, DateRule, Project
from tasks.models.calendars import DayCount
from tasks.reflow import Ref, Rule, Side, Standing
from tasks.workdays import Workdays


def rules_of(project: Project) -> list[Rule]:
    """What hangs off what, counted as each rule's profile says, or the project's. A constant number of queries."""
    rows = DateRule.objects.of_project(project.pk).select_related("key_date").order_by("pk")
    profiles = DateProfile.objects.select_related("calendar").prefetch_related("calendar__closures")
    wanted = {row.profile_id for row in rows} | {project.date_profile_id}
    ways = _Ways(project, profiles.in_bulk([pk for pk in wanted if pk]))
    return [_rule(row, ways) for row in rows]


def key_days_of(project: Project) -> list[Standing]:
    """Its key dates, as they stand. One query."""
    return [
        Standing(Ref("key_date", each.pk), each.name, each.on, happened_on=each.met_on)
        for each in project.key_dates.all()
    ]


class _Ways:
    """How each rule counts: by its own profile, the project's, or every calendar day without either."""

    def __init__(self, project: Project, profiles: dict[int, DateProfile]) -> None:
        self._project = project
        self._profiles = profiles
        self._calendars: dict[int | None, Workdays] = {}

    def profile(self, count: DayCount) -> DateProfile | None:
        return self._profiles.get(count.profile_id or self._project.date_profile_id or 0)

    def workdays(self, profile: DateProfile | None) -> Workdays:
        """Of the profile's calendar or else the project's; each is worked out once."""
        calendar: BusinessCalendar | None = profile.calendar if profile else None
        key = calendar.pk if calendar else None
        if key not in self._calendars:
            self._calendars[key] = (calendar or self._project).workdays()
        return self._calendars[key]


def _rule(row: DateRule, ways: _Ways) -> Rule:
    profile = ways.profile(row)
    return Rule(
        target=Ref("key_date", row.key_date_id) if row.key_date_id else Ref("task", row.task_id or 0),
        anchor=Ref("key_date", row.after_key_date_id) if row.after_key_date_id else Ref("task", row.after_task_id or 0),
        count=count_of(row, profile, days=row.counted_days),
        calendar=ways.workdays(profile),
        sets=cast("Side", row.sets),
        is_overridden=row.key_date.is_overridden if row.key_date else row.is_overridden,
    )


def count_of(row: DayCount, profile: DateProfile | None, *, days: int) -> Count:
    """How a row counts: what it leaves empty is as ``profile`` says, or each calendar day as it is."""
    usual = profile or DateProfile()
    return Count(
        days=days,
        direction=cast("Way", row.direction),
        counting=cast("Counting", row.counting or usual.counting),
        weekend_roll=cast("Rolling", row.weekend_roll or usual.weekend_roll),
        holiday_roll=cast("Rolling", row.holiday_roll or usual.holiday_roll),
        skip_holidays=usual.skip_holidays if row.skip_holidays is None else row.skip_holidays,
    )
