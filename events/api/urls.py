from django.urls import include, path
from rest_framework.routers import SimpleRouter

from events.api.views.analytics import AnalyticsView
from events.api.views.appointments import AppointmentsView
from events.api.views.attendees import AttendeesView, AttendeeView, CheckInView, RsvpView
from events.api.views.booking_pages import (
    AppointmentSlotsView,
    AppointmentView,
    BookAppointmentView,
    BookingPageViewSet,
    SlotsView,
)
from events.api.views.bookings import (
    ApproveBookingView,
    BookingListView,
    BookView,
    CancelBookingView,
    CheckInBookingView,
    DeclineBookingView,
    ExtendBookingView,
    ReleaseBookingView,
    ResourceBookingsView,
    SwapBookingView,
)
from events.api.views.calendar_files import CalendarFeedView, CalendarIcsView, ImportCalendarView
from events.api.views.calendars import CalendarSharesView, CalendarViewSet
from events.api.views.events import EventViewSet, OccurrenceView
from events.api.views.exceptions import ExceptionsView, ExceptionView
from events.api.views.hours import AvailabilityView, FindSlotsView, OneTimeOffView, TimeOffView
from events.api.views.links import CalendarLinkViewSet, CalendarPlacesView, CalendarSyncView, DataSyncList
from events.api.views.reminders import RemindersView
from events.api.views.resources import AvailableResourcesView, BlackoutsView, BlackoutView, ResourceViewSet

router = SimpleRouter(trailing_slash=False)
router.register("booking-pages", BookingPageViewSet, basename="booking-page")
router.register("calendar/links", CalendarLinkViewSet, basename="calendar-link")
router.register("calendars", CalendarViewSet, basename="calendar")
router.register("events", EventViewSet, basename="event")
router.register("resources", ResourceViewSet, basename="resource")

urlpatterns = [
    path("occurrences", OccurrenceView.as_view(), name="occurrences"),
    path("calendar/places", CalendarPlacesView.as_view(), name="calendar-places"),
    path("calendar/sync", CalendarSyncView.as_view(), name="calendar-sync"),
    path("integrations/syncs", DataSyncList.as_view(), name="data-syncs"),
    path("calendars/<int:calendar_id>.ics", CalendarIcsView.as_view(), name="calendar-ics"),
    path("calendars/<int:calendar_id>/feed", CalendarFeedView.as_view(), name="calendar-feed"),
    path("calendars/<int:calendar_id>/import", ImportCalendarView.as_view(), name="calendar-import"),
    path("calendars/<int:calendar_id>/shares", CalendarSharesView.as_view(), name="calendar-shares"),
    path("events/analytics", AnalyticsView.as_view(), name="event-analytics"),
    path("events/resources/available", AvailableResourcesView.as_view(), name="resources-available"),
    path("events/<int:event_id>/attendees", AttendeesView.as_view(), name="event-attendees"),
    path("events/<int:event_id>/attendees/<int:attendee_id>", AttendeeView.as_view(), name="event-attendee"),
    path("events/<int:event_id>/check-in", CheckInView.as_view(), name="event-check-in"),
    path("events/<int:event_id>/exceptions", ExceptionsView.as_view(), name="event-exceptions"),
    path("events/<int:event_id>/exceptions/<str:recurrence_id>", ExceptionView.as_view(), name="event-exception"),
    path("events/<int:event_id>/rsvp", RsvpView.as_view(), name="event-rsvp"),
    path("events/<int:event_id>/reminders", RemindersView.as_view(), name="event-reminders"),
    path("events/<int:event_id>/resources/<int:resource_id>/book", BookView.as_view(), name="event-book"),
    path("resources/<int:resource_id>/bookings", ResourceBookingsView.as_view(), name="resource-bookings"),
    path("resources/<int:resource_id>/blackouts", BlackoutsView.as_view(), name="resource-blackouts"),
    path("resources/<int:resource_id>/blackouts/<int:blackout_id>", BlackoutView.as_view(), name="resource-blackout"),
    path("bookings", BookingListView.as_view(), name="bookings"),
    path("bookings/<int:booking_id>/approve", ApproveBookingView.as_view(), name="booking-approve"),
    path("bookings/<int:booking_id>/decline", DeclineBookingView.as_view(), name="booking-decline"),
    path("bookings/<int:booking_id>/cancel", CancelBookingView.as_view(), name="booking-cancel"),
    path("bookings/<int:booking_id>/check-in", CheckInBookingView.as_view(), name="booking-check-in"),
    path("bookings/<int:booking_id>/release", ReleaseBookingView.as_view(), name="booking-release"),
    path("bookings/<int:booking_id>/extend", ExtendBookingView.as_view(), name="booking-extend"),
    path("bookings/<int:booking_id>/swap", SwapBookingView.as_view(), name="booking-swap"),
    path("users/<int:user_id>/availability", AvailabilityView.as_view(), name="availability"),
    path("users/<int:user_id>/time-off", TimeOffView.as_view(), name="time-off"),
    path("users/<int:user_id>/time-off/<int:time_off_id>", OneTimeOffView.as_view(), name="one-time-off"),
    path("scheduling/find-slots", FindSlotsView.as_view(), name="find-slots"),
    path("booking-pages/<int:page_id>/appointments", AppointmentsView.as_view(), name="page-appointments"),
    path("book/appointments/<str:token>", AppointmentView.as_view(), name="appointment"),
    path("book/appointments/<str:token>/slots", AppointmentSlotsView.as_view(), name="appointment-slots"),
    path("book/<slug:slug>", BookAppointmentView.as_view(), name="book-appointment"),
    path("book/<slug:slug>/slots", SlotsView.as_view(), name="open-slots"),
    path("", include(router.urls)),
]
