"""Payments that wait for their payer. A webhook tells when they moved on; where it got lost, a look does."""

import logging
from datetime import datetime, timedelta

from django.db.models import Q

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
_SHARE = 10
"""The older it is, the rarer the look: after a tenth of its age."""


def look_after_waiting() -> int:
    """Read those whose time has come, and take what was approved; returns how many were read."""
    due = [payment for payment in _waiting() if _is_due(payment, clock.now())]
    for payment in due:
        try:
            capture_approved(refresh_payment(payment))
        except (ProviderError, PaymentInProgress) as error:
            logger.warning("Payment %s could not be looked at: %s", payment.pk, error)
    return len(due)


def _waiting() -> list[Payment]:
    approved = Q(status=PaymentStatus.AUTHORISED, captures_at_once=True)
    waits = Q(status__in=(PaymentStatus.REQUIRES_ACTION, PaymentStatus.PROCESSING)) | approved
    living = Payment.objects.filter(waits, integration__deleted_at=None).exclude(ref="")
    return list(living.filter(created_at__gt=clock.now() - FORGOTTEN_AFTER).select_related("integration"))


def _is_due(payment: Payment, now: datetime) -> bool:
    seen_at = payment.read_at or payment.created_at
    return now - seen_at >= max(FIRST_LOOK, (now - payment.created_at) / _SHARE)
