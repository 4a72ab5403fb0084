"""One process that is web server, worker and clock: what `manage.py serve` runs."""

import threading
from collections.abc import Callable
from typing import Any

from celery.beat import EmbeddedService
from celery.worker import WorkController
from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server
from django_celery_beat.schedulers import DatabaseScheduler
from twisted.internet import defer
from twisted.internet import reactor as untyped_reactor

from estateman.asgi import application
from estateman.celery import app
from estateman.live.hub import running_hub

# Twisted's stubs describe its interfaces without ``self``, so every call on them looks wrong.
reactor: Any = untyped_reactor
FAREWELL_SECONDS = 0.3
SERVICE_RESTART = 1012


class Worker(threading.Thread):
    """A Celery worker in a thread. It must be made in its own thread: its pool and loop belong to that one."""

    def __init__(self) -> None:
        super().__init__(name="worker", daemon=True)
        self._controller: WorkController | None = None

    def run(self) -> None:
        self._controller = WorkController(
            app=app,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            loglevel="WARNING",
        )
        self._controller.start()

    def stop(self) -> None:
        """Let the jobs at hand finish. What else was queued is in the database and is found at the next start."""
        if self._controller is not None:
            self._controller.stop()
        self.join(timeout=10)


def run(host: str, port: int, *, when_ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM, then end all three parts cleanly."""
    worker = Worker()
    beat: Any = EmbeddedService(app, thread=True, scheduler_cls=DatabaseScheduler)
    server = Server(
        application=application,
        endpoints=build_endpoint_description_strings(host=host, port=port),
        signal_handlers=True,
        ready_callable=when_ready,
        application_close_timeout=3,
        server_name="Estateman",
    )
    reactor.addSystemEventTrigger("before", "shutdown", _say_goodbye)
    worker.start()
    beat.start()
    server.run()
    beat.stop()
    worker.stop()


def _say_goodbye() -> defer.Deferred[None] | None:
    """Tell every socket to come back, and give the frames a moment to leave."""
    hub = running_hub()
    if hub is None or not hub.connections:
        return None
    for connection in tuple(hub.connections):
        connection.offer('{"type":"bye","code":1012,"reconnect":true,"after_ms":1000}')
        connection.end(SERVICE_RESTART)
    gone: defer.Deferred[None] = defer.Deferred()
    reactor.callLater(FAREWELL_SECONDS, gone.callback, None)
    return gone
