"""My deadlines across all deals."""

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from estateman.people.requests import StaffRequest
from tasks.my_deadlines import deadlines_of, open_deadline_feed


@login_required
@require_http_methods(["GET", "POST"])
def deadlines(request: StaffRequest) -> HttpResponse:
    """Day by day, overdue ones first. Posted to, it makes a new secret address of the calendar and tells it once."""
    address = ""
    if request.method == "POST":
        address = open_deadline_feed(request.user)
    today = timezone.localdate()
    days = deadlines_of(request.user, today=today)
    about = {
        "days": [(on, list(rows)) for on, rows in groupby(days, key=lambda row: row.on)],
        "today": today,
        "address": address,
    }
    return render(request, "tasks/deadlines.html", about)
