# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Files of other calendar programs, taken in by UID."""

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from events.feeds import entry_of
from events.ics import About, write_feed
from events.models import Access, ConflictPolicy, Event, Reminder, ReminderDelivery
from events.services import cancel_event, change_calendar, create_calendar, share_calendar
from integrations.models import Message
from tests.events.test_read_ics import GOOGLE, event, file

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def take(api, calendar, agent):
    """``take(content)``: the answer to an import into the agent's calendar, as JSON."""

    def send(content, *, by=None, into=None, status=200):
        url = f"/api/v1/calendars/{(into or calendar).pk}/import"
        answer = api(by or agent).post(url, content, content_type="text/calendar")
        assert answer.status_code == status, answer.content
        return answer.json()

    return send


def test_googles_file_is_taken_in(take):
    done = take(GOOGLE.encode())
    assert {name: done[name] for name in ("created", "updated", "unchanged")} == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
    }
    assert done["skipped"] == [{"uid": "todo@google.com", "why": "It is no event."}]
    series = Event.objects.with_series().get(uid="abc123@google.com")
    assert (series.title, series.sequence >= 2, series.recurrence[:11]) == ("Open house, Quay", True, "FREQ=WEEKLY")
    assert series.exdates == [datetime(2026, 3, 16, 9), datetime(2026, 3, 30, 9)]
    (moved,) = series.overrides.all()
    assert (moved.recurrence_id, moved.starts_at) == (datetime(2026, 3, 23, 9), datetime(2026, 3, 24, 10, 30))
    assert not Event.objects.get(uid="one@google.com").is_busy


def test_nobody_is_invited_mailed_or_reminded(take):
    take(GOOGLE.encode())
    assert not Message.objects.exists()
    assert not Reminder.objects.exists()
    assert not ReminderDelivery.objects.exists()
    assert not any(each.attendees.exists() for each in Event.objects.all())


def test_a_second_import_doubles_and_changes_nothing(take):
    take(GOOGLE.encode())
    before = list(Event.objects.order_by("pk").values())
    done = take(GOOGLE.encode())
    assert (done["created"], done["updated"], done["unchanged"]) == (0, 0, 2)
    assert list(Event.objects.order_by("pk").values()) == before


def test_an_event_becomes_what_the_file_says_now(take):
    take(GOOGLE.encode())
    moved = GOOGLE.replace("T103000", "T140000").replace("T113000", "T150000").replace("Call", "Long call")
    done = take(moved.encode())
    assert (done["created"], done["updated"]) == (0, 2)
    assert Event.objects.get(uid="one@google.com").title == "Long call"
    series = Event.objects.get(uid="abc123@google.com")
    assert series.overrides.get().starts_at == datetime(2026, 3, 24, 14)
    usual = GOOGLE.replace(
        "DTSTART;TZID=America/New_York:20260324T103000", "DTSTART;TZID=America/New_York:20260323T090000"
    )
    take(usual.replace("20260324T113000", "20260323T100000").encode())
    assert not series.overrides.exists()


def test_what_was_cancelled_there_is_cancelled_here(take, calendar, agent):
    take(file(*event("DTSTART:20260309T090000", "SUMMARY:x")))
    gone = file(*event("DTSTART:20260309T090000", "SUMMARY:x", "STATUS:CANCELLED"))
    assert take(gone)["updated"] == 1
    assert Event.objects.get().is_cancelled
    assert take(gone)["unchanged"] == 1
    assert "cancelled here" in take(file(*event("DTSTART:20260309T090000", "SUMMARY:x")))["skipped"][0]["why"]
    assert take(file(*event("STATUS:CANCELLED", "DTSTART:20260309T090000", uid="2@x")))["skipped"] == [
        {"uid": "2@x", "why": "It was cancelled there and is not here."}
    ]


def test_a_feed_of_ours_is_taken_in_as_it_was(take, calendar, agent, plan):
    own = plan(
        "2026-03-02T09:00",
        recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=5",
        exdates=[datetime(2026, 3, 9, 9)],
        rdates=[datetime(2026, 3, 11, 14)],
        location="12 Quay Street",
    )
    written = write_feed(About("Alex", calendar.timezone), [entry_of(own)])
    other = create_calendar(name="Copy", timezone="Europe/London", by=agent)
    assert take(written, into=other)["created"] == 1
    copy = Event.objects.with_series().get(calendar=other)
    for name in (
        "uid",
        "title",
        "starts_at",
        "timezone",
        "exdates",
        "rdates",
        "location",
        "first_utc",
        "until_utc",
    ):
        assert getattr(copy, name) == getattr(own, name), name


def test_what_we_wrote_changes_nothing_here(take, calendar, plan):
    own = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;UNTIL=20260401;BYDAY=MO,WE")
    done = take(write_feed(About("Alex", calendar.timezone), [entry_of(own)]))
    assert (done["created"], done["updated"], done["unchanged"], done["skipped"]) == (0, 0, 1, [])


def test_one_bad_event_keeps_no_other_from_coming(take):
    done = take(
        file(
            *event("DTSTART:20260302T090000", "RRULE:FREQ=HOURLY", uid="bad@x"),
            *event("DTSTART:20260302T090000", "DURATION:P800D", uid="long@x"),
            *event("DTSTART;TZID=Mars:20260302T090000", uid="mars@x"),
            *event("DTSTART:20260302T090000", "SUMMARY:Good", uid="good@x"),
        )
    )
    assert done["created"] == 1
    assert [each["uid"] for each in done["skipped"]] == ["bad@x", "mars@x", "long@x"]
    assert all(each["why"].endswith(".") for each in done["skipped"])
    assert Event.objects.get().title == "Good"


def test_a_date_that_the_series_has_not_is_told(take):
    done = take(
        file(
            *event("DTSTART:20260302T090000", "RRULE:FREQ=WEEKLY;COUNT=2"),
            *event("DTSTART:20260305T090000", "RECURRENCE-ID:20260304T090000"),
        )
    )
    assert done["created"] == 1
    assert done["skipped"] == [{"uid": "1@x", "why": "It does not take place on 2026-03-04 09:00."}]


@pytest.mark.parametrize("head", [(), ("METHOD:REQUEST",), ("METHOD:CANCEL",)])
def test_one_date_alone_takes_the_place_of_no_series(take, head):
    """A calendar program sends one changed date by itself; the series that stands here has many."""
    take(GOOGLE.encode())
    before = list(Event.objects.order_by("pk").values())
    lone = event(
        *("RECURRENCE-ID;TZID=America/New_York:20260406T090000", "DTSTART;TZID=America/New_York:20260406T150000"),
        uid="abc123@google.com",
    )
    done = take(file(*lone, head=head))
    assert (done["updated"], done["unchanged"]) == (0, 0)
    assert "one date of a series" in done["skipped"][0]["why"]
    assert list(Event.objects.order_by("pk").values()) == before


def test_a_calendar_that_refuses_conflicts_refuses_them_here_too(take, calendar, agent, plan):
    change_calendar(calendar, changes={"conflicts": ConflictPolicy.REFUSE}, by=agent)
    plan("2026-03-09T09:00")
    done = take(file(*event("DTSTART:20260309T093000", "DTEND:20260309T100000")))
    assert done["created"] == 0
    assert "taken" in done["skipped"][0]["why"]


def test_a_malformed_file_is_refused_whole(take):
    content = file(*event("DTSTART:20260309T090000"), "SUMMARY")
    answer = take(content, status=400)
    assert answer["errors"][0]["attr"] == "file"
    assert answer["errors"][0]["detail"] == "Line 9: 'SUMMARY' is not of the form NAME:VALUE."
    assert not Event.objects.exists()


def test_it_comes_as_a_form_as_well(api, calendar, agent):
    upload = SimpleUploadedFile("alex.ics", GOOGLE.encode(), content_type="text/calendar")
    answer = api(agent).post(f"/api/v1/calendars/{calendar.pk}/import", {"file": upload}, format="multipart")
    assert answer.json()["created"] == 2
    assert api(agent).post(f"/api/v1/calendars/{calendar.pk}/import", {}, format="multipart").status_code == 400


def test_too_much_and_other_things_are_refused(api, calendar, agent):
    url = f"/api/v1/calendars/{calendar.pk}/import"
    assert api(agent).post(url, b"x" * (8 * 1024 * 1024 + 1), content_type="text/calendar").status_code == 413
    assert api(agent).post(url, {"file": "x"}, format="json").status_code == 415
    assert api(agent).post(url, b"", content_type="text/calendar").status_code == 400


def test_readers_and_strangers_take_nothing_in(take, calendar, agent, coordinator, stranger):
    share_calendar(calendar, user=coordinator, access=Access.READ, by=agent)
    take(GOOGLE.encode(), by=coordinator, status=403)
    take(GOOGLE.encode(), by=stranger, status=404)
    assert not Event.objects.exists()


def test_an_event_cancelled_here_is_not_planned_again(take, agent):
    take(GOOGLE.encode())
    cancel_event(Event.objects.get(uid="one@google.com"), by=agent)
    done = take(GOOGLE.encode())
    assert {"uid": "one@google.com", "why": "It was cancelled here; plan it anew."} in done["skipped"]
