"""The worker's side of the activity log."""

import logging

from celery import shared_task

from estateman.activity import reactions

logger = logging.getLogger(__name__)


@shared_task(name="activity.react")
def react() -> None:
    """Work until nothing is due. Beat calls it as the sweep, which finds what a lost nudge left behind."""
    while reactions.react():
        pass


def nudge() -> None:
    """Wake a worker. A broker that is down costs seconds of delay (the sweep's), never the request."""
    try:
        react.delay()
    except Exception:
        logger.warning("No worker could be woken; the sweep will find the work", exc_info=True)
