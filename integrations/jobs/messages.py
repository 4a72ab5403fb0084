"""The worker's side of e-mails and texts."""

from datetime import timedelta
from functools import partial

from celery import shared_task

from estateman.common import clock
from estateman.common.crews import Crew
from estateman.common.nudging import nudge
from integrations.models import Message
from integrations.services import send_due_message

KEPT = timedelta(days=180)
_texts, _letters = Crew(1), Crew(2)
"""One each: texts, which are urgent, do not wait behind 500 letters to a server that is slow."""


@shared_task(name="integrations.send_messages")
def send_messages() -> None:
    """Send until nothing is due; one sends texts here and two send letters at most. Beat calls it as the sweep."""
    _texts.work(partial(send_due_message, channel=Message.Channel.SMS))
    _letters.work(partial(send_due_message, channel=Message.Channel.EMAIL))


@shared_task(name="integrations.forget_old_messages")
def forget_old_messages() -> None:
    """What was said to people, after KEPT."""
    Message.objects.filter(next_attempt_at=None, created_at__lt=clock.now() - KEPT).delete()


def wake() -> None:
    """Have a worker look now."""
    nudge(send_messages)
