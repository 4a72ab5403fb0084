"""Is it alive, is it ready, how is it doing: for load balancers, orchestrators and Prometheus."""

from collections.abc import Callable
from uuid import uuid4

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from estateman.activity.models import Activity, Receipt
from estateman.celery import app
from estateman.live.hub import running_hub
from integrations.models import Gate, Payment, SubscriptionDelivery, WebhookEvent
from integrations.models import Message as IntegrationMessage
from notifications.models import Delivery

OPEN_SOCKETS = Gauge("estateman_open_sockets", "Live sockets of this process")
UNSETTLED_ACTIVITIES = Gauge("estateman_unsettled_activities", "Activities whose reactions are not all done")
DEAD_REACTIONS = Gauge("estateman_dead_reactions", "Reactions that were given up")
UNSENT_DELIVERIES = Gauge("estateman_unsent_deliveries", "Deliveries on their way")
OPEN_BREAKERS = Gauge("estateman_open_breakers", "Integrations that are left in peace, or tried again carefully")
UNPROCESSED_WEBHOOKS = Gauge("estateman_unprocessed_webhooks", "Webhooks that came in and wait to be processed")
UNDELIVERED_WEBHOOKS = Gauge("estateman_undelivered_webhooks", "What subscribed addresses are still to be told")
QUEUED_MESSAGES = Gauge("estateman_queued_messages", "E-mails and texts that wait to be sent")
UNKNOWN_PAYMENTS = Gauge("estateman_unknown_payments", "Payments with a call whose outcome is not known yet")


def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Everything it stands on answers too; 503 names what does not."""
    broken = {name: problem for name, check in CHECKS.items() if (problem := _problem(check))}
    return JsonResponse({"status": "unready" if broken else "ok", "broken": broken}, status=503 if broken else 200)


def metrics(request: HttpRequest) -> HttpResponse:
    """Gauges for Prometheus."""
    hub = running_hub()
    OPEN_SOCKETS.set(len(hub.connections) if hub else 0)
    UNSETTLED_ACTIVITIES.set(Activity.objects.filter(next_attempt_at__isnull=False).count())
    DEAD_REACTIONS.set(Receipt.objects.filter(state=Receipt.State.DEAD).count())
    UNSENT_DELIVERIES.set(Delivery.objects.filter(next_attempt_at__isnull=False).count())
    OPEN_BREAKERS.set(Gate.objects.filter(opened_at__isnull=False).count())
    UNPROCESSED_WEBHOOKS.set(WebhookEvent.objects.filter(next_attempt_at__isnull=False).count())
    UNDELIVERED_WEBHOOKS.set(SubscriptionDelivery.objects.filter(next_attempt_at__isnull=False).count())
    QUEUED_MESSAGES.set(IntegrationMessage.objects.filter(next_attempt_at__isnull=False).count())
    UNKNOWN_PAYMENTS.set(Payment.objects.filter(is_unknown=True).count())
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _problem(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001  whatever it is, it is what makes us unready
        return type(error).__name__
    return ""


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("unapplied migrations")


def _cache() -> None:
    key, value = f"readyz:{uuid4()}", uuid4().hex
    cache.set(key, value, timeout=5)
    if cache.get(key) != value:
        raise RuntimeError("the cache forgot at once")


def _broker() -> None:
    with app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)


def _channel_layer() -> None:
    layer = get_channel_layer()
    if layer is not None:
        async_to_sync(layer.group_send)("readyz", {"type": "readyz"})


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "cache": _cache,
    "broker": _broker,
    "channel_layer": _channel_layer,
}
