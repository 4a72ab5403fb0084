"""The ASGI application: pages and API over HTTP, the live socket over WebSocket."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "estateman.settings")
pages_and_api = get_asgi_application()

from notifications.routing import websocket_urlpatterns  # noqa: E402  needs the app registry, which the call above loads

application = ProtocolTypeRouter({"http": pages_and_api, "websocket": URLRouter(websocket_urlpatterns)})
