"""How the calendars of a period did, for people to look at."""

import datetime as dt
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from estateman.people.models import User
from estateman.people.requests import StaffRequest
from events.analytics import figures as figures_of
from events.calendar_window import FIRST_DAY, LAST_DAY
from events.models import Access, Calendar
from events.recurrence import instant

USUALLY = timedelta(days=30)
LONGEST = timedelta(days=400)


def _day(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class PeriodForm(forms.Form):
    """From the first day until the last, by the reader's clock; of one of the calendars that they manage, or all."""

    first = _day("From")
    last = _day("To")
    calendar = forms.ModelChoiceField(Calendar.objects.none(), required=False, empty_label="All that I manage")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        managed = Calendar.objects.visible_to(user, at_least=Access.MANAGE).order_by("name")
        self.fields["calendar"].queryset = managed  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last:
            self._check(first, last)
        return found

    def _check(self, first: dt.date, last: dt.date) -> None:
        if not FIRST_DAY <= first <= last <= LAST_DAY:
            self.add_error("last", "It ends on its first day at the earliest.")
        elif last - first >= LONGEST:
            self.add_error("last", f"Look at {LONGEST.days} days at most.")

    @property
    def calendars(self) -> Any:
        managed = self.fields["calendar"].queryset  # type: ignore[attr-defined]
        chosen = self.cleaned_data["calendar"]
        return managed.filter(pk=chosen.pk) if chosen else managed


@login_required
@require_GET
def figures(request: StaffRequest) -> HttpResponse:
    """The last thirty days, unless others are asked for."""
    today = timezone.localdate()
    usual = {"first": (today - USUALLY).isoformat(), "last": today.isoformat()}
    form = PeriodForm({**usual, **request.GET.dict()}, user=request.user)
    if not form.is_valid():
        return render(request, "events/figures.html", {"form": form}, status=422)
    start, end = (
        instant(datetime.combine(each, time.min), request.user.timezone)
        for each in (form.cleaned_data["first"], form.cleaned_data["last"] + timedelta(days=1))
    )
    found = figures_of(form.calendars, start, end)
    resources = sorted(found.utilisation, key=lambda each: (-(each.ratio or 0), each.name))
    return render(request, "events/figures.html", {"form": form, "figures": found, "resources": resources})
