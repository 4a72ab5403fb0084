from django.urls import include, path
from rest_framework.routers import SimpleRouter

from events.api.views.attendees import AttendeesView, RsvpView
from events.api.views.calendars import CalendarSharesView, CalendarViewSet
from events.api.views.events import EventViewSet, OccurrenceView
from events.api.views.reminders import RemindersView
from events.api.views.resources import (
    AvailableResourcesView,
    BookView,
    CancelBookingView,
    ResourceBookingsView,
    ResourceViewSet,
)

router = SimpleRouter(trailing_slash=False)
router.register("calendars", CalendarViewSet, basename="calendar")
router.register("events", EventViewSet, basename="event")
router.register("resources", ResourceViewSet, basename="resource")

urlpatterns = [
    path("occurrences", OccurrenceView.as_view(), name="occurrences"),
    path("calendars/<int:calendar_id>/shares", CalendarSharesView.as_view(), name="calendar-shares"),
    path("events/resources/available", AvailableResourcesView.as_view(), name="resources-available"),
    path("events/<int:event_id>/attendees", AttendeesView.as_view(), name="event-attendees"),
    path("events/<int:event_id>/rsvp", RsvpView.as_view(), name="event-rsvp"),
    path("events/<int:event_id>/reminders", RemindersView.as_view(), name="event-reminders"),
    path("events/<int:event_id>/resources/<int:resource_id>/book", BookView.as_view(), name="event-book"),
    path("resources/<int:resource_id>/bookings", ResourceBookingsView.as_view(), name="resource-bookings"),
    path("bookings/<int:booking_id>/cancel", CancelBookingView.as_view(), name="booking-cancel"),
    path("", include(router.urls)),
]
