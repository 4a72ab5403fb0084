"""What the worker does for links: run those that are due, and forget old runs."""

from datetime import timedelta

from estateman.common import clock
from estateman.common.claims import claim
from events.models import CalendarLink, DataSync
from events.sync.engine import LEASE, run

KEPT = timedelta(days=30)


def run_due() -> None:
    """Until nothing is due. Two workers share the links; one that dies gives its link back with its lease."""
    links = CalendarLink.objects.in_use().select_related("calendar", "integration", "user")
    while claimed := claim(links, limit=1, lease=LEASE):
        run(claimed[0])


def forget_old_runs() -> None:
    """Those over for longer than KEPT, with what they noted."""
    DataSync.objects.filter(started_at__lt=clock.now() - KEPT).delete()
