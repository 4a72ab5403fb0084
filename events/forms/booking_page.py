"""The form of a page on which visitors book."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from estateman.people.models import User
from events.models import Access, BookingPage, Calendar, Resource
from events.services import Host

_MINUTES = {"min": 0, "step": 5}


class BookingPageForm(forms.ModelForm[BookingPage]):
    """What a page offers, and with whom: persons, each with a calendar of theirs."""

    hosts = forms.MultipleChoiceField(
        label="With whom",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Somebody has to be there."},
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    class Meta:
        model = BookingPage
        fields = BookingPage.DECIDED
        labels: ClassVar[dict[str, str]] = {
            "slug": "Address",
            "location": "Where",
            "duration_minutes": "Minutes it lasts",
            "step_minutes": "Minutes from start to start",
            "buffer_before_minutes": "Minutes kept free before",
            "buffer_after_minutes": "Minutes kept free after",
            "notice_minutes": "Minutes of notice",
            "days_ahead": "Days ahead at most",
            "daily_limit": "Most in a day with one of them",
            "timezone": "Time zone",
            "resource": "Booked along with it",
            "is_active": "Open: visitors can book",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "slug": "The end of its address, like valuation",
            "step_minutes": "",
            "notice_minutes": "",
            "daily_limit": "Empty for as many as fit",
            "resource": "",
        }
        widgets: ClassVar[dict[str, Any]] = {
            "description": forms.Textarea({"rows": 3}),
            **{
                name: forms.NumberInput(_MINUTES)
                for name in (
                    "duration_minutes",
                    "step_minutes",
                    "buffer_before_minutes",
                    "buffer_after_minutes",
                    "notice_minutes",
                )
            },
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        page = self.instance
        standing = list(page.hosts.select_related("user", "calendar")) if page.pk else []
        self._hosts = {
            f"{host.user.pk}-{host.calendar.pk}": host
            for host in (*(Host(each.user, each.calendar) for each in standing), *_possible_hosts(user))
        }
        field = self.fields["hosts"]
        field.choices = [(key, _words(host)) for key, host in self._hosts.items()]  # type: ignore[attr-defined]
        mine = [key for key, host in self._hosts.items() if host.user == user][:1]
        field.initial = [f"{each.user_id}-{each.calendar_id}" for each in standing] if page.pk else mine
        self.fields["version"].initial = page.version
        bookable = Resource.objects.bookable_by(user).filter(needs_approval=False, is_active=True)
        self.fields["resource"].queryset = Resource.objects.filter(  # type: ignore[attr-defined]
            Q(pk__in=bookable) | Q(pk=page.resource_id)
        )
        self.fields["resource"].empty_label = "Nothing"  # type: ignore[attr-defined]

    @property
    def has_nobody(self) -> bool:
        """Whether there is no calendar that appointments could go into."""
        return not self._hosts

    @property
    def told(self) -> dict[str, Any]:
        """What was filled in, as ``create_booking_page`` takes it."""
        return {**{name: self.cleaned_data[name] for name in BookingPage.DECIDED}, "hosts": self._chosen}

    @property
    def changes(self) -> dict[str, Any]:
        """What was changed, as ``change_booking_page`` takes it."""
        return {name: value for name, value in self.told.items() if name in self.changed_data}

    @property
    def _chosen(self) -> list[Host]:
        return [self._hosts[key] for key in self.cleaned_data["hosts"]]

    def blame(self, mistake: ValidationError) -> None:
        """Show what a service found wrong beside its field."""
        known = hasattr(mistake, "error_dict") and set(mistake.error_dict) <= set(self.fields)
        self.add_error(None, mistake if known else ValidationError(mistake.messages))


def _words(host: Host) -> str:
    """Calendars that are called like their owners need no name."""
    named = str(host.calendar) == str(host.user)
    return str(host.user) if named else f"{host.user}, into “{host.calendar}”"


def _possible_hosts(user: User) -> list[Host]:
    """Whose time is ``user``'s to give, each with every calendar of their own."""
    calendars: Any = Calendar.objects.visible_to(user, at_least=Access.MANAGE).filter(owner__is_active=True)
    return [Host(each.owner, each) for each in calendars.select_related("owner").order_by("owner__name", "name")]
