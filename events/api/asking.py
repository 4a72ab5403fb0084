"""How the views find what they are about through the user."""

from django.shortcuts import get_object_or_404
from rest_framework.views import APIView

from estateman.people.auth import caller
from events.models import Event


class OfEvent(APIView):
    """A view below ``/events/{event_id}``."""

    @property
    def event(self) -> Event:
        """Raises Http404 for those who may not see it."""
        visible = Event.objects.visible_to(caller(self.request)).with_series()
        return get_object_or_404(visible, pk=self.kwargs["event_id"])
