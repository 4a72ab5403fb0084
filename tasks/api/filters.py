"""What lists of projects and tasks can be narrowed by."""

from typing import Any

from django.db.models import Q
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from tasks.models import Priority, ProjectKind, ProjectStatus
from tasks.models.projects import ProjectQuerySet
from tasks.models.tasks import TaskQuerySet

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
    q = filters.CharFilter(method="search", help_text="In the name and the address")

    def filter_archived(self, projects: ProjectQuerySet, name: str, value: object) -> ProjectQuerySet:
        return projects.filter(archived_at__isnull=not value)

    def search(self, projects: ProjectQuerySet, name: str, value: str) -> ProjectQuerySet:
        return projects.filter(Q(name__icontains=value) | Q(address__icontains=value))


class TaskFilter(filters.FilterSet):
    project = filters.NumberFilter(**_ID)
    column = filters.NumberFilter(**_ID)
    assignee = filters.NumberFilter(field_name="assignments__user", **_ID, help_text="Who has it")
    priority = filters.ChoiceFilter(choices=Priority.choices)
    completed = YesNoFilter(field_name="completed_at", lookup_expr="isnull", exclude=True)
    blocked = YesNoFilter(method="filter_blocked", help_text="Whether it waits for others to be completed")
    due_before = filters.DateFilter(field_name="due_on", lookup_expr="lt", help_text="Due on an earlier day than this")
    q = filters.CharFilter(method="search", help_text="In the name, the key and the description")

    def filter_blocked(self, tasks: TaskQuerySet, name: str, value: object) -> TaskQuerySet:
        blocked = tasks.blocked().values("pk")
        return tasks.filter(pk__in=blocked) if value else tasks.exclude(pk__in=blocked)

    def search(self, tasks: TaskQuerySet, name: str, value: str) -> TaskQuerySet:
        found = Q(name__icontains=value) | Q(key__iexact=value) | Q(description__icontains=value)
        return tasks.filter(found)
