from django.urls import include, path
from rest_framework.routers import SimpleRouter

from notifications.api.views import NotificationViewSet, PreferencesView, TicketView

router = SimpleRouter(trailing_slash=False)
router.register("notifications", NotificationViewSet, basename="notification")

urlpatterns = [
    path("notifications/preferences", PreferencesView.as_view(), name="notification-preferences"),
    path("notifications/ws-ticket", TicketView.as_view(), name="socket-ticket"),
    path("", include(router.urls)),
]
