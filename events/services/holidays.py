"""Calendars of public holidays, which the house fills: for last, this and the next two years."""

from django.db import transaction

from estateman.common import clock
from events.holidays import Holiday, holidays_of
from events.models import Calendar, Event
from events.services.timing import WHOLE_DAY, settle_timing

YEARS_BACK, YEARS_AHEAD = 1, 2


@transaction.atomic
def fill_holidays(calendar: Calendar) -> int:
    """Put in the holidays that are missing, and name those anew whose name changed; returns how many were put in."""
    calendar = Calendar.objects.select_for_update(of=("self",), no_key=True).get(pk=calendar.pk)
    year = clock.local_date(clock.now(), calendar.timezone).year
    wanted = holidays_of(calendar.holidays_of, range(year - YEARS_BACK, year + YEARS_AHEAD + 1))
    there = {event.uid: event for event in calendar.events.all()}
    missing = [_event(calendar, holiday) for holiday in wanted if holiday.uid not in there]
    Event.objects.bulk_create(missing)
    named = {holiday.uid: holiday.name for holiday in wanted}
    renamed = [event for uid, event in there.items() if named.get(uid, event.title) != event.title]
    for event in renamed:
        event.title = named[event.uid]
    Event.objects.bulk_update(renamed, ["title"])
    return len(missing)


def _event(calendar: Calendar, holiday: Holiday) -> Event:
    event = Event(
        calendar=calendar,
        uid=holiday.uid,
        title=holiday.name,
        starts_at=holiday.starts_at,
        timezone=calendar.timezone,
        duration_minutes=WHOLE_DAY,
        all_day=True,
        is_busy=False,
    )
    settle_timing(event, exdates=(), rdates=())
    return event
