"""The worker's side of deliveries."""

from threading import BoundedSemaphore

from celery import shared_task

from estateman.common.nudging import nudge
from notifications import deliveries

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


def wake() -> None:
    """Have a worker look now."""
    nudge(deliver)
