"""What a page's view is handed once somebody is signed in."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from estateman.people.models import User


class StaffRequest(HttpRequest):
    """A page's request behind ``login_required``: one of the staff makes it."""

    user: User
    htmx: HtmxDetails
