"""Looking after timers."""

from celery import shared_task

from tasks import services


@shared_task(name="tasks.flag_forgotten_timers")
def flag_forgotten_timers() -> None:
    """Beat calls it every five minutes. Each timer is flagged, and whose it is told, once."""
    services.flag_forgotten_timers()
