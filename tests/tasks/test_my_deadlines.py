"""My deadlines across all deals, and the calendar with the secret address."""

from datetime import date, time

import pytest
from icalendar import Calendar

from tasks import services
from tasks.models import KeyDate, KeyDateKind

MONDAY = date(2026, 5, 4)
LIST, FEED = "/api/v1/my/deadlines", "/api/v1/my/deadlines/feed"


@pytest.fixture
def busy(deal, make_task, manager, agent):
    """A deal with days for the agent, and some for others."""
    make_task("Photos", due_on=date(2026, 5, 6), assignees=[agent])
    text = make_task("Text", due_on=date(2026, 5, 4), assignees=[agent])
    services.edit_task(text, by=manager, changes={"deadline_on": date(2026, 5, 5), "deadline_time": time(17)})
    make_task("Not mine", due_on=date(2026, 5, 5))
    make_task("Some day", assignees=[agent])
    done = make_task("Done", due_on=date(2026, 5, 5), assignees=[agent])
    services.complete_task(done, by=manager, completed_on=date(2026, 5, 4))
    KeyDate.objects.create(project=deal, kind=KeyDateKind.CLOSING, name="Closing", on=date(2026, 5, 5))
    KeyDate.objects.create(project=deal, kind=KeyDateKind.INSPECTION, name="Inspection", on=None)
    met = {"on": date(2026, 5, 1), "met_on": date(2026, 5, 1)}
    KeyDate.objects.create(project=deal, kind=KeyDateKind.APPRAISAL, name="Appraisal", **met)
    return deal


def names(answer):
    return [row["name"] for row in answer.data["results"]]


def test_the_soonest_come_first_of_all_deals(busy, api, agent):
    answer = api(agent).get(LIST)
    assert names(answer) == ["Text", "Closing", "Photos"]
    text = answer.data["results"][0]
    assert (text["on"], text["at"], text["timezone"], text["is_contract"]) == (
        "2026-05-05",
        "17:00:00",
        "America/New_York",
        True,
    )


def test_they_can_be_narrowed(busy, api, agent, manager):
    other = services.open_project(name="Other", kind="lease", starts_on=MONDAY, by=manager)
    assert names(api(agent).get(f"{LIST}?until=2026-05-05")) == ["Text", "Closing"]
    assert api(agent).get(f"{LIST}?project={other.pk}").status_code == 400
    assert names(api(agent).get(f"{LIST}?project={busy.pk}")) == ["Text", "Closing", "Photos"]


def test_who_only_may_look_has_none(busy, api, manager, stranger):
    assert names(api(stranger).get(LIST)) == []
    assert names(api(manager).get(LIST)) == ["Closing"]


def test_archived_deals_are_left_out(busy, api, agent, manager):
    services.archive_project(busy, by=manager)
    assert names(api(agent).get(LIST)) == []


def test_they_take_as_many_queries_for_many(busy, api, agent, make_task, django_assert_max_num_queries):
    for number in range(15):
        make_task(f"Task {number}", due_on=MONDAY, assignees=[agent])
    with django_assert_max_num_queries(6):
        api(agent).get(LIST)


def path(url):
    return url.partition("//")[2].partition("/")[2]


def test_a_calendar_program_needs_the_address_alone(busy, api, agent):
    url = api(agent).post(FEED).data["url"]
    answer = api(None).get(f"/{path(url)}", headers={"accept": "text/calendar"})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    assert {str(event["SUMMARY"]) for event in calendar.walk("VEVENT")} == {
        "Text (12 Quay Street)",
        "Closing (12 Quay Street)",
        "Photos (12 Quay Street)",
    }


def test_a_new_address_closes_the_one_before(busy, api, agent):
    first, second = (api(agent).post(FEED).data["url"] for _ in range(2))
    assert api(None).get(f"/{path(first)}").status_code == 404
    assert api(None).get(f"/{path(second)}").status_code == 200


def test_a_closed_feed_opens_no_more(busy, api, agent):
    url = api(agent).post(FEED).data["url"]
    assert api(agent).delete(FEED).status_code == 204
    assert api(None).get(f"/{path(url)}").status_code == 404


def test_who_has_left_has_no_feed(busy, api, agent):
    url = api(agent).post(FEED).data["url"]
    agent.is_active = False
    agent.save(update_fields=["is_active"])
    assert api(None).get(f"/{path(url)}").status_code == 404


@pytest.mark.parametrize(("query", "status"), [("", 400), ("?token=", 400), ("?token=guess", 404), ("?token=%00", 400)])
def test_a_guess_opens_nothing(db, api, query, status):
    assert api(None).get(f"/api/v1/my/deadlines.ics{query}").status_code == status
