"""The worker's side of payments."""

from celery import shared_task

from estateman.common.crews import Crew
from integrations.services.payments import look_after_waiting, reconcile_due

_readers, _lookers = Crew(1), Crew(1)


@shared_task(name="integrations.reconcile_payments")
def reconcile_payments() -> None:
    """Find out until nothing is due, unless one is at it here already. Beat calls it as the sweep."""
    _readers.work(reconcile_due)


@shared_task(name="integrations.look_after_waiting_payments")
def look_after_waiting_payments() -> None:
    """A payer's approval is told by a webhook; this finds what a lost one left behind, unless one is at it here."""
    _lookers.work(look_after_waiting)
