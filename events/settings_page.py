"""What the page of a calendar's settings says about calendars outside."""

from typing import Any

from estateman.people.models import User
from events.forms.calendar import LinkForm
from events.models import Calendar, CalendarLink
from events.permissions import can_change_link
from integrations.accounts import CalendarPlace, calendar_places
from integrations.services import list_calendars
from integrations.spi import ProviderError

RUNS_SHOWN = 3


def outside(user: User, calendar: Calendar, *, chosen: str) -> dict[str, Any]:
    """Its links with their latest runs, what it can be linked with, and the calendars of the ``chosen`` place."""
    places = calendar_places(user)
    visible = CalendarLink.objects.visible_to(user).filter(calendar=calendar)
    found = [
        {
            "link": each,
            "runs": each.runs.order_by("-started_at")[:RUNS_SHOWN],
            "may_change": can_change_link(user, each),
        }
        for each in visible.select_related("calendar", "integration", "user").order_by("pk")
    ]
    return {"links": found, "places": places, **_chosen(user, places, chosen)}


def _chosen(user: User, places: list[CalendarPlace], chosen: str) -> dict[str, Any]:
    place = next((each for each in places if str(each.integration.pk) == chosen), None)
    if place is None:
        return {}
    integration = place.integration
    try:
        remote = list_calendars(integration, by=user)
    except ProviderError as refused:
        return {"chosen": integration, "out_of_reach": str(refused)}
    return {"chosen": integration, "link_form": LinkForm(remote=[(each.id, each.name) for each in remote])}
