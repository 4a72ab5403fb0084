"""The worker's side of e-mails and texts."""

from datetime import timedelta

from celery import shared_task

from estateman.common import clock
from estateman.common.crews import Crew
from estateman.common.nudging import nudge
from integrations.models import Message
from integrations.services import send_due_message

KEPT = timedelta(days=180)
_senders = Crew(2)


@shared_task(name="integrations.send_messages")
def send_messages() -> None:
    """Send until nothing is due, unless two are at it here already. Beat calls it as the sweep."""
    _senders.work(send_due_message)


@shared_task(name="integrations.forget_old_messages")
def forget_old_messages() -> None:
    """What was said to people, after KEPT."""
    Message.objects.filter(next_attempt_at=None, created_at__lt=clock.now() - KEPT).delete()


def wake() -> None:
    """Have a worker look now."""
    nudge(send_messages)
