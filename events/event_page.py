"""One event as its page shows it: which date is looked at, who comes to it, and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from estateman.common import clock
from estateman.people.models import User
from events.letters import repeats
from events.models import Answer, Attendance, Attendee, ConflictPolicy, Event, Reminder, ResourceBooking
from events.occurrences import Dated
from events.permissions import can_cancel_booking, can_check_in, can_edit_event
from events.recurrence import Occurrence, find_occurrence, next_occurrence, occurrences
from events.services.attendance import EARLY
from events.services.bookings.using import CHECK_IN_BEFORE
from events.services.conflicts import check_conflicts
from events.telling import sentence
from events.wording import LONG_DAY, day_words, span_words

DATES_SHOWN, DATES_WITHIN = 8, timedelta(days=400)
MOST_COLLISIONS = 5
_ANSWERS = {
    Answer.NEEDS_ACTION: ("has not answered", ""),
    Answer.ACCEPTED: ("comes", "good"),
    Answer.DECLINED: ("does not come", "danger"),
    Answer.TENTATIVE: ("may come", "warn"),
    Answer.WAITING: ("waits for a place", "info"),
}
_BOOKINGS = {"accepted": "good", "pending": "warn", "declined": "danger", "cancelled": "", "released": ""}


def date_of(event: Event, on: datetime | None) -> Dated | None:
    """The date ``on`` (its original local start), else the one under way or next, else the last; None for no such."""
    series = event.series()
    if on is not None:
        return _dated(event, find_occurrence(series, on))
    now = clock.now()
    ahead = occurrences(series, now, now + DATES_WITHIN)[:1]
    upcoming = ahead[0] if ahead else next_occurrence(series, now)
    if upcoming is None:
        past = occurrences(series, event.first_utc, now)
        upcoming = past[-1] if past else None
    return _dated(event, upcoming)


def _dated(event: Event, occurrence: Occurrence | None) -> Dated | None:
    if occurrence is None:
        return None
    patches = {row.recurrence_id: row.patch() for row in event.overrides.all()}
    words = {"title": event.title, "location": event.location} | patches.get(occurrence.recurrence_id, {})
    return Dated(event, occurrence, str(words["title"]), str(words["location"]))


def description_of(event: Event, recurrence_id: datetime) -> str:
    """What is noted for this date."""
    patches = (row.description for row in event.overrides.all() if row.recurrence_id == recurrence_id)
    return next((text for text in patches if text is not None), event.description)


@dataclass(frozen=True)
class When:
    """In words: for the reader, and (where clocks differ there) in the event's own zone."""

    here: str
    there: str
    repeats: str


def when_words(date: Dated, zone: ZoneInfo) -> When:
    event, occurrence = date.event, date.occurrence
    own = ZoneInfo(event.timezone)
    repeating = repeats(event)
    if event.all_day:
        last = occurrence.ends_at.astimezone(own) - timedelta(minutes=1)
        first = occurrence.starts_at.astimezone(own)
        words = day_words(first) if first.date() == last.date() else f"{day_words(first)} to {day_words(last)}"
        return When(words, "", repeating)
    here, there = _span(occurrence, zone), _span(occurrence, own)
    return When(here, "" if here == there else f"{there} in {event.timezone}", repeating)


def _span(occurrence: Occurrence, zone: tzinfo) -> str:
    return span_words(occurrence.starts_at.astimezone(zone), occurrence.ends_at.astimezone(zone), LONG_DAY)


@dataclass(frozen=True)
class Comer:
    """One of those invited: ``answer`` holds for the date that is looked at."""

    attendee: Attendee
    answer: str
    words: str
    tone: str
    came: str


def comers(event: Event, date: Dated) -> list[Comer]:
    """Everybody who is invited, those who come first. Three queries."""
    key = date.occurrence.recurrence_id
    here = Attendance.objects.filter(attendee__event=event, recurrence_id=key)
    came = dict(here.values_list("attendee", "status"))
    rows = event.attendees.select_related("user").prefetch_related("answers")
    found = [_comer(row, key, came.get(row.pk, "")) for row in rows]
    order = [Answer.ACCEPTED, Answer.TENTATIVE, Answer.NEEDS_ACTION, Answer.WAITING, Answer.DECLINED]
    return sorted(found, key=lambda each: (order.index(Answer(each.answer)), str(each.attendee)))


def _comer(row: Attendee, key: datetime, came: str) -> Comer:
    answer = row.answer_on(key)
    words, tone = _ANSWERS[Answer(answer)]
    return Comer(row, answer, words, tone, came)


@dataclass(frozen=True)
class Booked:
    booking: ResourceBooking
    tone: str
    may_cancel: bool
    may_check_in: bool


def booked(event: Event, date: Dated, user: User) -> list[Booked]:
    """What is booked for this date, and asked for, and what became of other requests."""
    now = clock.now()
    rows = event.bookings.filter(recurrence_id=date.occurrence.recurrence_id)
    rows = rows.exclude(status=ResourceBooking.Status.CANCELLED).select_related("resource", "event__calendar")
    return [
        Booked(
            booking=each,
            tone=_BOOKINGS[each.status],
            may_cancel=each.status in ResourceBooking.OPEN and not each.is_over and can_cancel_booking(user, each),
            may_check_in=_is_time_to_check_in(each, now) and can_check_in(user, each),
        )
        for each in rows.order_by("resource__name", "-pk")
    ]


def _is_time_to_check_in(booking: ResourceBooking, now: datetime) -> bool:
    holds = booking.status in ResourceBooking.HOLDING and booking.checked_in_at is None
    return holds and booking.starts_at - CHECK_IN_BEFORE <= now < booking.ends_at


def collisions_of(event: Event, user: User) -> list[str]:
    """What it falls on, in sentences; where its calendar refuses such things nothing is to be told."""
    if event.calendar.conflicts != ConflictPolicy.WARN:
        return []
    return [sentence(each, user.zone) for each in check_conflicts(event, by=user)[:MOST_COLLISIONS]]


def event_page(event: Event, date: Dated, user: User) -> dict[str, Any]:
    """All that the page shows."""
    now, occurrence = clock.now(), date.occurrence
    invited = comers(event, date)
    mine = next((each for each in invited if each.attendee.user_id == user.pk), None)
    may_edit = not event.is_cancelled and can_edit_event(user, event)
    has_opened = not event.is_cancelled and now >= occurrence.starts_at - EARLY
    reminders = list(event.reminders.all())
    return {
        "event": event,
        "date": date,
        "key": occurrence.recurrence_id.isoformat(),
        "when": when_words(date, user.zone),
        "description": description_of(event, occurrence.recurrence_id),
        "comers": invited,
        "coming": sum(each.answer == Answer.ACCEPTED for each in invited),
        "mine": mine,
        "may_answer": mine is not None and not event.is_cancelled and occurrence.ends_at > now,
        "may_edit": may_edit,
        "may_record": may_edit and has_opened,
        "may_come": mine is not None and not mine.came and has_opened and occurrence.ends_at > now,
        "is_over": occurrence.ends_at <= now,
        "bookings": booked(event, date, user),
        "ahead": _ahead(event, user, now),
        "reminders": [each for each in reminders if each.user_id is None],
        "my_reminders": _minutes(each for each in reminders if each.user_id == user.pk),
        "collisions": collisions_of(event, user) if may_edit else [],
    }


def _ahead(event: Event, user: User, now: datetime) -> Sequence[Occurrence]:
    if not event.is_recurring or event.is_cancelled:
        return []
    return occurrences(event.series(), now, now + DATES_WITHIN)[:DATES_SHOWN]


def _minutes(reminders: Any) -> list[int]:
    found: list[Reminder] = list(reminders)
    return [each.minutes_before for each in found]
