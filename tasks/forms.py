"""The form that opens a deal."""

from typing import Any

from django import forms

from estateman.people.models import User
from tasks.models import BusinessCalendar, DateProfile, DealRole, ProjectKind, ProjectTemplate


class DealForm(forms.Form):
    """What a deal starts with. It asks for the people that the chosen template gives tasks to."""

    name = forms.CharField(max_length=160, widget=forms.TextInput(attrs={"autofocus": True}))
    address = forms.CharField(max_length=240, required=False)
    client_names = forms.CharField(label="Clients", max_length=240, required=False)
    starts_on = forms.DateField(label="Starts on", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    calendar = forms.ModelChoiceField(
        BusinessCalendar.objects.order_by("name"),
        label="Working days",
        required=False,
        empty_label="Mondays to Fridays",
    )
    date_profile = forms.ModelChoiceField(
        DateProfile.objects.order_by("name"),
        label="How its contract counts days",
        required=False,
        empty_label="As each rule says",
    )
    template = forms.ModelChoiceField(
        ProjectTemplate.objects.filter(is_active=True).order_by("name"),
        required=False,
        empty_label="None: an empty board",
        help_text="Its tasks are dated from the day the deal starts.",
    )
    kind = forms.ChoiceField(choices=[(kind.value, kind.label.capitalize()) for kind in ProjectKind])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        template = self._chosen_template()
        if template:
            self.initial["kind"] = template.kind
        self._add_roles(template)

    def _chosen_template(self) -> ProjectTemplate | None:
        try:
            chosen: ProjectTemplate | None = self.fields["template"].clean(self["template"].value() or None)
        except forms.ValidationError:
            return None
        return chosen

    def _add_roles(self, template: ProjectTemplate | None) -> None:
        people = {str(user.pk): user for user in User.objects.filter(is_active=True).order_by("name")}
        choices = [("", "Nobody yet"), *((pk, user.name) for pk, user in people.items())]
        asked = set(template.tasks.values_list("role", flat=True)) if template else set(DealRole)
        for role in DealRole:
            if role in asked:
                self.fields[f"role_{role}"] = forms.TypedChoiceField(
                    label=role.label.capitalize(),
                    choices=choices,
                    coerce=people.get,
                    empty_value=None,
                    required=False,
                )

    @property
    def people(self) -> list[forms.BoundField]:
        """The fields that ask who plays which part."""
        return [self[name] for name in self.fields if name.startswith("role_")]

    @property
    def plan(self) -> dict[str, Any]:
        """What was filled in, as ``open_project`` takes it."""
        plan = {name: value for name, value in self.cleaned_data.items() if not name.startswith("role_")}
        roles = {role: self.cleaned_data.get(f"role_{role}") for role in DealRole}
        return {**plan, "roles": {str(role): user for role, user in roles.items() if user}}
