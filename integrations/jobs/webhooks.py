"""The worker's side of webhooks that come in."""

from functools import partial

from celery import shared_task
from django.db.models import Q

from estateman.common.crews import Crew
from estateman.common.nudging import nudge
from integrations.models import Kind
from integrations.services import webhooks_processing, webhooks_replay

_cashiers, _others = Crew(2), Crew(1)
"""Of a payment's event the vendor is asked: while it is slow, a STOP must not wait for that."""
_PAYMENTS = Q(integration__kind=Kind.PAYMENT)


@shared_task(name="integrations.process_webhooks")
def process_webhooks() -> None:
    """Process until nothing is due; two process payments' here and one the rest at most. Beat calls it as the sweep."""
    _others.work(partial(webhooks_processing.process_due, ~_PAYMENTS))
    _cashiers.work(partial(webhooks_processing.process_due, _PAYMENTS))


@shared_task(name="integrations.forget_old_webhooks")
def forget_old_webhooks() -> None:
    """Delete what was kept long enough."""
    webhooks_replay.forget_old_events()


def wake() -> None:
    """Have a worker look now."""
    nudge(process_webhooks)
