"""Waking a worker. A job's message carries no payload: the work is a row, and a lost nudge costs only time."""

import logging
from typing import Protocol

logger = logging.getLogger(__name__)


class Job(Protocol):
    """A Celery job without arguments."""

    name: str

    def delay(self) -> object: ...


def nudge(job: Job) -> None:
    """Have a worker look for work, after the commit. Never raises: what a lost nudge left behind, the sweep finds."""
    try:
        job.delay()
    except Exception:  # the rows are committed; a broker that is down must not undo the answer
        logger.warning("No worker could be woken for %s; its sweep will find the work", job.name, exc_info=True)
