# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""One date of a series, or a date and all that follow: changed, cancelled and undone."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError

from estateman.activity.models import Activity
from estateman.common.errors import VersionConflict
from events import jobs
from events.agenda import agenda
from events.exceptions import exceptions_of
from events.models import Attendance, Event, OccurrenceAnswer, ReminderDelivery
from events.occurrences import occurrences_for
from events.recurrence import find_occurrence, occurrences
from events.services import (
    BookingConflict,
    EventCancelledAlready,
    ReminderWish,
    book_resource,
    cancel_booking,
    cancel_event,
    cancel_following,
    cancel_occurrence,
    edit_event,
    edit_following,
    edit_occurrence,
    invite,
    restore_occurrence,
    rsvp,
)

pytestmark = pytest.mark.usefixtures("clock")
WEEKLY = "FREQ=WEEKLY;BYDAY=MO;COUNT=5"
START, FAR = datetime(2026, 3, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


def day(number, hour=9, month=3):
    return datetime(2026, month, number, hour)


def fresh(event):
    return Event.objects.with_series().get(pk=event.pk)


def dates(event):
    """Where the event's dates are, as local starts."""
    found = occurrences(fresh(event).series(), START, FAR)
    return [each.local_starts_at.strftime("%m-%d %H:%M") for each in found]


def held(event):
    rows = event.bookings.holding().order_by("starts_at")
    return [(row.recurrence_id.strftime("%m-%d %H:%M"), row.starts_at.strftime("%m-%d %H:%M")) for row in rows]


def pending(event):
    rows = event.reminder_deliveries.filter(state="pending").order_by("starts_at")
    return [row.starts_at.strftime("%m-%d %H:%M") for row in rows]


def told(kind):
    return [activity.fact for activity in Activity.objects.filter(kind=kind).order_by("pk")]


@pytest.fixture
def weekly(plan):
    """Five Mondays at nine in New York: 2, 9, 16, 23 and 30 March."""
    return plan("2026-03-02T09:00", recurrence=WEEKLY)


# One date changed


def test_a_moved_date_is_at_its_new_place_once_and_keeps_its_key(weekly, agent):
    edit_occurrence(weekly, day(9), changes={"starts_at": day(11, 14), "duration_minutes": 90}, by=agent)
    assert dates(weekly) == ["03-02 09:00", "03-11 14:00", "03-16 09:00", "03-23 09:00", "03-30 09:00"]
    found = find_occurrence(fresh(weekly).series(), day(9))
    assert found is not None
    assert (found.recurrence_id, found.starts_at, found.ends_at) == (
        day(9), datetime(2026, 3, 11, 18, tzinfo=UTC), datetime(2026, 3, 11, 19, 30, tzinfo=UTC),
    )  # fmt: skip
    assert find_occurrence(fresh(weekly).series(), day(11, 14)) is None


@pytest.mark.parametrize("place", [datetime(2026, 1, 5, 9), datetime(2027, 6, 1, 9)])
def test_a_date_moved_far_outside_the_series_is_still_found_by_the_database(weekly, agent, place):
    edit_occurrence(weekly, day(9), changes={"starts_at": place}, by=agent)
    when = place.replace(tzinfo=UTC)
    (found,) = occurrences_for(agent, when.replace(hour=0), when.replace(hour=23))
    assert (found.recurrence_id, found.local_starts_at) == (day(9), place)
    assert [each.recurrence_id for each in occurrences_for(agent, START, datetime(2026, 4, 1, tzinfo=UTC))] == [
        day(2), day(16), day(23), day(30),
    ]  # fmt: skip


def test_a_date_moved_onto_another_date_leaves_both(weekly, agent):
    edit_occurrence(weekly, day(9), changes={"starts_at": day(16)}, by=agent)
    found = [each.recurrence_id for each in occurrences(fresh(weekly).series(), START, FAR)]
    assert found == [day(2), day(9), day(16), day(23), day(30)]


def test_the_words_of_one_date_are_shown_on_that_date_only(weekly, agent):
    edit_occurrence(weekly, day(9), changes={"title": "Open house with music", "location": "Garden"}, by=agent)
    shown = [(each.title, each.location) for each in occurrences_for(agent, START, datetime(2026, 3, 17, tzinfo=UTC))]
    assert shown == [("Showing", ""), ("Open house with music", "Garden"), ("Showing", "")]
    (item,) = agenda(agent, day=day(9).date())
    assert (item.title, item.location) == ("Open house with music", "Garden")
    assert fresh(weekly).sequence == 0


def test_a_text_may_be_taken_away_for_one_date_but_not_the_title(plan, agent):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY, location="Quay", description="Bring keys")
    edit_occurrence(event, day(9), changes={"location": "", "description": ""}, by=agent)
    assert event.overrides.get().patch() == {"location": "", "description": ""}
    with pytest.raises(ValidationError) as refused:
        edit_occurrence(event, day(9), changes={"title": ""}, by=agent)
    assert "title" in refused.value.message_dict


def test_what_a_date_has_like_its_series_follows_the_series(weekly, agent):
    edit_occurrence(weekly, day(9), changes={"title": "Other", "starts_at": day(9, 14)}, by=agent)
    edit_occurrence(weekly, day(9), changes={"title": "Showing"}, by=agent)
    assert weekly.overrides.get().patch() == {"starts_at": day(9, 14)}
    edit_occurrence(weekly, day(9), changes={"starts_at": day(9)}, by=agent)
    assert not weekly.overrides.exists()


def test_sending_back_what_stands_there_changes_nothing(weekly, agent):
    edit_occurrence(weekly, day(9), changes={"starts_at": day(9), "title": "Showing", "recurrence": WEEKLY}, by=agent)
    assert (fresh(weekly).version, weekly.overrides.exists(), told("occurrence.changed")) == (1, False, [])


def test_what_is_of_the_whole_series_is_refused_for_one_date(weekly, agent):
    with pytest.raises(ValidationError) as refused:
        edit_occurrence(weekly, day(9), changes={"capacity": 5, "timezone": "UTC", "title": "Other"}, by=agent)
    assert set(refused.value.message_dict) == {"capacity", "timezone"}
    assert not weekly.overrides.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_at": datetime(2026, 3, 9, 9)}, "starts_at"),
        ({"duration_minutes": 90}, "duration_minutes"),
        ({"starts_at": datetime(1, 1, 1)}, "starts_at"),
        ({"duration_minutes": 0}, "duration_minutes"),
    ],
)
def test_a_date_of_a_whole_day_series_takes_whole_days(plan, agent, changes, field):
    event = plan("2026-03-02T00:00", recurrence=WEEKLY, all_day=True, duration_minutes=1440)
    with pytest.raises(ValidationError) as refused:
        edit_occurrence(event, day(9, 0), changes=changes, by=agent)
    assert field in refused.value.message_dict


def test_a_series_that_becomes_whole_days_keeps_the_days_of_its_dates(plan, room, agent):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY, rdates=[day(4, 15), day(5), day(5, 18)], exdates=[day(16)])
    book_resource(event, room, by=agent)
    edit_occurrence(event, day(9), changes={"starts_at": day(10, 15), "duration_minutes": 30}, by=agent)
    edit_occurrence(event, day(23), changes={"starts_at": day(23, 11)}, by=agent)
    edit_occurrence(event, day(4, 15), changes={"title": "Extra", "duration_minutes": 90}, by=agent)
    edit_event(event, changes={"all_day": True, "starts_at": day(2, 0), "duration_minutes": 1440}, by=agent)
    days = ["03-02 00:00", "03-04 00:00", "03-05 00:00", "03-10 00:00", "03-23 00:00", "03-30 00:00"]
    assert dates(event) == days
    overrides = {row.recurrence_id: row.patch() for row in fresh(event).overrides.all()}
    assert overrides == {day(9, 0): {"starts_at": day(10, 0)}, day(4, 0): {"title": "Extra"}}
    assert held(event)[3] == ("03-09 00:00", "03-10 04:00")
    assert [key for key, _ in held(event)] == [*days[:3], "03-09 00:00", *days[4:]]
    edit_event(event, changes={"all_day": False, "starts_at": day(2, 14), "duration_minutes": 60}, by=agent)
    assert dates(event) == [each.replace("00:00", "14:00") for each in days]


def test_a_date_that_there_is_not_cannot_be_changed_or_cancelled(weekly, agent):
    for act in (cancel_occurrence, cancel_following):
        with pytest.raises(ValidationError, match="does not take place then"):
            act(weekly, day(10), by=agent)
    for edit in (edit_occurrence, edit_following):
        with pytest.raises(ValidationError, match="does not take place then"):
            edit(weekly, day(9, 10), changes={"title": "x"}, by=agent)


def test_who_may_not_write_or_is_late_is_refused(weekly, agent, stranger):
    for act in (cancel_occurrence, cancel_following, restore_occurrence):
        with pytest.raises(PermissionDenied):
            act(weekly, day(9), by=stranger)
    for edit in (edit_occurrence, edit_following):
        with pytest.raises(PermissionDenied):
            edit(weekly, day(9), changes={"title": "x"}, by=stranger)
        with pytest.raises(VersionConflict):
            edit(weekly, day(9), changes={"title": "x"}, by=agent, version=7)
    cancel_event(weekly, by=agent)
    with pytest.raises(EventCancelledAlready):
        edit_occurrence(weekly, day(9), changes={"title": "x"}, by=agent)


def test_room_and_reminder_move_with_a_date_and_the_others_stay(plan, room, agent):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY, reminders=[ReminderWish(30)])
    bookings = {booking.recurrence_id: booking.pk for booking in book_resource(event, room, by=agent)}
    edit_occurrence(event, day(9), changes={"starts_at": day(10, 15)}, by=agent)
    assert held(event) == [
        ("03-02 09:00", "03-02 14:00"), ("03-09 09:00", "03-10 19:00"), ("03-16 09:00", "03-16 13:00"),
        ("03-23 09:00", "03-23 13:00"), ("03-30 09:00", "03-30 13:00"),
    ]  # fmt: skip
    assert event.bookings.holding().get(recurrence_id=day(9)).pk == bookings[day(9)]
    assert pending(event) == ["03-02 14:00", "03-10 19:00", "03-16 13:00", "03-23 13:00", "03-30 13:00"]


def test_a_date_moved_onto_somebody_elses_booking_is_refused_and_nothing_changes(weekly, plan, room, agent):
    book_resource(plan("2026-03-10T15:00", title="Valuation"), room, by=agent)
    book_resource(weekly, room, by=agent)
    with pytest.raises(BookingConflict) as refused:
        edit_occurrence(weekly, day(9), changes={"starts_at": day(10, 15)}, by=agent)
    assert [each["recurrence_id"] for each in refused.value.extra["conflicts"]] == ["2026-03-09T09:00:00"]
    assert not weekly.overrides.exists()


def test_the_only_date_of_a_single_event_is_the_event(plan, agent):
    event = plan("2026-03-02T09:00")
    edit_occurrence(event, day(2), changes={"starts_at": day(3)}, by=agent)
    assert (dates(event), event.overrides.exists()) == (["03-03 09:00"], False)
    cancel_occurrence(event, day(3), by=agent)
    assert fresh(event).is_cancelled


def test_one_changed_date_is_told_with_its_key(weekly, agent):
    edit_occurrence(weekly, day(9), changes={"starts_at": day(9, 14), "title": "Late"}, by=agent)
    (fact,) = told("occurrence.changed")
    assert (fact.recurrence_id, fact.changed, fact.moved) == ("2026-03-09T09:00:00", ("starts_at", "title"), True)
    assert fact.rooms() == (f"calendar:{weekly.calendar_id}",)


# One date cancelled, and undone


def test_a_cancelled_date_gives_its_room_back_and_reminds_nobody(plan, room, agent):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY, reminders=[ReminderWish(30)])
    book_resource(event, room, by=agent)
    edit_occurrence(event, day(9), changes={"starts_at": day(9, 15)}, by=agent)
    cancel_occurrence(event, day(9), by=agent)
    assert dates(event) == ["03-02 09:00", "03-16 09:00", "03-23 09:00", "03-30 09:00"]
    assert [key for key, _ in held(event)] == ["03-02 09:00", "03-16 09:00", "03-23 09:00", "03-30 09:00"]
    assert pending(event) == ["03-02 14:00", "03-16 13:00", "03-23 13:00", "03-30 13:00"]
    assert not event.overrides.exists()
    assert told("occurrence.cancelled")[0].recurrence_id == "2026-03-09T09:00:00"


def test_with_its_last_date_the_event_is_cancelled(plan, agent):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=2", rdates=[day(5)])
    for date in (day(9), day(2)):
        cancel_occurrence(event, date, by=agent)
    assert not fresh(event).is_cancelled
    cancel_occurrence(event, day(5), by=agent)
    assert fresh(event).is_cancelled


def test_exceptions_are_listed_and_each_can_be_undone(plan, agent):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY, rdates=[day(5), day(6)])
    cancel_occurrence(event, day(9), by=agent)
    cancel_occurrence(event, day(6), by=agent)
    edit_occurrence(event, day(16), changes={"starts_at": day(17)}, by=agent)
    edit_occurrence(event, day(23), changes={"title": "Other"}, by=agent)
    assert [(each.recurrence_id, each.kind, dict(each.changes)) for each in exceptions_of(fresh(event))] == [
        (day(5), "added", {}),
        (day(6), "left_out", {}),
        (day(9), "left_out", {}),
        (day(16), "moved", {"starts_at": day(17)}),
        (day(23), "changed", {"title": "Other"}),
    ]
    for date in (day(5), day(6), day(9), day(16), day(23)):
        restore_occurrence(event, date, by=agent)
    assert [(each.recurrence_id, each.kind) for each in exceptions_of(fresh(event))] == [(day(6), "added")]
    assert dates(event) == ["03-02 09:00", "03-06 09:00", "03-09 09:00", "03-16 09:00", "03-23 09:00", "03-30 09:00"]
    with pytest.raises(ObjectDoesNotExist):
        restore_occurrence(event, day(9), by=agent)


def test_what_is_undone_is_told_with_whether_the_time_changed(weekly, agent):
    edit_occurrence(weekly, day(9), changes={"title": "Late showing"}, by=agent)
    cancel_occurrence(weekly, day(16), by=agent)
    for undone in (day(9), day(16)):
        restore_occurrence(weekly, undone, by=agent)
    assert [fact.moved for fact in told("occurrence.restored")] == [False, True]


def test_an_added_date_that_is_undone_is_told_as_cancelled(plan, agent):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY, rdates=[day(4)])
    restore_occurrence(event, day(4), by=agent)
    assert [fact.recurrence_id for fact in told("occurrence.cancelled")] == ["2026-03-04T09:00:00"]


def test_a_date_that_is_put_back_is_booked_again_unless_it_is_taken_meanwhile(weekly, plan, room, agent):
    book_resource(weekly, room, by=agent)
    cancel_occurrence(weekly, day(9), by=agent)
    other = plan("2026-03-09T09:30", title="Valuation")
    (taken,) = book_resource(other, room, by=agent)
    with pytest.raises(BookingConflict):
        restore_occurrence(weekly, day(9), by=agent)
    assert "03-09 09:00" not in dates(weekly)
    cancel_booking(taken, by=agent)
    restore_occurrence(weekly, day(9), by=agent)
    assert [key for key, _ in held(weekly)] == [
        "03-02 09:00",
        "03-09 09:00",
        "03-16 09:00",
        "03-23 09:00",
        "03-30 09:00",
    ]


# All of it, with dates that differ


def test_a_series_moved_by_an_hour_keeps_the_dates_that_differ(weekly, agent):
    edit_occurrence(weekly, day(9), changes={"title": "Other"}, by=agent)
    edit_occurrence(weekly, day(16), changes={"starts_at": day(17, 15)}, by=agent)
    edit_event(weekly, changes={"starts_at": day(2, 10)}, by=agent)
    assert dates(weekly) == ["03-02 10:00", "03-09 10:00", "03-17 15:00", "03-23 10:00", "03-30 10:00"]
    assert {row.recurrence_id: row.patch() for row in weekly.overrides.all()} == {
        day(9, 10): {"title": "Other"}, day(16, 10): {"starts_at": day(17, 15)},
    }  # fmt: skip


def test_a_daily_series_moved_by_a_day_carries_neighbouring_dates_and_answers_along(plan, agent, coordinator):
    event = plan("2026-03-02T09:00", recurrence="FREQ=DAILY;COUNT=4")
    (attendee,) = invite(event, attendees=[coordinator], by=agent)
    for date, status in ((day(2), "declined"), (day(3), "tentative")):
        rsvp(event, status=status, recurrence_id=date, by=coordinator)
    edit_occurrence(event, day(2), changes={"title": "First"}, by=agent)
    edit_occurrence(event, day(3), changes={"title": "Second"}, by=agent)
    edit_event(event, changes={"starts_at": day(3)}, by=agent)
    answers = dict(attendee.answers.values_list("recurrence_id", "status"))
    assert answers == {day(3): "tentative", day(2): "declined"}
    assert dict(event.overrides.values_list("recurrence_id", "title")) == {day(3): "Second"}


def test_dates_that_a_new_rule_does_not_name_forget_what_differed(weekly, agent):
    edit_occurrence(weekly, day(9), changes={"starts_at": datetime(2027, 6, 1, 9)}, by=agent)
    edit_event(weekly, changes={"recurrence": "FREQ=MONTHLY;BYMONTHDAY=2;COUNT=2"}, by=agent)
    assert dates(weekly) == ["03-02 09:00", "04-02 09:00"]
    assert not weekly.overrides.exists()
    assert fresh(weekly).until_utc == datetime(2026, 4, 2, 14, tzinfo=UTC)


# A date and all that follow


def test_from_a_date_on_a_count_is_shared_out(weekly, agent):
    child = edit_following(weekly, day(16), changes={"starts_at": day(16, 14), "title": "Later"}, by=agent)
    assert (fresh(weekly).recurrence, child.recurrence) == (
        "FREQ=WEEKLY;BYDAY=MO;COUNT=2", "FREQ=WEEKLY;BYDAY=MO;COUNT=3",
    )  # fmt: skip
    assert dates(weekly) == ["03-02 09:00", "03-09 09:00"]
    assert dates(child) == ["03-16 14:00", "03-23 14:00", "03-30 14:00"]
    assert (child.follows, child.title, fresh(weekly).title) == (weekly, "Later", "Showing")
    assert child.uid != weekly.uid
    (fact,) = told("event.split")
    assert (fact.event_id, fact.into_id, fact.recurrence_id) == (weekly.pk, child.pk, "2026-03-16T09:00:00")


@pytest.mark.parametrize(
    ("start", "fields", "date", "ended"),
    [
        ("2026-03-02T09:00", {"recurrence": "FREQ=WEEKLY"}, day(16), "FREQ=WEEKLY;UNTIL=20260316T085959"),
        (
            "2026-03-02T00:00",
            {"recurrence": "FREQ=WEEKLY;UNTIL=20261231", "all_day": True, "duration_minutes": 1440},
            day(16, 0),
            "FREQ=WEEKLY;UNTIL=20260315",
        ),
    ],
)
def test_without_a_count_the_series_ends_a_second_before_and_the_day_is_not_doubled(
    plan, agent, start, fields, date, ended
):
    event = plan(start, **fields)
    whole = dates(event)
    child = edit_following(event, date, changes={"title": "Later"}, by=agent)
    assert fresh(event).recurrence == ended
    assert child.recurrence == fields["recurrence"]
    assert dates(event) + dates(child) == whole


def test_from_the_first_date_on_is_the_whole_series_also_when_an_earlier_one_was_cancelled(weekly, agent):
    assert edit_following(weekly, day(2), changes={"title": "All"}, by=agent) == weekly
    cancel_occurrence(weekly, day(2), by=agent)
    same = edit_following(weekly, day(9), changes={"starts_at": day(9, 11)}, by=agent)
    assert (same, Event.objects.count()) == (weekly, 1)
    assert dates(weekly) == ["03-09 11:00", "03-16 11:00", "03-23 11:00", "03-30 11:00"]


def test_what_is_exceptional_answered_and_recorded_goes_with_its_dates(plan, agent, coordinator):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=6", rdates=[day(4), day(25)], exdates=[day(23)])
    (attendee,) = invite(event, attendees=[coordinator], by=agent)
    rsvp(event, status="tentative", by=coordinator)
    for date in (day(9), day(30)):
        rsvp(event, status="declined", recurrence_id=date, by=coordinator)
        Attendance.objects.create(attendee=attendee, recurrence_id=date, status="absent")
    edit_occurrence(event, day(9), changes={"title": "Early"}, by=agent)
    edit_occurrence(event, day(30), changes={"title": "Late"}, by=agent)
    child = fresh(edit_following(event, day(16), changes={"location": "Garden"}, by=agent))
    parent = fresh(event)
    assert (parent.rdates, parent.exdates, [row.title for row in parent.overrides.all()]) == ([day(4)], [], ["Early"])
    assert (child.rdates, child.exdates, [row.title for row in child.overrides.all()]) == (
        [day(25)], [day(23)], ["Late"],
    )  # fmt: skip
    theirs = child.attendees.get()
    assert (theirs.user, theirs.status) == (coordinator, "tentative")
    for model in (OccurrenceAnswer, Attendance):
        rows = model.objects.order_by("recurrence_id").values_list("attendee", "recurrence_id")
        assert list(rows) == [(attendee.pk, day(9)), (theirs.pk, day(30))]


def test_bookings_and_reminders_from_there_on_belong_to_the_new_series(plan, room, van, agent):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY, reminders=[ReminderWish(30)])
    bookings = {booking.recurrence_id: booking.pk for booking in book_resource(event, room, by=agent)}
    book_resource(event, van, recurrence_id=day(23), by=agent)
    child = edit_following(event, day(16), changes={"starts_at": day(16, 14)}, by=agent)
    assert held(event) == [("03-02 09:00", "03-02 14:00"), ("03-09 09:00", "03-09 13:00")]
    assert held(child) == [
        ("03-16 14:00", "03-16 18:00"), ("03-23 14:00", "03-23 18:00"), ("03-23 14:00", "03-23 18:00"),
        ("03-30 14:00", "03-30 18:00"),
    ]  # fmt: skip
    assert set(child.bookings.holding().filter(resource=room).values_list("pk", flat=True)) <= set(bookings.values())
    assert [row.resource for row in child.resources_wanted.all()] == [room]
    assert pending(event) == ["03-02 14:00", "03-09 13:00"]
    assert pending(child) == ["03-16 18:00", "03-23 18:00", "03-30 18:00"]


def test_a_reminder_that_was_sent_is_not_sent_again_by_the_new_series(plan, agent, clock):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY, reminders=[ReminderWish(3 * 24 * 60)])
    clock.move_to(datetime(2026, 3, 14, 12, tzinfo=UTC))
    jobs.send_due_reminders()
    child = edit_following(event, day(16), changes={"title": "Later"}, by=agent)
    jobs.send_due_reminders()
    assert [fact.recurrence_id for fact in told("reminder.due")].count("2026-03-16T09:00:00") == 1
    assert child.reminder_deliveries.get(state="sent").recurrence_id == day(16)
    assert child.reminder_deliveries.get(state="sent").reminder == child.reminders.get()


def test_a_move_of_what_follows_onto_somebody_elses_booking_leaves_one_series(weekly, plan, room, agent):
    book_resource(plan("2026-03-23T14:00", title="Valuation"), room, by=agent)
    book_resource(weekly, room, by=agent)
    with pytest.raises(BookingConflict):
        edit_following(weekly, day(16), changes={"starts_at": day(16, 14)}, by=agent)
    assert (Event.objects.count(), len(dates(weekly)), len(held(weekly))) == (2, 5, 5)


def test_nothing_changed_splits_nothing(weekly, agent):
    assert edit_following(weekly, day(16), changes={"title": "Showing", "starts_at": day(16)}, by=agent) == weekly
    assert Event.objects.count() == 1


def test_the_count_of_the_whole_sent_back_is_not_given_to_what_follows(weekly, agent):
    rest = edit_following(weekly, day(16), changes={"title": "Evening", "recurrence": WEEKLY, "exdates": []}, by=agent)
    assert dates(rest) == ["03-16 09:00", "03-23 09:00", "03-30 09:00"]


def test_dates_without_a_rule_are_split_too(plan, agent):
    event = plan("2026-03-02T09:00", rdates=[day(4), day(6), day(9)])
    child = edit_following(event, day(6), changes={"title": "Later"}, by=agent)
    assert (dates(event), dates(child)) == (["03-02 09:00", "03-04 09:00"], ["03-06 09:00", "03-09 09:00"])


def test_all_that_follow_are_cancelled_with_what_differed(plan, room, agent, coordinator):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY", reminders=[ReminderWish(30)])
    (attendee,) = invite(event, attendees=[coordinator], by=agent)
    book_resource(event, room, by=agent)
    edit_occurrence(event, day(23), changes={"starts_at": datetime(2027, 6, 1, 9)}, by=agent)
    rsvp(event, status="declined", recurrence_id=day(30), by=coordinator)
    cancel_following(event, day(16), by=agent)
    assert dates(event) == ["03-02 09:00", "03-09 09:00"]
    assert len(held(event)) == 2
    assert set(pending(event)) == {"03-02 14:00", "03-09 13:00"}
    assert (event.overrides.exists(), attendee.answers.exists()) == (False, False)
    assert fresh(event).until_utc < datetime(2026, 3, 17, tzinfo=UTC)
    cancel_following(event, day(2), by=agent)
    assert fresh(event).is_cancelled


def test_what_has_begun_stays_as_it_was(plan, room, agent, clock):
    event = plan("2026-03-02T09:00", recurrence=WEEKLY, reminders=[])
    book_resource(event, room, by=agent)
    clock.move_to(datetime(2026, 3, 17, tzinfo=UTC))
    edit_following(event, day(9), changes={"starts_at": day(9, 14)}, by=agent)
    child = Event.objects.get(follows=event)
    assert held(child) == [
        ("03-09 09:00", "03-09 13:00"), ("03-16 09:00", "03-16 13:00"),
        ("03-23 14:00", "03-23 18:00"), ("03-30 14:00", "03-30 18:00"),
    ]  # fmt: skip
    assert not ReminderDelivery.objects.exists()
