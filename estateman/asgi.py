"""The ASGI application: pages and API over HTTP, the live socket over WebSocket."""

import gc
import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "estateman.settings")
pages_and_api = get_asgi_application()

from estateman import urls  # noqa: E402, F401  loads all views now, not with the first request
from estateman.common.body_limit import BodyLimit  # noqa: E402  beside the next
from notifications.routing import websocket_urlpatterns  # noqa: E402  needs the app registry, which the call above loads

# A file, and what a form has beside it.
LONGEST_BODY = settings.UPLOAD_MAX_BYTES + 1024 * 1024
application = ProtocolTypeRouter(
    {"http": BodyLimit(pages_and_api, most=LONGEST_BODY), "websocket": URLRouter(websocket_urlpatterns)}
)

# All that is loaded by now stays for good. Looking through it again and again for garbage would be half of the time
# that a board of thousands takes.
gc.collect()
gc.freeze()
