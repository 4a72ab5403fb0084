"""Finding a time that suits everybody, and planning it there."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from estateman.common import clock
from estateman.people.requests import StaffRequest
from events.finding import Meeting, find_meeting
from events.forms.finding import FindTimeForm
from events.slots import Slot

SHOWN = 12


@login_required
@require_GET
def find_time(request: StaffRequest) -> HttpResponse:
    """The form; and, once it is filled in, the best times with why, or why there is none."""
    user = request.user
    if "length" not in request.GET:
        begun = {"required": [user.pk], "day": timezone.localdate(), "length": 60, "ahead": 14}
        return render(request, "events/find_time.html", {"form": FindTimeForm(initial=begun, user=user)})
    form = FindTimeForm(request.GET, user=user)
    if not form.is_valid():
        return render(request, "events/find_time.html", {"form": form}, status=422)
    meeting = form.meeting
    meeting = replace(meeting, start=max(meeting.start, clock.now()))
    if meeting.start >= meeting.end:
        form.add_error("day", "Those days are over.")
        return render(request, "events/find_time.html", {"form": form}, status=422)
    found = find_meeting(meeting, limit=SHOWN, by=user)
    about = {"form": form, "found": found, "slots": [_slot(each, meeting, request) for each in found.slots]}
    return render(request, "events/find_time.html", about)


def _slot(slot: Slot, meeting: Meeting, request: StaffRequest) -> dict[str, Any]:
    """One time, and the form of a new event with all of it filled in; who cannot come is left out."""
    local = slot.starts_at.astimezone(request.user.zone)
    coming = [*(each.pk for each in meeting.required), *(each.key for each in slot.optional_free)]
    asked = {
        "day": local.date().isoformat(),
        "at": f"{local:%H:%M}",
        "length": meeting.duration // timedelta(minutes=1),
        "resource": [each.key for each in slot.things],
        "person": [pk for pk in coming if pk != request.user.pk],
    }
    return {
        "slot": slot,
        "ends_at": slot.starts_at + meeting.duration,
        "plan": f"{reverse('new-event')}?{urlencode(asked, doseq=True)}",
    }
