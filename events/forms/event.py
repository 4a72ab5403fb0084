"""The form of an event: planning one, and changing one date, a date and what follows, or all of it."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, validate_email

from estateman.common import clock
from estateman.people.models import User
from events.fields import parse_local
from events.forms.repeating import RepeatsForm
from events.models import Access, Calendar, Event, Resource
from events.services import ReminderWish
from events.services.timing import EARLIEST, LATEST, WHOLE_DAY, EventFields

LENGTHS = (15, 30, 45, 60, 75, 90, 120, 150, 180, 240, 300, 360, 480, 600, 720)
UNTIL = 0
"""Instead of a length: it lasts until the end that was written down."""
LEADS = {
    0: "At the start",
    5: "5 minutes before",
    10: "10 minutes before",
    15: "15 minutes before",
    30: "30 minutes before",
    45: "45 minutes before",
    60: "1 hour before",
    120: "2 hours before",
    1440: "1 day before",
    2880: "2 days before",
    10080: "1 week before",
}
LONGEST_ID = 18
_OF_FORM = {
    "starts_at": "day",
    "duration_minutes": "length",
    "recurrence": "every",
    "is_busy": "is_free",
    "status": "is_tentative",
    "timezone": None,
    "exdates": None,
    "rdates": None,
    "attendees": "guests",
    "email": "guests",
}


def lead_choices(also: Iterable[int] = ()) -> list[tuple[int, str]]:
    """The usual times before a start, and ``also`` these."""
    return [(each, LEADS.get(each, f"{each} minutes before")) for each in sorted({*LEADS, *also})]


def length_choices(also: int | None = None) -> list[tuple[int, str]]:
    lengths = sorted({*LENGTHS, *([also] if also else [])})
    return [*((each, length_words(each)) for each in lengths), (UNTIL, "Until…")]


def _odd_length(text: str) -> int | None:
    """What a search for something free may ask for: a length of a few hours in steps of five minutes."""
    minutes = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    return minutes if minutes and minutes % 5 == 0 else None


def length_words(minutes: int) -> str:
    """Like "1 h 30 min", "2 days"."""
    days, rest = divmod(minutes, WHOLE_DAY)
    parts = {f"day{'s' if days > 1 else ''}": days, "h": rest // 60, "min": rest % 60}
    return " ".join(f"{number} {unit}" for unit, number in parts.items() if number)


def calendars_for(user: User) -> list[Calendar]:
    """Those that ``user`` may write in, their own first."""
    writable = Calendar.objects.visible_to(user, at_least=Access.WRITE).filter(holidays_of="")
    return sorted(writable, key=lambda each: (each.owner_id != user.pk, each.team_id is None, each.name))


class EventForm(RepeatsForm):
    """What people decide about an event. Times are those of ``zone``; ``calendars`` are those it may be in."""

    title = forms.CharField(max_length=200, widget=forms.TextInput({"autofocus": True}))
    calendar = forms.ModelChoiceField(Calendar.objects.none(), empty_label=None)
    all_day = forms.BooleanField(label="Whole days", required=False)
    day = forms.DateField(
        validators=[MinValueValidator(EARLIEST.date()), MaxValueValidator(LATEST.date() - timedelta(days=1))],
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    at = forms.TimeField(
        label="Starts", required=False, widget=forms.TimeInput({"type": "time", "step": 300}, format="%H:%M")
    )
    length = forms.TypedChoiceField(coerce=int, required=False, empty_value=60)  # type: ignore[arg-type]
    end_day = forms.DateField(
        label="Ends on",
        required=False,
        help_text="Empty: the same day",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    end_at = forms.TimeField(
        label="Ends at", required=False, widget=forms.TimeInput({"type": "time", "step": 300}, format="%H:%M")
    )
    days = forms.IntegerField(label="Days", min_value=1, max_value=366, initial=1, required=False)
    location = forms.CharField(label="Where", max_length=200, required=False)
    description = forms.CharField(label="Notes", max_length=20_000, required=False, widget=forms.Textarea({"rows": 4}))
    capacity = forms.IntegerField(
        label="Places", min_value=1, max_value=1_000_000, required=False, help_text="Empty: as many as come"
    )
    is_tentative = forms.BooleanField(label="Not certain yet", required=False)
    is_free = forms.BooleanField(label="Leaves the time of those who come free", required=False)
    reminders = forms.TypedMultipleChoiceField(coerce=int, required=False, widget=forms.CheckboxSelectMultiple)

    zone: str

    def __init__(self, *args: Any, calendars: list[Calendar], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["calendar"].queryset = Calendar.objects.filter(pk__in=[each.pk for each in calendars])  # type: ignore[attr-defined]
        self.fields["calendar"].choices = [(each.pk, each.name) for each in calendars]  # type: ignore[attr-defined]

    def timing(self) -> tuple[datetime, int]:
        """The local start and the length in minutes."""
        found = self.cleaned_data
        if found["all_day"]:
            return datetime.combine(found["day"], time.min), (found["days"] or 1) * WHOLE_DAY
        return datetime.combine(found["day"], found["at"]), found["length"] or self._minutes_until_end()

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if not found.get("all_day"):
            self._check_times(found)
        return found

    def _check_times(self, found: dict[str, Any]) -> None:
        ends = found.get("length") == UNTIL
        asked = {"at": "Say when it starts.", **({"end_at": "Say when it ends."} if ends else {})}
        for name, words in asked.items():
            if not found.get(name) and name not in self.errors:
                self.add_error(name, words)
        if ends and not {"day", "at", "end_day", "end_at"} & set(self.errors) and self._minutes_until_end() < 1:
            self.add_error("end_at", "It ends after it begins.")

    def _minutes_until_end(self) -> int:
        """On the wall clock, from the start until the end that was written down."""
        found = self.cleaned_data
        end = datetime.combine(found["end_day"] or found["day"], found["end_at"])
        return (end - datetime.combine(found["day"], found["at"])) // timedelta(minutes=1)

    def blame(self, mistake: ValidationError) -> None:
        """What a service found wrong, beside the field that it is about."""
        named = mistake.message_dict if hasattr(mistake, "error_dict") else {None: mistake.messages}
        for name, errors in named.items():
            field = _OF_FORM.get(name, name) if name else None
            self.add_error(field if field in self.fields else None, errors)

    def begin_at_mistake(self) -> None:
        """Have the first field that is wrong take the focus, so that nobody looks for it on a long page."""
        wrong = next((name for name in self.fields if name in self.errors), None)
        if wrong:
            self.fields["title"].widget.attrs.pop("autofocus", None)
            self.fields[wrong].widget.attrs["autofocus"] = True

    @property
    def plain(self) -> EventFields:
        """What stands in fields of its own."""
        found = self.cleaned_data
        return {
            "title": found["title"],
            "location": found["location"],
            "description": found["description"],
            "capacity": found["capacity"],
            "is_busy": not found["is_free"],
            "status": Event.Status.TENTATIVE if found["is_tentative"] else Event.Status.CONFIRMED,
        }

    def wishes(self, before: Iterable[ReminderWish] = ()) -> list[ReminderWish]:
        """The reminders, each with the channels that it had ``before``."""
        had = {each.minutes_before: each for each in before}
        return [had.get(minutes, ReminderWish(minutes)) for minutes in self.cleaned_data["reminders"]]


class RowsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Rows by id; a number that no database takes is none of the choices."""

    def clean(self, value: Any) -> Any:
        if too_big := [each for each in value or () if len(str(each)) > LONGEST_ID]:
            raise ValidationError(self.error_messages["invalid_pk_value"], params={"pk": too_big[0]})
        return super().clean(value)


class NewEventForm(EventForm):
    """Planning one, with people and things."""

    people = RowsField(User.objects.none(), label="Colleagues", required=False, widget=forms.CheckboxSelectMultiple)
    guests = forms.CharField(
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text="E-mail addresses, one a line; they are written an invitation",
    )
    rooms = RowsField(
        Resource.objects.none(), label="Rooms and things", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.zone = user.timezone
        asked = kwargs.pop("initial", None) or {}
        calendars = calendars_for(user)
        super().__init__(*args, calendars=calendars, **{**kwargs, "initial": {**_at_first(user, calendars), **asked}})
        colleagues = User.objects.filter(is_active=True).order_by("name")
        self.fields["people"].queryset = colleagues.exclude(pk=user.pk)  # type: ignore[attr-defined]
        self.fields["rooms"].queryset = Resource.objects.in_use()  # type: ignore[attr-defined]
        named = str(self.data.get("length") or asked.get("length", ""))
        self.fields["length"].choices = length_choices(_odd_length(named))  # type: ignore[attr-defined]
        usual = {minutes for each in calendars for minutes in each.reminder_minutes}
        self.fields["reminders"].choices = lead_choices(usual)  # type: ignore[attr-defined]

    def clean_guests(self) -> list[str]:
        addresses: list[str] = self.cleaned_data["guests"].replace(",", "\n").replace(";", "\n").split()
        for address in addresses:
            try:
                validate_email(address)
            except ValidationError:
                raise ValidationError(f"“{address}” is no e-mail address.", code="invalid") from None
        return addresses

    @property
    def plan(self) -> dict[str, Any]:
        """What was filled in, as ``create_event`` takes it."""
        found = self.cleaned_data
        start, minutes = self.timing()
        return {
            **self.plain,
            "calendar": found["calendar"],
            "timezone": self.zone,
            "starts_at": start,
            "duration_minutes": minutes,
            "all_day": found["all_day"],
            "recurrence": self.rule_from(start.date()),
            "exdates": self.left_out,
            "attendees": [*found["people"], *found["guests"]],
            # Ticked are those of the first calendar; whoever leaves them alone wants those of the one they chose.
            "reminders": self.wishes() if "reminders" in self.changed_data else None,
        }

    @property
    def left_out(self) -> list[datetime]:
        """Dates that were refused and are to be left out now."""
        return dates_in(self.data.get("leave_out", ""))


def _at_first(user: User, calendars: list[Calendar]) -> dict[str, Any]:
    """In the next full hour, in one's own calendar."""
    now = clock.now().astimezone(user.zone)
    soon = (now + timedelta(hours=1)).replace(minute=0)
    first = calendars[0] if calendars else None
    return {
        "day": soon.date(),
        "at": soon.time().replace(second=0, microsecond=0),
        "length": 60,
        "calendar": first and first.pk,
        "reminders": first.reminder_minutes if first else [],
    }


def dates_in(text: str) -> list[datetime]:
    """The local starts named in ``text``; what is none is left out."""
    found = []
    for each in text.split()[:1000]:
        try:
            found.append(parse_local(each))
        except ValidationError:
            continue
    return found
