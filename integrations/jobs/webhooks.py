"""The worker's side of webhooks that come in."""

from celery import shared_task

from estateman.common.crews import Crew
from estateman.common.nudging import nudge
from integrations.services import webhooks_processing, webhooks_replay

_workers = Crew(2)


@shared_task(name="integrations.process_webhooks")
def process_webhooks() -> None:
    """Process until nothing is due, unless two are at it here already. Beat calls it as the sweep."""
    _workers.work(webhooks_processing.process_due)


@shared_task(name="integrations.forget_old_webhooks")
def forget_old_webhooks() -> None:
    """Delete what was kept long enough."""
    webhooks_replay.forget_old_events()


def wake() -> None:
    """Have a worker look now."""
    nudge(process_webhooks)
