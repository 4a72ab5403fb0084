"""The worker's side of deliveries."""

from celery import shared_task

from estateman.common.crews import Crew
from estateman.common.nudging import nudge
from notifications import deliveries

_senders = Crew(2)


@shared_task(name="notifications.deliver")
def deliver() -> None:
    """Send until nothing is due, unless two are at it here already. Beat calls it as the sweep."""
    _senders.work(deliveries.deliver_due)


def wake() -> None:
    """Have a worker look now."""
    nudge(deliver)
