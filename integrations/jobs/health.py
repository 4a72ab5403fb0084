"""The worker's side of the integrations' health and of what is kept of their calls."""

from celery import shared_task

from integrations import services


@shared_task(name="integrations.watch_health")
def watch_health() -> None:
    """Beat calls it every minute. Doing it twice at once keeps and announces everything once."""
    services.watch_health()


@shared_task(name="integrations.forget_old_calls")
def forget_old_calls() -> None:
    """Beat calls it once a day."""
    services.forget_old_calls()
