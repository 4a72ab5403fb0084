"""Whether an event falls on time that its people have taken already, and what its calendar does about it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from events.availability import Interval, shared
from events.busy import Busy, busy_of, whose_time
from events.free_busy import Eyes
from events.models import ConflictPolicy, Event
from events.recurrence import Occurrence, Series, occurrences
from events.services.lock import lock_people

LOOKS_AHEAD = timedelta(days=90)
MOST_TOLD = 50
_refuses: ContextVar[bool] = ContextVar("refuses taken time", default=True)


@contextmanager
def no_refusals() -> Iterator[None]:
    """Within it no calendar refuses what falls on taken time: what happened outside is not ours to refuse."""
    before = _refuses.set(False)
    try:
        yield
    finally:
        _refuses.reset(before)


class TimeTaken(RuleBroken):
    """Somebody who comes has something else then; ``conflicts`` says who, when and what, as far as one may know."""

    code = "time_taken"


def check_conflicts(event: Event, *, by: User, before: Series | None = None) -> list[dict[str, Any]]:
    """What of the event's dates falls on time that its people have taken, as its calendar wants it looked at.

    Looked at is what is ahead within LOOKS_AHEAD, less the dates whose time is as it was ``before``. Its people are
    the calendar's owner and the staff invited who do not stay away from that date. Returns plain values, at most
    MOST_TOLD of them; raises TimeTaken with them where the calendar refuses. Call it when event and attendees are
    written, and before resources are locked.
    """
    policy = event.calendar.conflicts
    if policy == ConflictPolicy.IGNORE or not event.is_busy or event.is_cancelled:
        return []
    now = clock.now()
    stood = _times(before, now) if before else {}
    ahead = [each for time, each in _times(event.series(), now).items() if time not in stood]
    dates = _dates_by_person(event, ahead)
    if not dates:
        return []
    refuses = policy == ConflictPolicy.REFUSE and _refuses.get()
    if refuses:
        lock_people(dates)
    found = _conflicts(event, dates, by=by)
    if found and refuses:
        who = " and ".join(sorted({each["name"] for each in found}))
        raise TimeTaken(f"{who} cannot: that time is taken already.", conflicts=found)
    return found


def _times(series: Series, now: datetime) -> dict[Interval, Occurrence]:
    """What is ahead, by when it takes place."""
    found = occurrences(series, now, now + LOOKS_AHEAD)
    return {(each.starts_at, each.ends_at): each for each in found if each.starts_at >= now}


def _dates_by_person(event: Event, ahead: Sequence[Occurrence]) -> dict[int, list[Occurrence]]:
    """Which of the dates take whose time."""
    invited = event.attendees.exclude(user=None).prefetch_related("answers") if ahead else ()
    dates: defaultdict[int, list[Occurrence]] = defaultdict(list)
    for occurrence in ahead:
        for user in whose_time(event, occurrence.recurrence_id, invited):
            dates[user].append(occurrence)
    return dates


def _conflicts(event: Event, dates: Mapping[int, list[Occurrence]], *, by: User) -> list[dict[str, Any]]:
    ahead = [occurrence for theirs in dates.values() for occurrence in theirs]
    first, last = min(each.starts_at for each in ahead), max(each.ends_at for each in ahead)
    taken = busy_of(dates, first, last, leaving_out=event)
    if not any(taken.values()):
        return []
    eyes = Eyes.of(by)
    found = (
        _plain(dates[person.pk][index], person, taken[person.pk][other], eyes)
        for person in User.objects.filter(pk__in=dates).order_by("pk")
        for index, other in shared(
            [(each.starts_at, each.ends_at) for each in dates[person.pk]],
            [busy.blocked for busy in taken[person.pk]],
        )
    )
    return list(islice(found, MOST_TOLD))


def _plain(occurrence: Occurrence, person: User, busy: Busy, eyes: Eyes) -> dict[str, Any]:
    seen = eyes.see(busy)
    return {
        "recurrence_id": occurrence.recurrence_id.isoformat(),
        "user": person.pk,
        "name": str(person),
        "event": seen.event,
        "title": seen.title,
        "starts_at": _utc(seen.starts_at),
        "ends_at": _utc(seen.ends_at),
    }


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
