"""Housekeeping of what common keeps."""

from datetime import timedelta

from celery import shared_task

from estateman.common import clock
from estateman.common.api.callers import OF_ADDRESS
from estateman.common.models import ApiUsage, IdempotencyKey

KEPT_FOR = timedelta(days=7)
USAGE_KEPT_FOR = timedelta(days=400)
ADDRESSES_KEPT_FOR = timedelta(days=30)


@shared_task(name="common.forget_old_keys")
def forget_old_keys() -> None:
    """Idempotency keys protect against repeats, not for ever: after KEPT_FOR a key may be used anew."""
    IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEPT_FOR).delete()


@shared_task(name="common.forget_old_usage")
def forget_old_usage() -> None:
    """How much the API was used is kept for a year and a bit, so that one season can be held against the last.

    Who was not signed in is kept for a month: there may be any number of addresses.
    """
    now = clock.now()
    ApiUsage.objects.filter(hour__lt=now - USAGE_KEPT_FOR).delete()
    ApiUsage.objects.filter(caller__startswith=OF_ADDRESS, hour__lt=now - ADDRESSES_KEPT_FOR).delete()
