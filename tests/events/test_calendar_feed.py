"""The secret feed: calendar programs read a calendar as whoever opened the feed may."""

from datetime import UTC, datetime
from typing import Any

import icalendar
import pytest

from estateman.people.models import FeedToken
from events.models import Access
from events.services import archive_calendar, cancel_event, edit_event, share_calendar, unshare_calendar

pytestmark = pytest.mark.usefixtures("clock")


def opened(api, user, calendar) -> str:
    answer = api(user).post(f"/api/v1/calendars/{calendar.pk}/feed")
    assert answer.status_code == 201
    return answer.json()["url"].partition("/api/v1")[2].join(["/api/v1", ""])


def read(answer) -> Any:
    return icalendar.Calendar.from_ical(answer.content)


def titles(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [str(event["SUMMARY"]) for event in read(answer).events]


@pytest.fixture
def nobody(client):
    return client


def test_a_calendar_program_reads_it_with_the_address_alone(api, nobody, agent, calendar, plan):
    plan("2026-03-09T09:00", location="12 Quay Street")
    answer = nobody.get(opened(api, agent, calendar), headers={"accept": "text/calendar, */*;q=0.5"})
    assert titles(answer) == ["Showing"]
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Referrer-Policy"] == "no-referrer"
    whole = read(answer)
    assert whole["X-WR-CALNAME"] == "Alex"
    assert whole.events[0]["LOCATION"] == "12 Quay Street"


def test_what_has_not_changed_is_not_sent_again(api, nobody, agent, calendar, plan):
    event = plan("2026-03-09T09:00", recurrence="FREQ=DAILY;COUNT=3")
    url = opened(api, agent, calendar)
    first = nobody.get(url)
    again = nobody.get(url, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    edit_event(event, changes={"exdates": [datetime(2026, 3, 10, 9)]}, by=agent)  # noqa: DTZ001  local
    assert nobody.get(url, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_single_events_are_shown_near_and_series_whole(api, nobody, agent, calendar, plan):
    plan("2024-12-01T09:00", title="Long ago")
    plan("2025-06-01T09:00", title="Last year")
    plan("2027-12-01T09:00", title="Next year")
    plan("2029-01-01T09:00", title="Far ahead")
    plan("2020-01-01T09:00", title="Old series", recurrence="FREQ=YEARLY;COUNT=3")
    cancel_event(plan("2026-03-09T09:00", title="Cancelled"), by=agent)
    assert titles(nobody.get(opened(api, agent, calendar))) == ["Old series", "Last year", "Next year"]


def test_free_busy_shows_when_and_nothing_else(api, nobody, agent, stranger, calendar, plan):
    event = plan("2026-03-09T09:00", title="Secret sale", location="12 Quay Street", description="Two bidders")
    plan("2026-03-09T12:00", title="Birthday", is_busy=False)
    share_calendar(calendar, user=stranger, access=Access.FREE_BUSY, by=agent)
    answer = nobody.get(opened(api, stranger, calendar))
    assert titles(answer) == ["Busy"]
    for word in (b"Secret", b"Quay", b"bidders", b"Birthday", event.uid.encode()):
        assert word not in answer.content
    (seen,) = read(answer).events
    assert seen["DTSTART"].dt.astimezone(UTC) == datetime(2026, 3, 9, 13, tzinfo=UTC)


def test_rights_are_those_of_today(api, nobody, agent, stranger, calendar, plan):
    plan("2026-03-09T09:00")
    share = share_calendar(calendar, user=stranger, access=Access.READ, by=agent)
    url = opened(api, stranger, calendar)
    assert titles(nobody.get(url)) == ["Showing"]
    share_calendar(calendar, user=stranger, access=Access.FREE_BUSY, by=agent)
    assert titles(nobody.get(url)) == ["Busy"]
    unshare_calendar(share, by=agent)
    assert nobody.get(url).status_code == 404


def test_a_new_address_ends_the_old_one_and_each_has_their_own(api, nobody, agent, manager, calendar):
    mine, theirs = opened(api, agent, calendar), opened(api, manager, calendar)
    new = opened(api, agent, calendar)
    assert [nobody.get(url).status_code for url in (mine, theirs, new)] == [404, 200, 200]
    assert api(agent).delete(f"/api/v1/calendars/{calendar.pk}/feed").status_code == 204
    assert [nobody.get(url).status_code for url in (theirs, new)] == [200, 404]


def test_the_secret_is_kept_as_a_digest(api, agent, calendar):
    secret = opened(api, agent, calendar).partition("token=")[2]
    assert secret not in FeedToken.objects.get().digest


def test_whoever_left_reads_nothing(api, nobody, agent, calendar):
    url = opened(api, agent, calendar)
    agent.is_active = False
    agent.save()
    assert nobody.get(url).status_code == 404


def test_the_feed_of_one_calendar_opens_no_other(api, nobody, agent, calendar, team_calendar):
    url = opened(api, agent, calendar)
    assert nobody.get(url.replace(f"/{calendar.pk}.ics", f"/{team_calendar.pk}.ics")).status_code == 404


@pytest.mark.parametrize(("token", "status"), [("wrong", 404), ("", 400), ("\x00", 400), ("x" * 201, 400)])
def test_a_wrong_secret_opens_nothing(nobody, calendar, token, status):
    assert nobody.get(f"/api/v1/calendars/{calendar.pk}.ics", {"token": token}).status_code == status
    assert nobody.get(f"/api/v1/calendars/{10**30}.ics", {"token": "x"}).status_code == 404


def test_only_who_may_look_in_opens_a_feed(api, agent, stranger, calendar):
    assert api(stranger).post(f"/api/v1/calendars/{calendar.pk}/feed").status_code == 404
    assert api(None).post(f"/api/v1/calendars/{calendar.pk}/feed").status_code == 401
    archive_calendar(calendar, by=agent)
    assert api(agent).post(f"/api/v1/calendars/{calendar.pk}/feed").status_code == 404


def test_the_number_of_queries_does_not_grow(api, nobody, agent, calendar, plan, django_assert_max_num_queries):
    url = opened(api, agent, calendar)
    for number in range(12):
        plan(f"2026-03-{number + 2:02}T09:00", recurrence="FREQ=WEEKLY;COUNT=3", exdates=[])
    with django_assert_max_num_queries(8):
        assert len(titles(nobody.get(url))) == 12
