# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Planning an event or a series: what is kept, what is derived, what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
import recurrence
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from estateman.activity.models import Activity
from events.fields import RuleFormField
from events.models import Event
from events.recurrence import occurrences
from events.services import cancel_event, change_calendar, create_event, create_recurring_event, edit_event
from events.services.lock import EventCancelledAlready

pytestmark = pytest.mark.usefixtures("clock")
START = datetime(2026, 3, 2, 9)
MIDNIGHT = datetime(2026, 3, 2)


def stored(event):
    return Event.objects.get(pk=event.pk)


def test_an_event_keeps_the_local_time_as_it_was_written(plan):
    event = stored(plan("2026-03-02T09:00"))
    assert event.starts_at == START
    assert event.timezone == "America/New_York"
    assert event.first_utc == datetime(2026, 3, 2, 14, tzinfo=UTC)
    assert event.until_utc == datetime(2026, 3, 2, 15, tzinfo=UTC)
    assert Activity.objects.filter(kind="event.created").get().payload["title"] == "Showing"


def test_the_zone_that_is_active_leaves_local_times_and_rules_alone(plan):
    with timezone.override("Asia/Tokyo"):
        event = stored(plan("2026-03-02T20:00", recurrence="FREQ=WEEKLY;BYDAY=MO;UNTIL=20260401T200000"))
        assert event.starts_at == datetime(2026, 3, 2, 20)
        assert event.recurrence == "FREQ=WEEKLY;BYDAY=MO;UNTIL=20260401T200000"
        assert Event.objects.filter(starts_at=datetime(2026, 3, 2, 20)).exists()


def test_a_rule_is_stored_as_django_recurrence_reads_it_and_can_be_deferred(plan):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=10")
    text = Event._meta.get_field("recurrence").get_prep_value(event.recurrence)
    assert recurrence.deserialize(text).rrules[0].count == 10
    assert Event.objects.defer("recurrence").get(pk=event.pk).recurrence == "FREQ=WEEKLY;BYDAY=MO;COUNT=10"


def test_a_series_is_bounded_by_its_counted_rule_and_added_dates(plan):
    event = stored(
        plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=3", rdates=[datetime(2026, 4, 1, 8)])
    )
    assert event.last_local == datetime(2026, 3, 16, 9)
    assert event.until_utc == datetime(2026, 4, 1, 13, tzinfo=UTC)
    assert event.rdates == [datetime(2026, 4, 1, 8)]


def test_a_series_without_end_has_no_bound(plan):
    assert stored(plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY")).until_utc is None


def test_a_start_that_the_rule_does_not_name_moves_to_the_first_date(plan):
    assert plan("2026-03-04T09:00", recurrence="FREQ=WEEKLY;BYDAY=MO").starts_at == datetime(2026, 3, 9, 9)


def test_an_until_in_utc_is_kept_in_the_events_own_zone(plan):
    event = plan("2026-03-02T20:00", recurrence="RRULE:FREQ=DAILY;UNTIL=20260305T010000Z")
    assert event.recurrence == "FREQ=DAILY;UNTIL=20260304T200000"
    assert event.last_local == datetime(2026, 3, 4, 20)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": 366 * 24 * 60 + 1}, "duration_minutes"),
        ({"title": "x" * 201}, "title"),
        ({"all_day": True, "duration_minutes": 1440}, "starts_at"),
        ({"all_day": True, "starts_at": MIDNIGHT, "duration_minutes": 90}, "duration_minutes"),
        ({"all_day": True, "starts_at": MIDNIGHT, "duration_minutes": 1440, "rdates": [START]}, "rdates"),
        ({"starts_at": datetime(1900, 1, 1)}, "starts_at"),
        ({"starts_at": datetime(2026, 3, 2, 9, tzinfo=UTC)}, "starts_at"),
        ({"recurrence": "FREQ=HOURLY"}, "recurrence"),
        ({"recurrence": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "recurrence"),
        ({"exdates": [START]}, "exdates"),
        ({"rdates": [START + timedelta(days=n) for n in range(1001)]}, "exdates"),
        ({"status": "perhaps"}, "status"),
    ],
)
def test_what_cannot_be_is_refused_by_field(calendar, agent, fields, field):
    with pytest.raises(ValidationError) as refused:
        create_event(calendar, by=agent, **{"title": "Showing", "starts_at": START, **fields})
    assert field in refused.value.message_dict
    assert not Event.objects.exists()


def test_a_recurring_event_says_how_it_repeats(calendar, agent):
    with pytest.raises(ValidationError, match="Say how it repeats"):
        create_recurring_event(calendar, title="Showing", starts_at=START, by=agent)
    create_recurring_event(calendar, title="Showing", starts_at=START, rdates=[datetime(2026, 3, 5, 9)], by=agent)


def test_only_who_may_write_in_the_calendar_plans(calendar, stranger, manager):
    with pytest.raises(PermissionDenied):
        create_event(calendar, title="Showing", starts_at=START, by=stranger)
    create_event(calendar, title="Showing", starts_at=START, by=manager)


def test_a_new_event_takes_the_calendars_zone_and_reminders(calendar, agent):
    change_calendar(calendar, changes={"reminder_minutes": [10, 60], "timezone": "Europe/London"}, by=agent)
    calendar.refresh_from_db()
    event = create_event(calendar, title="Showing", starts_at=START, by=agent)
    assert event.timezone == "Europe/London"
    assert [reminder.minutes_before for reminder in event.reminders.all()] == [10, 60]
    silent = create_event(calendar, title="Quiet", starts_at=START, reminders=[], by=agent)
    assert not silent.reminders.exists()


def test_sending_back_what_stands_there_changes_nothing(plan, agent):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY", exdates=[datetime(2026, 3, 9, 9)])
    same = edit_event(
        event,
        changes={"title": "Showing", "starts_at": START, "exdates": [datetime(2026, 3, 9, 9)]},
        by=agent,
    )
    assert (same.version, same.sequence) == (1, 0)
    assert not Activity.objects.filter(kind="event.changed").exists()


def test_a_changed_title_moves_nothing(plan, agent):
    event = edit_event(plan("2026-03-02T09:00"), changes={"title": "Second showing"}, by=agent)
    payload = Activity.objects.get(kind="event.changed").payload
    assert (payload["changed"], payload["moved"]) == (["title"], False)
    assert (stored(event).title, stored(event).sequence, stored(event).version) == ("Second showing", 0, 2)


def test_a_moved_series_is_bounded_anew(plan, agent):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=3")
    moved = stored(edit_event(event, changes={"recurrence": "FREQ=DAILY;COUNT=3"}, by=agent))
    assert moved.last_local == datetime(2026, 3, 4, 9)
    assert moved.sequence == 1
    single = stored(edit_event(moved, changes={"recurrence": ""}, by=agent))
    assert single.last_local is None
    assert single.until_utc == datetime(2026, 3, 2, 15, tzinfo=UTC)


def test_a_date_is_left_out_of_a_series_and_taken_in_again(plan, agent):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=3")
    edit_event(event, changes={"exdates": [datetime(2026, 3, 9, 9)]}, by=agent)
    assert stored(event).exdates == [datetime(2026, 3, 9, 9)]
    edit_event(event, changes={"exdates": []}, by=agent)
    assert stored(event).exdates == []


@pytest.mark.parametrize(
    ("rule", "changes", "left_out"),
    [
        # Another hour: the same day stays out.
        ("FREQ=WEEKLY;BYDAY=MO", {"starts_at": datetime(2026, 3, 2, 14)}, datetime(2026, 3, 9, 14)),
        ("FREQ=DAILY", {"starts_at": datetime(2026, 3, 4, 14)}, datetime(2026, 3, 9, 14)),
        # Another weekday: the date goes along.
        ("FREQ=WEEKLY", {"starts_at": datetime(2026, 3, 3, 9)}, datetime(2026, 3, 10, 9)),
        ("FREQ=WEEKLY;BYDAY=MO", {"timezone": "UTC"}, datetime(2026, 3, 9, 9)),
    ],
)
def test_a_date_left_out_stays_out_when_the_series_moves(plan, agent, rule, changes, left_out):
    event = plan("2026-03-02T09:00", recurrence=rule, exdates=[datetime(2026, 3, 9, 9)])
    moved = stored(edit_event(event, changes=changes, by=agent))
    assert moved.exdates == [left_out]
    shown = occurrences(moved.series(), datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC))
    assert left_out not in [occurrence.recurrence_id for occurrence in shown]


def test_an_added_date_at_the_usual_time_follows_and_another_stays(plan, agent):
    added = [datetime(2026, 3, 4, 9), datetime(2026, 3, 5, 18)]
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY", rdates=added)
    moved = edit_event(event, changes={"starts_at": datetime(2026, 3, 2, 14)}, by=agent)
    assert stored(moved).rdates == [datetime(2026, 3, 4, 14), datetime(2026, 3, 5, 18)]


def test_a_cancelled_event_stays_but_changes_no_more(plan, agent):
    event = cancel_event(plan("2026-03-02T09:00"), by=agent)
    assert stored(event).is_cancelled
    assert Activity.objects.filter(kind="event.cancelled").count() == 1
    for act in (lambda: cancel_event(event, by=agent), lambda: edit_event(event, changes={"title": "x"}, by=agent)):
        with pytest.raises(EventCancelledAlready):
            act()


# The widget's text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", ""),
        (None, ""),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=MO"),
        # The widget sends the picked day as the instant of its midnight where the browser is.
        ("RRULE:FREQ=DAILY;UNTIL=20261231T050000Z", "FREQ=DAILY;UNTIL=20261231"),
        ("RRULE:FREQ=DAILY;UNTIL=20270101T045959Z", "FREQ=DAILY;UNTIL=20261231T235959"),
        ("RRULE:FREQ=DAILY;UNTIL=20269931T050000Z", "FREQ=DAILY;UNTIL=20269931T050000Z"),
    ],
)
def test_the_form_reads_the_widgets_text(text, rule):
    with timezone.override("America/New_York"):
        assert RuleFormField(required=False).clean(text) == rule


@pytest.mark.parametrize("text", ["RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "RRULE:FREQ=DAILY\nEXDATE:20261231T050000Z"])
def test_the_form_takes_one_rule_and_no_dates(text):
    with pytest.raises(ValidationError):
        RuleFormField(required=False).clean(text)


def test_a_rule_of_which_every_date_is_left_out_is_refused(plan):
    both = [datetime(2026, 3, day, 9) for day in (2, 9)]
    with pytest.raises(ValidationError) as refused:
        plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;COUNT=2", exdates=both)
    assert refused.value.message_dict == {"exdates": ["These leave no date at all."]}
