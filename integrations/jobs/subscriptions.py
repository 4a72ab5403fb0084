"""The worker's side of webhooks going out."""

from datetime import timedelta

from celery import shared_task
from django.db.models import Q

from estateman.common import clock
from estateman.common.crews import Crew
from estateman.common.nudging import nudge
from integrations.models import SubscriptionDelivery
from integrations.subscriptions import delivering

DELIVERED_KEPT, GIVEN_UP_KEPT = timedelta(days=30), timedelta(days=90)
_senders = Crew(2)


@shared_task(name="integrations.deliver_subscriptions")
def deliver_subscriptions() -> None:
    """Deliver until nothing is due, unless two are at it here already. Beat calls it as the sweep."""
    _senders.work(delivering.deliver_due)


@shared_task(name="integrations.forget_old_deliveries")
def forget_old_deliveries() -> None:
    """The log of what subscribers were told, after DELIVERED_KEPT and GIVEN_UP_KEPT."""
    now, state = clock.now(), SubscriptionDelivery.State
    delivered = Q(state=state.DELIVERED, delivered_at__lt=now - DELIVERED_KEPT)
    given_up = Q(state=state.DEAD, created_at__lt=now - GIVEN_UP_KEPT)
    SubscriptionDelivery.objects.filter(delivered | given_up).delete()


def wake() -> None:
    """Have a worker look now."""
    nudge(deliver_subscriptions)
