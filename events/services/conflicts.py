"""Whether an event falls on time that its people have taken already, and what its calendar does about it."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Q

from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from events.availability import shared
from events.busy import Busy, busy_of
from events.coming import STAYS_AWAY
from events.free_busy import Eyes
from events.models import ConflictPolicy, Event
from events.recurrence import Occurrence, occurrences
from events.services.lock import lock_people

LOOKS_AHEAD = timedelta(days=90)
MOST_TOLD = 50


class TimeTaken(RuleBroken):
    """Somebody who comes has something else then; ``conflicts`` says who, when and what, as far as one may know."""

    code = "time_taken"


def check_conflicts(event: Event, *, by: User) -> list[dict[str, Any]]:
    """What of the event's dates falls on time that its people have taken, as its calendar wants it looked at.

    Looked at is what is ahead within LOOKS_AHEAD. Its people are the calendar's owner and the staff invited who do not
    stay away. Returns plain values, at most MOST_TOLD of them; raises TimeTaken with them where the calendar refuses.
    Call it when event and attendees are written, and before resources are locked.
    """
    policy = event.calendar.conflicts
    if policy == ConflictPolicy.IGNORE or not event.is_busy or event.is_cancelled:
        return []
    now = clock.now()
    ahead = [each for each in occurrences(event.series(), now, now + LOOKS_AHEAD) if each.starts_at >= now]
    people = _people(event) if ahead else {}
    if not people:
        return []
    if policy == ConflictPolicy.REFUSE:
        lock_people(people)
    found = _conflicts(event, ahead, people, by=by)
    if found and policy == ConflictPolicy.REFUSE:
        who = " and ".join(sorted({each["name"] for each in found}))
        raise TimeTaken(f"{who} cannot: that time is taken already.", conflicts=found)
    return found


def _people(event: Event) -> dict[int, str]:
    """Their names by id."""
    invited = event.attendees.exclude(user=None).exclude(status__in=STAYS_AWAY)
    owner = event.calendar.owner_id
    coming = User.objects.filter(Q(pk__in=invited.values("user")) | Q(pk__in=[owner] if owner else []))
    return {person.pk: str(person) for person in coming}


def _conflicts(event: Event, ahead: list[Occurrence], people: dict[int, str], *, by: User) -> list[dict[str, Any]]:
    taken = busy_of(people, ahead[0].starts_at, max(each.ends_at for each in ahead), leaving_out=event)
    if not any(taken.values()):
        return []
    eyes = Eyes.of(by)
    mine = [(each.starts_at, each.ends_at) for each in ahead]
    found = (
        _plain(ahead[index], user, name, taken[user][other], eyes)
        for user, name in people.items()
        for index, other in shared(mine, [busy.blocked for busy in taken[user]])
    )
    return list(islice(found, MOST_TOLD))


def _plain(occurrence: Occurrence, user: int, name: str, busy: Busy, eyes: Eyes) -> dict[str, Any]:
    seen = eyes.see(busy)
    return {
        "recurrence_id": occurrence.recurrence_id.isoformat(),
        "user": user,
        "name": name,
        "event": seen.event,
        "title": seen.title,
        "starts_at": _utc(seen.starts_at),
        "ends_at": _utc(seen.ends_at),
    }


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
