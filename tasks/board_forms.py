"""The form that narrows a board and sorts it into rows."""

from datetime import date
from typing import Any

from django import forms

from estateman.people.models import User
from tasks.board import Wanted
from tasks.models import Priority, Project

_DUE = [
    ("", "Due whenever"),
    ("overdue", "Overdue"),
    ("today", "Due today"),
    ("week", "Due this week"),
    ("none", "No day"),
]
_ROWS = [("", "No rows"), ("assignee", "Rows by person"), ("priority", "Rows by priority"), ("label", "Rows by label")]


class BoardForm(forms.Form):
    """What the address of a board asks for. What cannot be, or is no longer there, narrows nothing."""

    q = forms.CharField(
        label="Search", max_length=200, required=False, widget=forms.SearchInput({"placeholder": "Search"})
    )
    assignee = forms.TypedChoiceField(label="Who has it", coerce=int, empty_value=None, required=False)
    label = forms.TypedChoiceField(label="Label", coerce=int, empty_value=None, required=False)
    priority = forms.ChoiceField(choices=[("", "Any priority"), *Priority.choices], required=False)
    due = forms.ChoiceField(choices=_DUE, required=False)
    swimlane = forms.ChoiceField(label="Rows", choices=_ROWS, required=False)
    mine = forms.BooleanField(label="Mine", required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "filter-%s", **kwargs})
        people = User.objects.filter(project_memberships__project=project).order_by("name", "pk")
        known = {
            "assignee": [(user.pk, str(user)) for user in people],
            "label": project.labels.values_list("pk", "name"),
        }
        for name, nothing in (("assignee", "Anybody"), ("label", "Any label")):
            self.fields[name].choices = [("", nothing), *known[name]]  # type: ignore[attr-defined]
        self.is_valid()

    def wanted(self, user: User, today: date) -> Wanted:
        """What ``user`` asks for; days are seen from ``today``."""
        asked = {name: value for name, value in self.cleaned_data.items() if name not in {"mine", "swimlane"}}
        return Wanted(today=today, mine=user if self.cleaned_data.get("mine") else None, **asked)

    @property
    def by(self) -> str:
        """What the rows are sorted by; empty for none."""
        return str(self.cleaned_data.get("swimlane", ""))
