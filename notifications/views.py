"""The inbox's pages."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from estateman.people.requests import StaffRequest
from notifications.models import Notification
from notifications.services import mark_all_read, mark_read, unread_count

PAGE = 30


@login_required
@require_GET
def inbox(request: StaffRequest) -> HttpResponse:
    """The newest notifications; ``?before=<seq>`` gives older ones, to htmx the rows alone."""
    only_rows = request.htmx and not request.htmx.history_restore_request
    template = "notifications/_rows.html" if only_rows else "notifications/inbox.html"
    return render(request, template, _page(request, before=_seq(request.GET.get("before"))))


@login_required
@require_GET
def row(request: StaffRequest, notification_id: int) -> HttpResponse:
    """One notification as a row, for the page that heard of it live."""
    return _row(request, notification_id)


@login_required
@require_POST
def read(request: StaffRequest, notification_id: int) -> HttpResponse:
    """Mark one as read; answers its row."""
    mark_read(request.user, ids=[notification_id])
    return _with_count(request, _row(request, notification_id))


@login_required
@require_POST
def read_all(request: StaffRequest) -> HttpResponse:
    """Mark what the reader saw as read: everything up to the newest row of their page."""
    mark_all_read(request.user, upto_seq=_seq(request.POST.get("upto_seq")))
    return _with_count(request, render(request, "notifications/_rows.html", _page(request)))


def _row(request: StaffRequest, notification_id: int) -> HttpResponse:
    notification = get_object_or_404(_inbox(request), pk=notification_id)
    return render(request, "notifications/_row.html", {"notification": notification})


def _inbox(request: StaffRequest) -> QuerySet[Notification]:
    return Notification.objects.for_user(request.user).select_related("actor")


def _page(request: StaffRequest, *, before: int | None = None) -> dict[str, Any]:
    rows = _inbox(request).order_by("-seq")
    if before is not None:
        rows = rows.filter(seq__lt=before)
    found = list(rows[: PAGE + 1])
    # What came after the newest row is for the page's socket to bring, however soon after.
    seen = found[0].seq if found else 0
    return {"notifications": found[:PAGE], "has_more": len(found) > PAGE, "seen_seq": seen}


def _seq(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadRequest("A place in the inbox is a whole number.")
    return int(text)


def _with_count(request: StaffRequest, response: HttpResponse) -> HttpResponse:
    return trigger_client_event(response, "unread", {"count": unread_count(request.user.pk)})
