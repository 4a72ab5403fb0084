"""My deadlines across all deals."""

from itertools import groupby

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from estateman.people.feeds import open_feed
from estateman.people.requests import StaffRequest
from tasks.my_deadlines import FEED, deadlines_of


@login_required
@require_http_methods(["GET", "POST"])
def deadlines(request: StaffRequest) -> HttpResponse:
    """Day by day, overdue ones first. Posted to, it makes a new secret address of the calendar and tells it once."""
    address = ""
    if request.method == "POST":
        secret = open_feed(request.user, FEED)
        address = f"{settings.SITE_URL}{reverse('deadlines-ics')}?token={secret}"
    today = timezone.localdate()
    days = deadlines_of(request.user, today=today)
    about = {
        "days": [(on, list(rows)) for on, rows in groupby(days, key=lambda row: row.on)],
        "today": today,
        "address": address,
    }
    return render(request, "tasks/deadlines.html", about)
