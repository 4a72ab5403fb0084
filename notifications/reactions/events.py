"""Who is told of what is in the calendars. Nobody is told of what they did themselves."""

from collections.abc import Iterable
from datetime import datetime

from estateman.activity.models import Activity
from estateman.activity.reactions import on
from events.activities import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    AttendeeInvited,
    AttendeeRemoved,
    AttendeeResponded,
    AttendeeSeated,
    AttendeeUnseated,
    BookingApproved,
    BookingDeclined,
    BookingInBlackout,
    BookingReleased,
    CalendarSyncFailed,
    EventCancelled,
    EventChanged,
    OccurrenceCancelled,
    OccurrenceChanged,
    OccurrenceRestored,
    ReminderDue,
    ResourceRequested,
)
from events.audience import Hearers, deciders_of, hearers_of, may_hear_of
from notifications import wording
from notifications.models import Category
from notifications.reactions.telling import tell

WORTH_TELLING = {"location", "status"}
"""What people want to hear of beside a new time."""


@on(ReminderDue)
def remind(fact: ReminderDue, activity: Activity) -> None:
    """In the inbox always, and over the channels that the reminder names."""
    tell(
        [fact.user_id],
        activity,
        Category.REMINDERS,
        title=f"{fact.title} {wording.lead_time(fact.minutes_before)}",
        body=f"{wording.moment(fact.starts_at, fact.timezone)}.",
        url=_page(fact.event_id),
        dedupe_key=fact.dedupe_key,
        channels=fact.channels,
    )


@on(AttendeeInvited)
def tell_whoever_is_invited(fact: AttendeeInvited, activity: Activity) -> None:
    _tell([fact.user_id], activity, f"You are invited to {fact.title}", _when(hearers_of(fact.event_id)))


@on(AttendeeSeated)
def tell_whoever_has_a_place_now(fact: AttendeeSeated, activity: Activity) -> None:
    heard = hearers_of(fact.event_id, _date(fact.recurrence_id))
    _tell([fact.user_id], activity, f"You have a place at {fact.title}", _when(heard))


@on(AttendeeUnseated)
def tell_whoever_waits_again(fact: AttendeeUnseated, activity: Activity) -> None:
    heard = hearers_of(fact.event_id, _date(fact.recurrence_id))
    _tell([fact.user_id], activity, f"You wait for a place at {fact.title} again", _when(heard))


@on(AttendeeRemoved)
def tell_whoever_is_not_invited_any_more(fact: AttendeeRemoved, activity: Activity) -> None:
    _tell([fact.user_id], activity, f"You are not invited to {fact.title} any more", "")


@on(AttendeeResponded)
def tell_the_organiser(fact: AttendeeResponded, activity: Activity) -> None:
    """A colleague's yes stands in the calendar; a no and what guests say are worth a line."""
    heard = hearers_of(fact.event_id, _date(fact.recurrence_id))
    if heard and (fact.status == "declined" or fact.user_id is None):
        who = activity.actor.name if activity.actor else fact.email
        _tell([heard.organiser], activity, f"{who} {fact.sentence()}", _when(heard))


@on(EventChanged, OccurrenceChanged)
def tell_of_a_change(fact: EventChanged | OccurrenceChanged, activity: Activity) -> None:
    """Those who come, when it moved or is elsewhere."""
    heard = hearers_of(fact.event_id, _date(getattr(fact, "recurrence_id", "")))
    if heard and (fact.moved or WORTH_TELLING & set(fact.changed)):
        verb = "was moved" if fact.moved else "was changed"
        _tell(heard.people, activity, f"{fact.title} {verb}", _when(heard))


@on(EventCancelled, OccurrenceCancelled)
def tell_of_a_cancellation(fact: EventCancelled | OccurrenceCancelled, activity: Activity) -> None:
    date = getattr(fact, "recurrence_id", "")
    heard = hearers_of(fact.event_id, _date(date))
    if heard:
        on_date = f" on {wording.day(date[:10])}" if date else ""
        _tell(heard.people, activity, f"{fact.title} was cancelled{on_date}", "" if date else _when(heard))


@on(OccurrenceRestored)
def tell_of_a_date_put_back(fact: OccurrenceRestored, activity: Activity) -> None:
    """Those who come, and heard that it was cancelled or moved."""
    heard = hearers_of(fact.event_id, _date(fact.recurrence_id))
    if heard and fact.moved:
        _tell(heard.people, activity, f"{fact.title} takes place as planned after all", _when(heard))


@on(ResourceRequested)
def ask_for_approval(fact: ResourceRequested, activity: Activity) -> None:
    title = f"{fact.resource} is asked for"
    heard = hearers_of(fact.event_id, _date(fact.recurrence_id))
    first = f" on {wording.moment(heard.starts_at.isoformat(), heard.timezone)}" if heard else ""
    others = f", and {wording.counted(fact.occurrences - 1, 'more date')}" if fact.occurrences > 1 else ""
    _tell(deciders_of(fact.resource_id), activity, title, f"For {fact.title}{first}{others}.", url="/resources")


@on(BookingApproved, BookingDeclined, BookingReleased, BookingInBlackout)
def tell_whoever_booked(
    fact: BookingApproved | BookingDeclined | BookingReleased | BookingInBlackout, activity: Activity
) -> None:
    """What others, or the house, did to their booking."""
    if not may_hear_of(fact.event_id, fact.user_id):
        return
    match fact:
        case BookingApproved():
            title = f"{fact.resource} is yours for {fact.title}"
        case BookingDeclined():
            title = (
                f"Nobody approved {fact.resource} for {fact.title} in time"
                if fact.lapsed
                else f"{fact.resource} was declined for {fact.title}"
            )
        case BookingReleased():
            title = (
                f"{fact.resource} was released: nobody had come" if fact.no_show else f"{fact.resource} was released"
            )
        case BookingInBlackout():
            title = f"{fact.resource} cannot be used for {fact.title}"
    _tell([fact.user_id], activity, title, f"{wording.day(fact.recurrence_id[:10])}.")


@on(AppointmentBooked, AppointmentMoved, AppointmentCancelled)
def tell_the_host(fact: AppointmentBooked | AppointmentMoved | AppointmentCancelled, activity: Activity) -> None:
    heard = hearers_of(fact.event_id)
    if heard:
        _tell([fact.host_id], activity, fact.sentence(), f"{wording.moment(fact.starts_at, heard.timezone)}.")


@on(CalendarSyncFailed)
def tell_whose_link_it_is(fact: CalendarSyncFailed, activity: Activity) -> None:
    url = f"/calendars/{fact.calendar_id}/settings"
    _tell([fact.user_id], activity, f"{fact.calendar} is not kept in step any more", fact.detail, url=url)


def _tell(people: Iterable[int | None], activity: Activity, title: str, body: str, *, url: str = "") -> None:
    """Those of ``people`` who did not do it themselves."""
    others = {person for person in people if person is not None} - {activity.actor_id}
    tell(others, activity, Category.EVENTS, title=title, body=body, url=url or _page(activity.payload["event_id"]))


def _page(event_id: int) -> str:
    return f"/events/{event_id}"


def _date(recurrence_id: str) -> datetime | None:
    return datetime.fromisoformat(recurrence_id) if recurrence_id else None


def _when(heard: Hearers | None) -> str:
    return f"{wording.moment(heard.starts_at.isoformat(), heard.timezone)}." if heard else ""
