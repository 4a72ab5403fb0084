"""The socket's address."""

from django.urls import path

from notifications.consumers import live_socket

# Channels routes ASGI applications by Django's paths, whose stubs know views only.
websocket_urlpatterns = [path("ws/<str:user_id>", live_socket)]  # type: ignore[arg-type]
