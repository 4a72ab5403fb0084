"""Timers that somebody probably forgot: they are pointed out, never cut short."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.versions import save_changes
from tasks.activities import TimerForgotten
from tasks.models import TimeLog, TimeLogChange
from tasks.services.time.stopping import held_running
from tasks.services.time.telling import facts_of


def flag_forgotten_timers() -> None:
    """Flag each timer that has run for longer than TIMER_CAP_HOURS, and tell whose it is; once, whatever they say.

    Who said that it is right although it runs on is not asked again.
    """
    long_ago = clock.now() - timedelta(hours=settings.TIMER_CAP_HOURS)
    reviewed = TimeLogChange.objects.filter(log=OuterRef("pk"), before__needs_review=True)
    suspected = TimeLog.objects.running().filter(started_at__lt=long_ago, needs_review=False)
    for pk in suspected.exclude(Exists(reviewed)).order_by("pk").values_list("pk", flat=True):
        _flag(pk)


@transaction.atomic
def _flag(pk: int) -> None:
    log = held_running(pk=pk, needs_review=False)
    if log is None:
        return
    save_changes(log, {"needs_review": True})
    announce(TimerForgotten(**facts_of(log, None), started_at=log.started_at.isoformat(), timezone=log.timezone))
