"""What lists of projects and tasks can be narrowed by."""

from typing import Any

from django.db.models import Q
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from tasks.models import Priority, ProjectKind, ProjectStar, ProjectStatus
from tasks.models.projects import ProjectQuerySet
from tasks.models.tasks import TaskQuerySet
from tasks.models.time import TimeLogQuerySet

# What can be an id; anything else is a 400, where SQLite would fall over a number that no column holds.
_ID: dict[str, Any] = {"min_value": 1, "max_value": 2**63 - 1}
_YES = ("true", "True", "1")
_NO = ("false", "False", "0")


@extend_schema_field(OpenApiTypes.BOOL)
class YesNoFilter(filters.TypedChoiceFilter):
    """Yes or no; any other word is a 400, where a BooleanFilter would ignore it."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [(word, word) for word in (*_YES, *_NO)]
        super().__init__(choices=choices, coerce=_YES.__contains__, empty_value=None, **kwargs)


class ProjectFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=ProjectKind.choices)
    status = filters.ChoiceFilter(choices=ProjectStatus.choices)
    team = filters.NumberFilter(**_ID)
    member = filters.NumberFilter(field_name="memberships__user", **_ID, help_text="Who belongs to it")
    archived = YesNoFilter(method="filter_archived", help_text="true: only the archive; otherwise what is not in it")
    starred = YesNoFilter(method="filter_starred", help_text="true: only those that I starred")
    q = filters.CharFilter(method="search", help_text="In the name, the address and the clients' names")

    def filter_archived(self, projects: ProjectQuerySet, name: str, value: object) -> ProjectQuerySet:
        return projects.filter(archived_at__isnull=not value)

    def filter_starred(self, projects: ProjectQuerySet, name: str, value: object) -> ProjectQuerySet:
        mine = ProjectStar.objects.filter(user=self.request.user).values("project")
        return projects.filter(pk__in=mine) if value else projects.exclude(pk__in=mine)

    def search(self, projects: ProjectQuerySet, name: str, value: str) -> ProjectQuerySet:
        found = Q(name__icontains=value) | Q(address__icontains=value) | Q(client_names__icontains=value)
        return projects.filter(found)


class TemplateFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=ProjectKind.choices)
    applies_on = filters.ChoiceFilter(choices=ProjectStatus.choices, help_text="Where it is applied by itself")
    active = YesNoFilter(field_name="is_active", help_text="false: only those out of use, for the office's leaders")
    q = filters.CharFilter(field_name="name", lookup_expr="icontains", help_text="In the name")


class TaskFilter(filters.FilterSet):
    project = filters.NumberFilter(**_ID)
    column = filters.NumberFilter(**_ID)
    assignee = filters.NumberFilter(field_name="assignments__user", **_ID, help_text="Who has it")
    parent = filters.NumberFilter(**_ID, help_text="What it is part of")
    label = filters.NumberFilter(field_name="labels", **_ID, help_text="A label that it has")
    watcher = filters.NumberFilter(field_name="watchings__user", **_ID, help_text="Who watches it")
    priority = filters.ChoiceFilter(choices=Priority.choices)
    completed = YesNoFilter(field_name="completed_at", lookup_expr="isnull", exclude=True)
    blocked = YesNoFilter(method="filter_blocked", help_text="Whether it waits for others to be completed")
    due_before = filters.DateFilter(field_name="due_on", lookup_expr="lt", help_text="Due on an earlier day than this")
    q = filters.CharFilter(method="search", help_text="In the name, the key and the description")

    def filter_blocked(self, tasks: TaskQuerySet, name: str, value: object) -> TaskQuerySet:
        blocked = tasks.blocked().values("pk")
        return tasks.filter(pk__in=blocked) if value else tasks.exclude(pk__in=blocked)

    def search(self, tasks: TaskQuerySet, name: str, value: str) -> TaskQuerySet:
        return tasks.searched(value)


class TimeLogFilter(filters.FilterSet):
    user = filters.NumberFilter(**_ID, help_text="Whose; mine, where nothing else is asked for")
    project = filters.NumberFilter(field_name="task__project", **_ID)
    task = filters.NumberFilter(**_ID)
    everyone = YesNoFilter(method="all_of_them", help_text="true: all that I may see")
    since = filters.DateFilter(field_name="work_date", lookup_expr="gte", help_text="Begun on this day or later")
    until = filters.DateFilter(field_name="work_date", lookup_expr="lte", help_text="Begun on this day or earlier")
    billable = YesNoFilter(field_name="is_billable")
    needs_review = YesNoFilter()
    running = YesNoFilter(field_name="ended_at", lookup_expr="isnull")

    def all_of_them(self, logs: TimeLogQuerySet, name: str, value: object) -> TimeLogQuerySet:
        return logs

    def filter_queryset(self, queryset: TimeLogQuerySet) -> TimeLogQuerySet:
        """Mine, unless it is said whose."""
        narrowed: TimeLogQuerySet = super().filter_queryset(queryset)
        said = any(self.form.cleaned_data[name] for name in ("user", "project", "task", "everyone"))
        return narrowed if said else narrowed.filter(user=self.request.user)
