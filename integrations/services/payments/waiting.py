"""Payments that wait for their payer. A webhook tells when they moved on; where it got lost, a look does."""

import logging
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import Q
from django.db.models.functions import Coalesce, Greatest

from estateman.common import clock
from integrations.models import Payment
from integrations.services.payments.errors import PaymentInProgress
from integrations.services.payments.moving import capture_approved
from integrations.services.payments.reading import refresh_payment
from integrations.spi import PaymentStatus, ProviderError

logger = logging.getLogger(__name__)

FIRST_LOOK = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(days=30)
"""No vendor keeps an order open for so long that its payer has not approved."""
BATCH = 100
_SHARE = 10
"""The older it is, the rarer the look: after a tenth of its age."""
_SEEN_AT = Greatest(Coalesce("read_at", "created_at"), Coalesce("looked_at", "created_at"))


def look_after_waiting() -> int:
    """Read a batch of those whose time has come, and take what was approved; returns how many were looked at."""
    due = _due(clock.now())
    for payment in due:
        _look_after(payment)
    return len(due)


def _due(now: datetime) -> list[Payment]:
    """Those first that were not seen for longest."""
    approved = Q(status=PaymentStatus.AUTHORISED, captures_at_once=True)
    waits = Q(status__in=(PaymentStatus.REQUIRES_ACTION, PaymentStatus.PROCESSING)) | approved
    living = Payment.objects.filter(waits, integration__deleted_at=None, created_at__gt=now - FORGOTTEN_AFTER)
    unseen = living.exclude(ref="").annotate(seen_at=_SEEN_AT).filter(seen_at__lte=now - FIRST_LOOK)
    oldest = unseen.select_related("integration").order_by("seen_at", "pk")
    return list(islice((one for one in oldest if _is_due(one, now)), BATCH))


def _is_due(payment: Payment, now: datetime) -> bool:
    seen_at = max(filter(None, (payment.read_at, payment.looked_at)), default=payment.created_at)
    return now - seen_at >= (now - payment.created_at) / _SHARE


def _look_after(payment: Payment) -> None:
    # Before the look: one that can't be read, or ends this process, waits for its next turn like the others.
    Payment.objects.filter(pk=payment.pk).update(looked_at=clock.now())
    try:
        capture_approved(refresh_payment(payment))
    except (ProviderError, PaymentInProgress) as error:
        logger.warning("Payment %s could not be looked at: %s", payment.pk, error)
    except Exception:  # one bad row must not stop the rest
        logger.exception("Payment %s could not be looked at", payment.pk)
