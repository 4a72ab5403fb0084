"""The worker's side of the activity log."""

from celery import shared_task

from estateman.activity import reactions
from estateman.common.nudging import nudge


@shared_task(name="activity.react")
def react() -> None:
    """Work until nothing is due. Beat calls it as the sweep, which finds what a lost nudge left behind."""
    while reactions.react():
        pass


def wake() -> None:
    """Have a worker look now."""
    nudge(react)
