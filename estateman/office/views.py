"""Signing in, and the page that starts a working day."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from estateman.people import login_throttle
from estateman.people.models import OfficeRole, User
from estateman.people.requests import StaffRequest
from events.agenda import agenda
from gamification.profile import profile
from notifications.models import Notification
from tasks.my_tasks import my_tasks

DEMO_ROLES = (OfficeRole.MANAGER, OfficeRole.AGENT, OfficeRole.COORDINATOR, OfficeRole.ADMIN)
LATEST = 4


class LoginForm(AuthenticationForm):
    """E-mail and password."""

    username = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    error_messages = {
        "invalid_login": "No account here has this e-mail and password.",
        "inactive": "This account may not sign in here.",
        "wait": "Too many wrong passwords. Please wait five minutes.",
    }

    def get_invalid_login_error(self) -> forms.ValidationError:
        if login_throttle.seconds_to_wait(self.request, self.cleaned_data["username"]):
            return forms.ValidationError(self.error_messages["wait"], code="wait")
        return forms.ValidationError(self.error_messages["invalid_login"], code="invalid_login")


class Login(LoginView):
    """The door. Where the demo logins work, the demo people stand beside it."""

    template_name = "office/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(demo_people=_demo_people(), demo_password=settings.DEMO_PASSWORD, **kwargs)


def _demo_people() -> list[User]:
    """The first of each role; nobody where the demo logins do not work."""
    if not settings.DEMO_LOGINS:
        return []
    everyone: QuerySet[User] = User.objects.filter(is_demo=True, is_active=True).order_by("-pk")
    first = {user.role: user for user in everyone}
    return [first[role] for role in DEMO_ROLES if role in first]


@login_required
@require_GET
def my_day(request: StaffRequest) -> HttpResponse:
    """Today's agenda, tasks, points and the latest news of the reader."""
    now = timezone.localtime()
    latest = Notification.objects.for_user(request.user).select_related("actor").order_by("-seq")
    about = {
        "now": now,
        "greeting": _greeting(now),
        "agenda": agenda(request.user, day=now.date()),
        "my_tasks": my_tasks(request.user, today=now.date()),
        "profile": profile(request.user),
        "notifications": latest[:LATEST],
    }
    return render(request, "office/my_day.html", about)


@login_required
@require_GET
def my_points(request: StaffRequest) -> HttpResponse:
    """The card with points and achievements, for the page that heard of new ones."""
    return render(request, "office/_points.html", {"profile": profile(request.user)})


def _greeting(now: datetime) -> str:
    if now.hour < 12:
        return "Good morning"
    return "Good afternoon" if now.hour < 18 else "Good evening"
