# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""E-mails to guests: what their mail and calendar programs make of them, and the page where they answer."""

from datetime import datetime
from email import policy
from email.parser import BytesParser
from typing import Any
from urllib.parse import urlsplit

import icalendar
import pytest
from django.test import Client

from events.models import Attendee
from events.services import (
    answer_as_guest,
    cancel_event,
    edit_event,
    invite,
    no_invitations,
    remove_attendee,
    restore_occurrence,
    rsvp,
    send_invitations,
)
from events.services.invitations import answer_link
from events.services.series import cancel_occurrence, edit_occurrence
from integrations.jobs.messages import send_messages
from integrations.models import Message
from integrations.services import create_integration
from tests.support.smtp import SmtpReceiver

pytestmark = pytest.mark.usefixtures("clock")
BUYER = "buyer@example.com"


def letters() -> list[Message]:
    return list(Message.objects.order_by("pk"))


def told(message: Message) -> Any:
    return icalendar.Calendar.from_ical(message.calendar)


def guest(event) -> Attendee:
    return event.attendees.get(email=BUYER)


@pytest.fixture
def showing(plan):
    return plan("2026-03-09T09:00", attendees=[BUYER], location="12 Quay Street")


@pytest.fixture
def series(plan):
    return plan("2026-03-09T09:00", attendees=[BUYER], recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=4")


def test_a_guest_is_invited_by_mail(showing, agent, coordinator):
    (letter,) = letters()
    assert (letter.to, letter.subject, letter.by) == (BUYER, "Invitation: Showing", agent)
    assert letter.headers == {"Reply-To": agent.email}
    for words in (letter.text, letter.html):
        assert "Monday, 9 March 2026, 9:00 AM to 10:00 AM (America/New_York)" in words
        assert "12 Quay Street" in words
        assert answer_link(guest(showing)) in words
    calendar = told(letter)
    (event,) = calendar.events
    assert (calendar["METHOD"], event["UID"], event["SEQUENCE"]) == ("REQUEST", showing.uid, 0)
    assert event["ORGANIZER"] == f"mailto:{agent.email}"
    assert event["ATTENDEE"] == f"mailto:{BUYER}"
    invite(showing, attendees=[coordinator], by=agent)
    assert len(letters()) == 1


def test_guests_are_not_told_of_each_other(showing, agent, coordinator):
    invite(showing, attendees=[coordinator, "seller@example.com"], by=agent)
    (event,) = told(letters()[-1]).events
    assert [str(each) for each in event["ATTENDEE"]] == [f"mailto:{coordinator.email}", "mailto:seller@example.com"]


def test_it_arrives_as_mail_and_calendar_programs_want_it(showing, manager):
    with SmtpReceiver() as receiver:
        create_integration(
            provider="smtp",
            name="Office mail",
            config={"host": "127.0.0.1", "port": receiver.port, "security": "none"},
            credentials={},
            by=manager,
        )
        send_messages()
        (received,) = receiver.wait_for(1)
    mail = BytesParser(policy=policy.default).parsebytes(received.message.as_bytes())
    assert mail.get_content_type() == "multipart/mixed"
    whole, attached = mail.iter_parts()
    assert whole.get_content_type() == "multipart/alternative"
    plain, html, part = whole.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert (part.get_content_type(), part["Content-Type"].params["method"]) == ("text/calendar", "REQUEST")
    assert attached.get_filename() == "invite.ics"
    for each in (part.get_content(), attached.get_content()):
        (event,) = icalendar.Calendar.from_ical(each).events
        assert event["UID"] == showing.uid


def test_changes_that_matter_are_told_and_grow_the_sequence(showing, agent):
    edit_event(showing, changes={"starts_at": datetime(2026, 3, 10, 11)}, by=agent)
    edit_event(showing, changes={"capacity": 5}, by=agent)
    edit_event(showing, changes={"title": "Second showing"}, by=agent)
    subjects = [letter.subject for letter in letters()]
    assert subjects == ["Invitation: Showing", "Changed: Showing", "Changed: Second showing"]
    sequences = [told(letter).events[0]["SEQUENCE"] for letter in letters()]
    assert sequences == [0, 1, 1]
    stamps = [told(letter).events[0]["DTSTAMP"].dt for letter in letters()]
    assert stamps == sorted(stamps)
    assert told(letters()[1]).events[0]["DTSTART"].dt.isoformat() == "2026-03-10T11:00:00-04:00"


def test_a_date_taken_out_and_one_that_differs_are_told(series, agent):
    cancel_occurrence(series, datetime(2026, 3, 16, 9), by=agent)
    edit_occurrence(series, datetime(2026, 3, 23, 9), changes={"location": "The Old Mill"}, by=agent)
    whole, date = told(letters()[-1]).events
    assert whole["EXDATE"].dts[0].dt.isoformat() == "2026-03-16T09:00:00-04:00"
    assert (date["RECURRENCE-ID"].dt.isoformat(), date["LOCATION"]) == ("2026-03-23T09:00:00-04:00", "The Old Mill")
    assert len(letters()) == 3


def test_cancelling_and_removing_tell_to_cancel(showing, agent):
    invite(showing, attendees=["seller@example.com"], by=agent)
    remove_attendee(showing.attendees.get(email="seller@example.com"), by=agent)
    removed = letters()[-1]
    assert (removed.to, removed.subject) == ("seller@example.com", "Cancelled: Showing")
    cancel_event(showing, by=agent)
    last = letters()[-1]
    assert last.to == BUYER
    calendar = told(last)
    assert (calendar["METHOD"], calendar.events[0]["STATUS"], calendar.events[0]["SEQUENCE"]) == (
        "CANCEL",
        "CANCELLED",
        1,
    )
    assert len(letters()) == 4


def test_the_same_state_is_told_once(showing, agent, clock):
    for _ in range(2):
        send_invitations(showing, showing.attendees.all(), "REQUEST", agent)
        clock.shift(1)
    assert len(letters()) == 1


def test_who_is_invited_again_is_told_again(showing, agent):
    remove_attendee(guest(showing), by=agent)
    invite(showing, attendees=[BUYER], by=agent)
    assert [told(letter)["METHOD"] for letter in letters()] == ["REQUEST", "CANCEL", "REQUEST"]


def test_nobody_is_told_of_what_is_over_or_comes_from_elsewhere(plan, agent):
    plan("2026-02-02T09:00", attendees=[BUYER])
    with no_invitations():
        event = plan("2026-03-09T09:00", attendees=[BUYER])
        edit_event(event, changes={"title": "Moved in Google"}, by=agent)
    assert letters() == []


def test_words_of_an_event_cannot_break_the_mail(plan):
    plan("2026-03-09T09:00", title="Two\nlines <b>", attendees=[BUYER])
    (letter,) = letters()
    assert letter.subject == "Invitation: Two lines <b>"
    assert "&lt;b&gt;" in letter.html
    assert len(told(letter).events) == 1


# --- The page -------------------------------------------------------------------------------------


def path(event) -> str:
    return urlsplit(answer_link(guest(event))).path


def test_a_guest_answers_without_a_login(showing, client):
    page = client.get(path(showing))
    assert page.status_code == 200
    assert "Will you come?" in page.text
    assert page["Referrer-Policy"] == "same-origin"
    assert client.post(path(showing), {"status": "accepted"}).status_code == 302
    assert guest(showing).status == "accepted"
    assert "You said that you will come." in client.get(path(showing)).text


def test_looking_answers_nothing(showing, client):
    client.get(path(showing), {"status": "accepted"})
    assert client.head(path(showing), {"status": "accepted"}).status_code == 200
    assert guest(showing).status == "needs_action"


def test_one_date_of_a_series_is_answered_by_itself(series, client):
    assert "2026-03-16T09:00:00" in client.get(path(series)).text
    client.post(path(series), {"status": "declined", "recurrence_id": "2026-03-16T09:00:00"})
    (answer,) = guest(series).answers.all()
    assert (answer.recurrence_id, answer.status) == (datetime(2026, 3, 16, 9), "declined")
    assert guest(series).status == "needs_action"


@pytest.mark.parametrize(
    "said",
    [
        {"status": "perhaps"},
        {"status": "waiting"},
        {},
        {"status": "accepted", "recurrence_id": "\x00"},
        {"status": "accepted", "recurrence_id": "2026-03-17T09:00:00"},
        {"status": "accepted", "recurrence_id": "2026-03-16T09:00:00Z"},
    ],
)
def test_an_answer_that_is_none_is_said_so(series, client, said):
    page = client.post(path(series), said)
    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert guest(series).status == "needs_action"


def test_what_is_cancelled_or_over_cannot_be_answered(showing, client, clock, agent):
    clock.move_to("2026-03-12T12:00:00Z")
    assert "This is over." in client.get(path(showing)).text
    assert "over" in client.post(path(showing), {"status": "accepted"}).text
    clock.move_to("2026-03-01T12:00:00Z")
    cancel_event(showing, by=agent)
    assert "This does not take place." in client.get(path(showing)).text


def test_a_forged_or_spent_link_opens_nothing(showing, client, agent):
    link = path(showing)
    assert client.get(f"{link}x").status_code == 404
    assert client.get("/invitations/a:b:c").status_code == 404
    remove_attendee(guest(showing), by=agent)
    assert client.get(link).status_code == 404


def test_it_takes_the_pages_own_form(showing):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path(showing), {"status": "accepted"}).status_code == 403
    page = strict.get(path(showing))
    form = {"status": "accepted", "csrfmiddlewaretoken": page.context["csrf_token"]}
    # As browsers do (Fetch standard, "append a request Origin header").
    origin = "null" if page["Referrer-Policy"] == "no-referrer" else "http://testserver"
    assert strict.post(path(showing), form, headers={"origin": origin}).status_code == 302
    assert guest(showing).status == "accepted"


def test_a_guest_who_waited_is_written_to_when_there_is_a_place(plan, settle, coordinator):
    series = plan(
        "2026-03-09T09:00", attendees=[coordinator, BUYER], recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=4", capacity=1
    )
    rsvp(series, status="accepted", by=coordinator)
    answer_as_guest(guest(series), status="accepted", recurrence_id=datetime(2026, 3, 16, 9))
    rsvp(series, status="declined", by=coordinator, recurrence_id=datetime(2026, 3, 16, 9))
    settle()
    letter = letters()[-1]
    assert (len(letters()), letter.to, letter.subject) == (2, BUYER, "You have a place: Showing")
    for words in (letter.text, letter.html):
        assert "you waited for this, and have a place now:" in words
        assert "Monday, 16 March 2026, 9:00 AM (America/New_York)" in words
        assert answer_link(guest(series)) in words
        assert "It repeats" not in words


def test_a_guest_who_waits_again_is_written_to(plan, settle, agent, coordinator):
    date = datetime(2026, 3, 16, 9)
    series = plan(
        "2026-03-09T09:00", attendees=[coordinator, BUYER], recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=4", capacity=1
    )
    answer_as_guest(guest(series), status="accepted", recurrence_id=date)
    cancel_occurrence(series, date, by=agent)
    rsvp(series, status="accepted", by=coordinator)
    restore_occurrence(series, date, by=agent)
    settle()
    letter = letters()[-1]
    assert (letter.to, letter.subject) == (BUYER, "You wait for a place: Showing")
    for words in (letter.text, letter.html):
        assert "this takes place again, but others have the places now. You are on the waiting list:" in words
        assert "Monday, 16 March 2026, 9:00 AM (America/New_York)" in words
        assert answer_link(guest(series)) in words


def test_a_place_that_was_lost_again_is_not_written_about(plan, settle, agent, coordinator):
    showing = plan("2026-03-09T09:00", attendees=[coordinator, BUYER], capacity=1)
    rsvp(showing, status="accepted", by=coordinator)
    answer_as_guest(guest(showing), status="accepted")
    rsvp(showing, status="declined", by=coordinator)
    answer_as_guest(guest(showing), status="declined")
    settle()
    assert [letter.subject for letter in letters()] == ["Invitation: Showing"]


def test_a_place_on_a_date_that_was_cancelled_meanwhile_is_not_written_about(plan, settle, agent, coordinator):
    date = datetime(2026, 3, 16, 9)
    series = plan(
        "2026-03-09T09:00", attendees=[coordinator, BUYER], recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=4", capacity=1
    )
    rsvp(series, status="accepted", by=coordinator)
    answer_as_guest(guest(series), status="accepted", recurrence_id=date)
    rsvp(series, status="declined", by=coordinator, recurrence_id=date)
    cancel_occurrence(series, date, by=agent)
    settle()
    assert "You have a place: Showing" not in [letter.subject for letter in letters()]


def test_a_place_at_what_is_over_is_not_written_about(plan, settle, clock, agent, coordinator):
    showing = plan("2026-03-09T09:00", attendees=[coordinator, BUYER], capacity=1)
    rsvp(showing, status="accepted", by=coordinator)
    answer_as_guest(guest(showing), status="accepted")
    clock.move_to("2026-03-10T12:00:00Z")
    edit_event(showing, changes={"capacity": 2}, by=agent)
    settle()
    assert [letter.subject for letter in letters()] == ["Invitation: Showing"]
