"""The worker's side of deliveries."""

import logging
from threading import BoundedSemaphore

from celery import shared_task

from notifications import deliveries

logger = logging.getLogger(__name__)


# Sending waits for others; it must never take all the threads of the one process that also runs the reactions.
_senders = BoundedSemaphore(2)


@shared_task(name="notifications.deliver")
def deliver() -> None:
    """Send until nothing is due, unless two are at it here already. Beat calls it as the sweep."""
    if _senders.acquire(blocking=False):
        try:
            while deliveries.deliver_due():
                pass
        finally:
            _senders.release()


def nudge() -> None:
    """Wake a worker after the commit; the sweep makes good what a lost nudge left behind."""
    try:
        deliver.delay()
    except Exception:
        logger.warning("No worker could be woken; the sweep will find the deliveries", exc_info=True)
