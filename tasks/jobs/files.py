"""The worker's side of the files of tasks."""

from celery import shared_task

from tasks import services


@shared_task(name="tasks.forget_lost_files")
def forget_lost_files() -> None:
    """Beat calls it once a day. Doing it twice at once does no harm."""
    services.forget_lost_files()
