"""Housekeeping of what common keeps."""

from datetime import timedelta

from celery import shared_task

from estateman.common import clock
from estateman.common.models import IdempotencyKey

KEPT_FOR = timedelta(days=7)


@shared_task(name="common.forget_old_keys")
def forget_old_keys() -> None:
    """Idempotency keys protect against repeats, not for ever: after KEPT_FOR a key may be used anew."""
    IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEPT_FOR).delete()
