"""An event's page, and the forms that plan and change one."""

from datetime import date, datetime, time

import pytest

from events.event_page import date_of
from events.forms.change import ChangeForm
from events.models import Access, Answer, Attendance, ConflictPolicy, Event, ResourceBooking
from events.repeats import Every, InMonth, Repeats, repeats_of
from events.services import (
    book_resource,
    cancel_event,
    change_calendar,
    create_calendar,
    create_resource,
    edit_occurrence,
    invite,
    share_calendar,
)

local = datetime.fromisoformat
HTMX = {"HX-Request": "true"}
MONDAYS = "FREQ=WEEKLY;BYDAY=MO"
NINE = local("2026-03-02T09:00")


@pytest.fixture(autouse=True)
def _sunday(clock):
    return clock


@pytest.fixture
def series(plan):
    return plan("2026-03-02T09:00", recurrence=MONDAYS)


def form(calendar=None, **fields):
    usual = {
        "title": "Showing",
        "calendar": calendar.pk if calendar else "",
        "day": "2026-03-02",
        "at": "09:00",
        "length": "60",
    }
    return {**usual, **fields}


def change(browser, event, on="2026-03-09T09:00:00", **fields):
    """Post the form as it was opened, with ``fields`` changed."""
    found = browser.get(f"/events/{event.pk}/edit?on={on}").context["form"]
    sent = {name: found[name].value() for name in found.fields}
    sent = {name: value for name, value in sent.items() if value not in (None, False)}
    return browser.post(f"/events/{event.pk}/edit?on={on}", {**sent, **fields})


@pytest.mark.parametrize(
    ("repeats", "text"),
    [
        (Repeats(), ""),
        (Repeats(Every.DAY, interval=3), "FREQ=DAILY;INTERVAL=3"),
        (Repeats(Every.WEEK), "FREQ=WEEKLY"),
        (Repeats(Every.WEEK, weekdays=(0, 3), count=10), "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=10"),
        (Repeats(Every.MONTH), "FREQ=MONTHLY"),
        (Repeats(Every.MONTH, in_month=InMonth.WEEKDAY), "FREQ=MONTHLY;BYDAY=2MO"),
        (Repeats(Every.MONTH, in_month=InMonth.LAST_WEEKDAY), "FREQ=MONTHLY;BYDAY=-1MO"),
        (Repeats(Every.YEAR, until=date(2030, 3, 9)), "FREQ=YEARLY;UNTIL=20300309T235959"),
        (Repeats(Every.OWN, rule="FREQ=DAILY;BYMONTH=3"), "FREQ=DAILY;BYMONTH=3"),
    ],
)
def test_a_rule_is_written_and_read_again(repeats, text):
    start = local("2026-03-09T09:00")
    assert repeats.text(start.date()) == text
    assert repeats_of(text, start) == repeats


@pytest.mark.parametrize(
    "text", ["FREQ=MONTHLY;BYDAY=1MO,3MO", "FREQ=YEARLY;BYMONTH=3;BYDAY=MO", "FREQ=DAILY;BYDAY=MO"]
)
def test_what_no_form_asks_for_is_kept_as_a_rule_of_ones_own(text):
    assert repeats_of(text, local("2026-03-09T09:00")) == Repeats(Every.OWN, rule=text)


def test_an_end_before_the_hour_is_the_day_before():
    found = repeats_of("FREQ=WEEKLY;BYDAY=MO;UNTIL=20260323T085959", local("2026-03-09T09:00"))
    assert found == Repeats(Every.WEEK, until=date(2026, 3, 22))


def test_an_event_is_planned_with_people_and_things(browser, calendar, coordinator, room):
    sent = form(
        calendar, people=coordinator.pk, guests="bo@example.com", rooms=room.pk, reminders=[30, 60], location="Gate"
    )
    sent |= {"every": "weekly", "weekdays": [0, 3], "ends": "count", "count": 4}
    answer = browser.post("/events/new", sent)
    event = Event.objects.get()
    assert answer.url == f"/events/{event.pk}"
    assert (event.recurrence, event.starts_at, event.location) == ("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=4", NINE, "Gate")
    assert {str(each) for each in event.attendees.all()} == {"Cora Coordinator", "bo@example.com"}
    assert event.bookings.count() == 4
    assert [each.minutes_before for each in event.reminders.all()] == [30, 60]


@pytest.mark.parametrize(("ticked", "reminded"), [([5], [30]), ([5, 60], [5, 60]), ([], [])])
def test_untouched_reminders_are_the_usual_ones_of_the_chosen_calendar(browser, calendar, agent, ticked, reminded):
    change_calendar(calendar, changes={"reminder_minutes": [5]}, by=agent)
    other = create_calendar(name="Viewings", timezone="America/New_York", by=agent)
    change_calendar(other, changes={"reminder_minutes": [30]}, by=agent)
    browser.post("/events/new", form(other, reminders=ticked))
    assert [each.minutes_before for each in Event.objects.get().reminders.order_by("minutes_before")] == reminded


def test_whole_days_are_planned(browser, calendar):
    browser.post("/events/new", form(calendar, all_day="on", days=3, at=""))
    event = Event.objects.get()
    assert (event.all_day, event.starts_at, event.duration_minutes) == (True, local("2026-03-02T00:00"), 3 * 1440)


@pytest.mark.parametrize(
    ("end", "minutes"),
    [
        ({"end_at": "21:30"}, 750),
        ({"end_day": "2026-03-03", "end_at": "09:00"}, 1440),
        # Over the spring change: 24 hours on the wall clock, of which 23 pass.
        ({"day": "2026-03-07", "end_day": "2026-03-08", "end_at": "09:00"}, 1440),
    ],
)
def test_what_lasts_long_is_planned_by_its_end(browser, calendar, end, minutes):
    browser.post("/events/new", form(calendar, length=0, **end))
    assert Event.objects.get().duration_minutes == minutes


@pytest.mark.parametrize(
    ("end", "field"),
    [
        ({}, "end_at"),
        ({"end_at": "09:00"}, "end_at"),
        ({"end_day": "2026-03-01", "end_at": "10:00"}, "end_at"),
        ({"end_day": "x", "end_at": "10:00"}, "end_day"),
        ({"end_day": "9999-12-31", "end_at": "10:00"}, "length"),
        ({"at": "", "end_at": "10:00"}, "at"),
    ],
)
def test_an_end_that_cannot_be_is_said_and_takes_the_focus(browser, calendar, end, field):
    answer = browser.post("/events/new", form(calendar, length=0, **end))
    assert (answer.status_code, field in answer.context["form"].errors) == (422, True)
    assert "autofocus" in answer.context["form"].fields[field].widget.attrs
    assert "autofocus" not in answer.context["form"].fields["title"].widget.attrs
    assert not Event.objects.exists()


def test_an_end_that_is_not_asked_for_counts_for_nothing(browser, calendar):
    browser.post("/events/new", form(calendar, end_day="2026-03-09", end_at="10:00"))
    assert Event.objects.get().duration_minutes == 60


def test_a_date_is_given_another_end(browser, series):
    assert change(browser, series, length=0, end_day="2026-03-10", end_at="07:00").status_code == 302
    assert series.overrides.get().duration_minutes == 22 * 60


def test_the_form_begins_with_what_the_address_says(browser, calendar, room):
    found = browser.get(f"/events/new?day=2026-05-01&at=14:30&resource={room.pk}").context["form"]
    assert [found[name].value() for name in ("day", "at", "rooms")] == ["2026-05-01", "14:30", [str(room.pk)]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "a\x00b"),
        ("day", "9999-01-01"),
        ("day", "1900-01-01"),
        ("at", "25:00"),
        ("length", "7"),
        ("guests", "nobody"),
        ("calendar", "9" * 30),
        ("count", "0"),
        ("rooms", "9" * 30),
        ("every", "hourly"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(browser, calendar, field, value):
    answer = browser.post("/events/new", form(calendar, every="daily") | {field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Event.objects.exists()


def test_which_address_is_none_is_said(browser, calendar):
    answer = browser.post("/events/new", form(calendar, guests="guest@example.com\nnobody; other@example.com"))
    assert answer.context["form"].errors["guests"] == ["“nobody” is no e-mail address."]


def test_a_rule_that_is_none_is_said(browser, calendar):
    answer = browser.post("/events/new", form(calendar, every="own", rule="FREQ=HOURLY"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["every"])


def test_without_a_calendar_one_is_offered(client, stranger):
    client.force_login(stranger)
    assert "No calendar to plan in" in client.get("/events/new").content.decode()
    assert client.post("/calendars/open").status_code == 302
    assert "No calendar to plan in" not in client.get("/events/new").content.decode()


def test_a_room_that_is_taken_is_said_by_date_and_the_rest_can_be_had(browser, calendar, plan, room, agent):
    book_resource(plan("2026-03-09T09:00", title="Valuation"), room, by=agent)
    sent = form(calendar, rooms=room.pk, every="weekly", ends="count", count=3)
    answer = browser.post("/events/new", sent)
    assert answer.status_code == 409
    assert answer.context["refused"].lines == ["Mon 9 Mar 2026, 9:00 AM to 10:00 AM: booked already (“Valuation”)."]
    assert Event.objects.count() == 1
    assert browser.post("/events/new", {**sent, "skip": "1"}).status_code == 302
    assert Event.objects.latest("pk").bookings.count() == 2


def test_time_that_is_taken_is_said_by_date_and_those_dates_are_left_out(browser, calendar, plan, agent):
    plan("2026-03-09T09:30", title="Valuation")
    change_calendar(calendar, changes={"conflicts": ConflictPolicy.REFUSE}, by=agent)
    sent = form(calendar, every="weekly", ends="count", count=3)
    answer = browser.post("/events/new", sent)
    assert answer.status_code == 409
    refused = answer.context["refused"]
    assert refused.lines == ["Mon 9 Mar 2026, 9:30 AM to 10:30 AM: Alex Agent has “Valuation”."]
    assert browser.post("/events/new", {**sent, "leave_out": refused.leave_out}).status_code == 302
    assert Event.objects.latest("pk").exdates == [local("2026-03-09T09:00")]


def test_the_page_tells_when_and_how_it_repeats(browser, series):
    page = browser.get(f"/events/{series.pk}?on=2026-03-09T09:00:00")
    when = page.context["when"]
    assert when.here == "Monday, 9 March 2026, 9:00 AM to 10:00 AM"
    assert when.repeats == "every week on Monday"
    assert "Repeats every week on Monday" in page.content.decode()


def test_the_page_tells_both_clocks_where_they_differ(browser, series, agent):
    agent.timezone = "Europe/London"
    agent.save()
    when = browser.get(f"/events/{series.pk}?on=2026-03-02T09:00:00").context["when"]
    assert when.here == "Monday, 2 March 2026, 2:00 PM to 3:00 PM"
    assert when.there == "Monday, 2 March 2026, 9:00 AM to 10:00 AM in America/New_York"


def test_without_a_date_the_next_is_shown(browser, series, clock):
    clock.move_to("2026-03-10T12:00:00Z")
    assert browser.get(f"/events/{series.pk}").context["key"] == "2026-03-16T09:00:00"


@pytest.mark.parametrize("on", ["2026-03-03T09:00:00", "x", "\x00", "9999-12-31T23:59:59", "0001-01-01T00:00:00"])
def test_a_date_that_there_is_not_is_not_found(browser, series, on):
    assert browser.get(f"/events/{series.pk}", {"on": on}).status_code == 404


def test_a_stranger_finds_nothing_and_a_reader_may_not_change(client, series, stranger, coordinator, calendar, agent):
    client.force_login(stranger)
    for path in ("", "/edit"):
        assert client.get(f"/events/{series.pk}{path}").status_code == 404
    share_calendar(calendar, user=coordinator, access=Access.READ, by=agent)
    client.force_login(coordinator)
    page = client.get(f"/events/{series.pk}")
    assert "data-opens" not in page.content.decode()
    assert client.get(f"/events/{series.pk}/edit").status_code == 403
    assert client.post(f"/events/{series.pk}/cancel", {"scope": "all"}, headers=HTMX).status_code == 403


def test_an_invitation_is_answered_for_one_date_and_for_all(client, series, coordinator, agent):
    invite(series, attendees=[coordinator], by=agent)
    client.force_login(coordinator)
    path = f"/events/{series.pk}/answer?on=2026-03-09T09:00:00"
    said = client.post(path, {"status": "accepted", "scope": "all"}, headers=HTMX)
    assert said.context["mine"].answer == Answer.ACCEPTED
    said = client.post(path, {"status": "declined", "scope": "this"}, headers=HTMX)
    assert (said.status_code, said.context["mine"].answer) == (200, Answer.DECLINED)
    assert client.get(f"/events/{series.pk}?on=2026-03-02T09:00:00").context["mine"].answer == Answer.ACCEPTED
    assert client.post(path, {"status": "\x00"}, headers=HTMX).status_code == 422


def test_who_came_is_noted_from_an_hour_before(browser, series, coordinator, agent, clock):
    (invited,) = invite(series, attendees=[coordinator], by=agent)
    path = f"/events/{series.pk}/attendance?on=2026-03-02T09:00:00"
    sent = {"attendee": invited.pk, "status": "absent"}
    assert browser.post(path, sent, headers=HTMX).status_code == 409
    clock.move_to("2026-03-02T13:30:00Z")
    assert browser.post(path, sent, headers=HTMX).context["comers"][0].came == Attendance.Status.ABSENT
    assert browser.post(path, {**sent, "status": "late"}, headers=HTMX).status_code == 422


def test_something_is_booked_and_given_back(browser, series, room):
    path = f"/events/{series.pk}/bookings"
    done = browser.post(f"{path}?on=2026-03-09T09:00:00", {"resource": room.pk, "scope": "this"}, headers=HTMX)
    (booked,) = done.context["bookings"]
    assert (booked.booking.status, booked.may_cancel) == ("accepted", True)
    done = browser.post(f"{path}/{booked.booking.pk}/give-back?on=2026-03-09T09:00:00", headers=HTMX)
    assert done.context["bookings"] == []


def test_what_takes_approval_is_asked_for(browser, series, manager):
    hall = create_resource(name="Hall", kind="room", needs_approval=True, by=manager)
    browser.post(f"/events/{series.pk}/bookings?on=2026-03-09T09:00:00", {"resource": hall.pk}, headers=HTMX)
    assert ResourceBooking.objects.get().status == "pending"


def test_a_booking_that_cannot_be_had_is_said_and_the_rest_offered(browser, series, plan, room, agent):
    book_resource(plan("2026-03-09T09:00", title="Valuation"), room, by=agent)
    path, sent = f"/events/{series.pk}/bookings?on=2026-03-09T09:00:00", {"resource": room.pk, "scope": "all"}
    answer = browser.post(path, sent, headers=HTMX)
    assert (answer.status_code, answer.context["refused"].has_free) == (409, True)
    assert "Book the dates that are free" in answer.content.decode()
    done = browser.post(path, {**sent, "skip": "1"}, headers=HTMX)
    assert f"on {ResourceBooking.objects.filter(event=series).count()} dates." in done.headers["HX-Trigger"]


def test_people_are_invited_and_taken_off_the_list(browser, series, coordinator):
    path = f"/events/{series.pk}/invitations"
    assert browser.post(path, {"email": "bo@example.com"}, headers=HTMX).status_code == 200
    found = browser.post(path, {"user": coordinator.pk}, headers=HTMX).context["comers"]
    assert {str(each.attendee) for each in found} == {"bo@example.com", "Cora Coordinator"}
    assert browser.post(path, {"email": "nobody"}, headers=HTMX).status_code == 422
    assert browser.post(path, {}, headers=HTMX).status_code == 422
    gone = browser.post(f"{path}/{found[0].attendee.pk}/end", headers=HTMX)
    assert len(gone.context["comers"]) == 1


def test_ones_own_reminders_are_set(browser, series, agent):
    path = f"/events/{series.pk}/remind-me"
    browser.post(path, {"minutes": [5, 60]}, headers=HTMX)
    assert [each.minutes_before for each in series.reminders.filter(user=agent)] == [5, 60]
    assert browser.post(path, {"minutes": ["9" * 15]}, headers=HTMX).status_code == 422


def test_one_date_is_changed_and_put_back(browser, series):
    assert change(browser, series, scope="this", at="11:00", title="Late showing").status_code == 302
    page = browser.get(f"/events/{series.pk}?on=2026-03-09T09:00:00")
    assert page.context["when"].here == "Monday, 9 March 2026, 11:00 AM to 12:00 PM"
    assert "Late showing" in page.content.decode()
    assert series.overrides.count() == 1
    browser.post(f"/events/{series.pk}/restore?on=2026-03-09T09:00:00", headers=HTMX)
    assert series.overrides.count() == 0


def test_a_date_and_what_follows_go_on_as_another_series(browser, series):
    answer = change(browser, series, scope="following", day="2026-03-10")
    child = Event.objects.get(follows=series)
    assert answer.url == f"/events/{child.pk}"
    assert (child.starts_at, child.recurrence) == (local("2026-03-10T09:00"), "FREQ=WEEKLY")


def test_of_so_many_times_the_rest_are_left(browser, plan):
    series = plan("2026-03-02T09:00", recurrence=f"{MONDAYS};COUNT=5")
    change(browser, series, scope="following", day="2026-03-10")
    assert Event.objects.get(follows=series).recurrence == "FREQ=WEEKLY;COUNT=4"


def test_all_dates_move_by_as_much_as_the_one_that_was_looked_at(browser, series):
    change(browser, series, scope="all", day="2026-03-10", at="10:30")
    series.refresh_from_db()
    assert (series.starts_at, series.recurrence) == (local("2026-03-03T10:30"), "FREQ=WEEKLY")


def test_saving_what_stands_changes_nothing(browser, series, agent):
    edit_occurrence(series, local("2026-03-09T09:00"), changes={"starts_at": local("2026-03-09T14:00")}, by=agent)
    before = Event.objects.get().version
    for scope in ("this", "all"):
        assert change(browser, series, scope=scope).status_code == 302
    assert Event.objects.get().version == before


def test_what_belongs_to_all_dates_is_not_changed_on_one(browser, series):
    answer = change(browser, series, scope="this", capacity=5)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["capacity"])
    answer = change(browser, series, scope="this", reminders=["10"])
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["reminders"])
    assert not series.reminders.exists()
    answer = change(browser, series, scope="this", all_day="on")
    assert answer.content.decode().count("This is the same on every date.") == 1
    assert change(browser, series, scope="all", reminders=["10"]).status_code == 302


def test_an_event_is_put_into_another_of_ones_calendars(client, series, agent, manager, calendar, team_calendar):
    create_calendar(name="Maria", by=manager)
    client.force_login(agent)
    shown = client.get(f"/events/{series.pk}/edit").context["form"]["calendar"]
    assert (shown.value(), [name for _, name in shown.field.choices]) == (calendar.pk, ["Alex", "Harbour sales"])
    one_date = change(client, series, scope="this", calendar=team_calendar.pk)
    assert (one_date.status_code, list(one_date.context["form"].errors)) == (422, ["calendar"])
    put = change(client, series, scope="all", calendar=team_calendar.pk)
    assert put.url == f"/events/{series.pk}?on=2026-03-09T09:00:00"
    assert "Harbour sales" in client.get(put.url).content.decode()
    series.refresh_from_db()
    assert series.calendar == team_calendar


def test_into_a_calendar_that_one_may_not_write_in_it_is_not_put(browser, series, coordinator, calendar):
    hers = create_calendar(name="Cora", by=coordinator)
    answer = change(browser, series, scope="all", calendar=hers.pk)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["calendar"])
    series.refresh_from_db()
    assert series.calendar == calendar


def test_the_reminders_that_a_new_calendar_brings_give_way_to_those_that_were_ticked(
    browser, series, calendar, team_calendar, agent
):
    for each, minutes in ((calendar, [30]), (team_calendar, [60])):
        change_calendar(each, changes={"reminder_minutes": minutes}, by=agent)
    series.reminders.create(minutes_before=30)
    change(browser, series, scope="all", calendar=team_calendar.pk)
    assert [each.minutes_before for each in series.reminders.all()] == [60]
    change(browser, series, scope="all", calendar=calendar.pk, reminders=["10"])
    assert [each.minutes_before for each in series.reminders.all()] == [10]


def test_an_old_form_is_refused(browser, series, agent):
    answer = change(browser, series, scope="all", title="Other", version=99)
    assert answer.status_code == 409
    words = answer.content.decode()
    assert "changed by somebody else" in words
    assert f'href="/events/{series.pk}/edit' in words


def test_a_move_onto_a_taken_room_is_said(browser, series, plan, room, agent):
    book_resource(series, room, by=agent)
    book_resource(plan("2026-03-09T11:00", title="Valuation"), room, by=agent)
    answer = change(browser, series, scope="all", at="11:00")
    assert answer.status_code == 409
    refused = answer.context["refused"]
    assert refused.lines[0].endswith("booked already (“Valuation”).")
    assert change(browser, series, scope="all", at="11:00", leave_out=refused.leave_out).status_code == 302


@pytest.mark.parametrize(("scope", "dates"), [("this", 4), ("following", 1), ("all", 0)])
def test_cancelling_asks_how_much(browser, plan, scope, dates):
    series = plan("2026-03-02T09:00", recurrence=f"{MONDAYS};COUNT=5")
    answer = browser.post(f"/events/{series.pk}/cancel?on=2026-03-09T09:00:00", {"scope": scope}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/calendar?date=2026-03-09"
    page = browser.get("/calendar?view=agenda&date=2026-03-01")
    assert [str(each) for each in page.context["messages"]] == ["“Showing” is cancelled."]
    assert sum(len(entries) for _, entries in page.context["listed"]) == dates
    assert Event.objects.get().is_cancelled == (scope == "all")


def test_which_dates_of_a_series_are_cancelled_has_to_be_said(browser, series):
    for sent in ({}, {"scope": "some"}):
        answer = browser.post(f"/events/{series.pk}/cancel", sent, headers=HTMX)
        assert (answer.status_code, answer.context["refused"].detail) == (422, "Say which dates.")
    assert not Event.objects.get().is_cancelled


def test_a_cancelled_event_is_shown_and_left_alone(browser, series, agent):
    cancel_event(series, by=agent)
    page = browser.get(f"/events/{series.pk}")
    assert "Cancelled" in page.content.decode()
    assert not page.context["may_edit"]
    assert browser.post(f"/events/{series.pk}/remind-me", {"minutes": 5}, headers=HTMX).status_code == 409


def test_what_it_falls_together_with_is_told(browser, plan):
    plan("2026-03-02T09:30", title="Valuation")
    event = plan("2026-03-02T09:00")
    lines = browser.get(f"/events/{event.pk}").context["collisions"]
    assert lines == ["Mon 2 Mar 2026, 9:30 AM to 10:30 AM: Alex Agent has “Valuation”."]


def test_a_length_of_its_own_can_be_kept(plan, agent):
    event = plan("2026-03-02T09:00", duration_minutes=47)
    shown = date_of(event, None)
    assert shown
    found = ChangeForm(event=event, date=shown, user=agent)
    assert '<option value="47" selected>47 min</option>' in str(found["length"])


def test_the_form_begins_with_the_end_of_what_lasts_past_midnight(plan, agent):
    shown = date_of(plan("2026-03-02T20:00", duration_minutes=26 * 60 + 30), None)
    assert shown
    found = ChangeForm(event=shown.event, date=shown, user=agent)
    assert "1 day 2 h 30 min" in str(found["length"])
    assert (found["end_day"].value(), found["end_at"].value()) == (date(2026, 3, 3), time(22, 30))


def test_it_costs_a_constant_number_of_queries(browser, series, agent, coordinator, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(45) as counted:
            browser.get(f"/events/{series.pk}")
        return len(counted)

    invite(series, attendees=[coordinator, "a@example.com"], by=agent)
    before = queries()
    invite(series, attendees=[f"{number}@example.com" for number in range(6)], by=agent)
    assert queries() == before
