"""One's own hours, on a page."""

from datetime import date

import pytest

from events.models import WeeklyHours
from events.services import add_time_off, create_booking_page, create_calendar, set_hours


@pytest.fixture(autouse=True)
def _sunday(clock):
    return clock


def test_the_usual_week_is_shown_where_nobody_set_one(browser):
    days = browser.get("/hours").context["week_form"].days
    shown = [[str(field.value()) for field in day["spans"][0]] for day in days]
    assert shown == [["09:00:00", "17:00:00"]] * 5 + [["None", "None"]] * 2


def test_the_week_is_set(browser, agent):
    sent = {"from_0_0": "08:00", "until_0_0": "12:00", "from_0_1": "13:00", "until_0_1": "16:00", "from_5_0": "20:00"}
    assert browser.post("/hours/week", {**sent, "until_5_0": "00:00"}).status_code == 302
    spans = WeeklyHours.objects.filter(user=agent).values_list("weekday", "start_minute", "end_minute")
    assert list(spans) == [(0, 480, 720), (0, 780, 960), (5, 1200, 1440)]
    found = browser.get("/hours").context["week_form"]
    assert [str(field.value()) for field in found.days[5]["spans"][0]] == ["20:00:00", "00:00:00"]


@pytest.mark.parametrize(
    "sent",
    [
        {"from_0_0": "09:00"},
        {"from_0_0": "12:00", "until_0_0": "09:00"},
        {"from_0_0": "09:00", "until_0_0": "12:00", "from_0_1": "11:00", "until_0_1": "13:00"},
        {"from_0_0": "\x00", "until_0_0": "12:00"},
    ],
)
def test_a_week_that_cannot_be_is_said_beside_its_day(browser, agent, sent):
    answer = browser.post("/hours/week", sent)
    assert answer.status_code == 422
    assert answer.context["week_form"].days[0]["errors"]
    assert not WeeklyHours.objects.exists()


def test_a_week_without_any_hours_is_refused_for_it_would_be_the_usual_one(browser, agent):
    set_hours(agent, weekly={0: [(480, 540)]}, by=agent)
    answer = browser.post("/hours/week", {"from_0_0": "", "until_0_0": ""})
    assert answer.status_code == 422
    assert "Give one day hours at least." in answer.content.decode()
    assert agent.weekly_hours.get().start_minute == 480


def test_more_spans_than_usual_are_all_shown(browser, agent):
    set_hours(agent, weekly={0: [(480, 540), (600, 660), (720, 780)]}, by=agent)
    assert len(browser.get("/hours").context["week_form"].days[0]["spans"]) == 3


def test_days_that_differ_are_added_replaced_and_taken_back(browser, agent):
    browser.post("/hours/days", {"date": "2026-03-06", "since": "09:00", "until": "12:00", "note": "Covers"})
    browser.post("/hours/days", {"date": "2026-03-09"})
    browser.post("/hours/days", {"date": "2026-03-06", "since": "10:00", "until": "12:00"})
    found = list(agent.hours_exceptions.all())
    assert [(each.date, each.spans) for each in found] == [
        (date(2026, 3, 6), [[600, 720]]),
        (date(2026, 3, 9), []),
    ]
    browser.post(f"/hours/days/{found[0].pk}/end")
    assert [each.date for each in agent.hours_exceptions.all()] == [date(2026, 3, 9)]


@pytest.mark.parametrize("sent", [{"date": "x"}, {"date": "9999-12-31"}, {"date": "2026-03-06", "since": "09:00"}])
def test_a_day_that_cannot_be_is_said(browser, agent, sent):
    assert browser.post("/hours/days", sent).status_code == 422
    assert not agent.hours_exceptions.exists()


def test_time_off_is_added_and_taken_back(browser, agent):
    browser.post("/hours/off", {"starts_on": "2026-03-09", "ends_on": "2026-03-13", "reason": "Holiday"})
    off = agent.time_off.get()
    assert "Holiday" in browser.get("/hours").content.decode()
    assert browser.post("/hours/off", {"starts_on": "2026-03-09", "ends_on": "2026-03-01"}).status_code == 422
    browser.post(f"/hours/off/{off.pk}/end")
    assert not agent.time_off.exists()


def test_the_leaders_set_a_colleagues_hours(client, manager, agent):
    client.force_login(manager)
    of = {"of": agent.pk}
    page = client.get("/hours", of)
    assert "Hours of Alex Agent" in page.content.decode()
    answer = client.post("/hours/week", {**of, "from_0_0": "10:00", "until_0_0": "12:00"})
    assert answer.url == f"/hours?of={agent.pk}"
    client.post("/hours/days", {**of, "date": "2026-03-09", "since": "08:00", "until": "09:00"})
    client.post("/hours/off", {**of, "starts_on": "2026-03-10", "ends_on": "2026-03-11"})
    assert [(each.weekday, each.start_minute, each.end_minute) for each in agent.weekly_hours.all()] == [(0, 600, 720)]
    assert (agent.hours_exceptions.count(), agent.time_off.count()) == (1, 1)
    client.post(f"/hours/days/{agent.hours_exceptions.get().pk}/end", of)
    client.post(f"/hours/off/{agent.time_off.get().pk}/end", of)
    assert (agent.hours_exceptions.count(), agent.time_off.count()) == (0, 0)
    assert not manager.weekly_hours.exists()


@pytest.mark.parametrize("of", ["9999", "x", "٣", "9" * 30])
def test_hours_of_nobody_are_404(client, manager, of):
    client.force_login(manager)
    assert client.get("/hours", {"of": of}).status_code == 404


def test_a_colleagues_hours_are_not_ones_own_to_set(browser, coordinator):
    of = {"of": coordinator.pk}
    assert browser.get("/hours", of).status_code == 403
    assert browser.post("/hours/week", {**of, "from_0_0": "10:00", "until_0_0": "12:00"}).status_code == 403
    assert not coordinator.weekly_hours.exists()


def test_nobody_elses_is_touched(browser, coordinator):
    off = add_time_off(coordinator, starts_on=date(2026, 3, 9), ends_on=date(2026, 3, 9), by=coordinator)
    assert browser.post(f"/hours/off/{off.pk}/end").status_code == 404


def test_my_pages_are_shown_with_their_public_address(browser, agent, settings):
    settings.SITE_URL = "https://harbour.example"
    create_calendar(name="Alex", by=agent)
    create_booking_page(slug="valuation", title="A valuation", by=agent)
    assert "https://harbour.example/book/valuation" in browser.get("/hours").content.decode()
