"""What the clock notices: deadlines and due days that come near, and the morning's lists."""

from celery import shared_task

from tasks import services


@shared_task(name="tasks.warn_of_deadlines")
def warn_of_deadlines() -> None:
    """Deadlines 72, 48 and 24 hours ahead and those that passed, and the due days that rules wait for."""
    services.warn_of_deadlines()
    services.announce_due_days()


@shared_task(name="tasks.send_overdue_digests")
def send_overdue_digests() -> None:
    """Each person's list once a day of theirs."""
    services.send_overdue_digests()


@shared_task(name="tasks.forget_old_notices")
def forget_old_notices() -> None:
    """Runs of rules after half a year, and which lists were made after a month."""
    services.forget_old_runs()
    services.forget_old_digests()
