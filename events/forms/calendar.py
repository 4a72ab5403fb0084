"""The forms of a calendar's settings."""

from typing import Any

from django import forms

from estateman.people.models import Team, User
from events.forms.event import lead_choices
from events.models import Access, Calendar, CalendarLink, ConflictPolicy

_POLICIES = {
    ConflictPolicy.IGNORE: "Plan it all the same, and say nothing",
    ConflictPolicy.WARN: "Plan it, and say what it falls together with",
    ConflictPolicy.REFUSE: "Do not plan it",
}
_ACCESS = {
    Access.FREE_BUSY: "sees when it is busy",
    Access.READ: "reads it",
    Access.WRITE: "writes into it",
    Access.MANAGE: "manages it",
}
_DIRECTIONS = {
    CalendarLink.Direction.BOTH: "Both ways",
    CalendarLink.Direction.PULL: "From there to here",
    CalendarLink.Direction.PUSH: "From here to there",
}
_WINNERS = {
    CalendarLink.Winner.NEWEST: "Who wrote last",
    CalendarLink.Winner.LOCAL: "This calendar",
    CalendarLink.Winner.REMOTE: "The one outside",
}


class CalendarForm(forms.Form):
    """How it is called, looks and behaves."""

    name = forms.CharField(max_length=120)
    color = forms.RegexField(r"^#[0-9a-fA-F]{6}$", label="Colour", widget=forms.TextInput({"type": "color"}))
    timezone = forms.CharField(
        label="Time zone",
        max_length=64,
        help_text="Of what comes without one from files and programs, like America/New_York",
    )
    conflicts = forms.ChoiceField(label="When something falls on time that is taken", choices=list(_POLICIES.items()))
    reminder_minutes = forms.TypedMultipleChoiceField(
        label="Usual reminders of new events", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    closes_office = forms.BooleanField(
        label="The office is closed on its whole days",
        required=False,
        help_text="Nobody is at work then, and visitors book nothing, save with who has set hours for such a day.",
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, calendar: Calendar, **kwargs: Any) -> None:
        names = ("name", "color", "timezone", "conflicts", "reminder_minutes", "closes_office", "version")
        super().__init__(*args, **{**kwargs, "initial": {name: getattr(calendar, name) for name in names}})
        choices = lead_choices(calendar.reminder_minutes)
        self.fields["reminder_minutes"].choices = choices  # type: ignore[attr-defined]
        if not calendar.is_office:
            del self.fields["closes_office"]

    @property
    def changes(self) -> dict[str, Any]:
        """What somebody changed, as ``change_calendar`` takes it."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}


class ShareForm(forms.Form):
    """With whom, and how far."""

    holder = forms.ChoiceField(label="With")
    access = forms.TypedChoiceField(label="Who", coerce=int, choices=list(_ACCESS.items()), initial=Access.READ)

    def __init__(self, *args: Any, calendar: Calendar, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True).exclude(calendars=calendar).order_by("name")
        teams = Team.objects.order_by("name")
        self.people = {f"user-{each.pk}": each for each in people}
        self.teams = {f"team-{each.pk}": each for each in teams}
        self.fields["holder"].choices = [  # type: ignore[attr-defined]
            ("", "Choose…"),
            ("Teams", [(key, str(each)) for key, each in self.teams.items()]),
            ("Colleagues", [(key, str(each)) for key, each in self.people.items()]),
        ]

    @property
    def share(self) -> dict[str, Any]:
        """What was filled in, as ``share_calendar`` takes it."""
        holder = self.cleaned_data["holder"]
        return {
            "user": self.people.get(holder),
            "team": self.teams.get(holder),
            "access": Access(self.cleaned_data["access"]),
        }


class FileForm(forms.Form):
    """An iCalendar file."""

    file = forms.FileField(label="Calendar file (.ics)", widget=forms.FileInput({"accept": ".ics,text/calendar"}))


class LinkForm(forms.Form):
    """A calendar outside, of those that its provider named."""

    remote_id = forms.ChoiceField(label="Calendar there")
    direction = forms.ChoiceField(choices=list(_DIRECTIONS.items()))
    winner = forms.ChoiceField(label="Where both changed the same, counts", choices=list(_WINNERS.items()))

    def __init__(self, *args: Any, remote: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remote_id"].choices = remote  # type: ignore[attr-defined]


def access_words(access: int) -> str:
    """What somebody with this access does: "reads it"."""
    return _ACCESS[Access(access)]


def own_access_words(access: int) -> str:
    """The same about the reader: "read it"."""
    verb, _, rest = access_words(access).partition(" ")
    return f"{verb.removesuffix('s')} {rest}"
