"""Days counted as contracts do: against tables worked out by hand, and against walking day by day."""

import csv
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.date_profiles import CALENDARS, PROFILES, install_date_profiles
from tasks.date_rules import Count, counted
from tasks.deal_rules import count_of
from tasks.models import BusinessCalendar, DateProfile, DateRule, ProjectTemplate
from tasks.workdays import Workdays

with (Path(__file__).parent / "data" / "counted_days.csv").open() as table:
    GOLDEN = list(csv.DictReader(table))

ONE_DAY = timedelta(days=1)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
# Some days that are closed, thick enough for rolls to run into each other.
CLOSED = st.frozensets(st.dates(date(2026, 5, 1), date(2026, 7, 31)), max_size=40)
WEEKDAYS = st.frozensets(st.integers(0, 6), min_size=1)
CALENDAR = st.builds(Workdays, WEEKDAYS, CLOSED)
NEAR = st.dates(date(2026, 5, 1), date(2026, 7, 31))
COUNTS = st.builds(
    Count,
    days=st.integers(0, 60),
    direction=st.sampled_from(["before", "after"]),
    counting=st.sampled_from(["business", "calendar", "off_weekends"]),
    weekend_roll=st.sampled_from(["none", "back", "forward"]),
    holiday_roll=st.sampled_from(["none", "back", "forward"]),
    skip_holidays=st.booleans(),
)


@pytest.fixture
def profiles(db: None) -> dict[str, DateProfile]:
    return {each.key: each for each in DateProfile.objects.select_related("calendar")}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_counts_as_its_source_says(profiles, profile):
    rows = [row for row in GOLDEN if row["profile"] == profile]
    workdays = profiles[profile].calendar.workdays()
    wrong = []
    for row in rows:
        rule = DateRule(direction=row["direction"])
        count = count_of(rule, profiles[profile], days=int(row["days"]))
        found = counted(date.fromisoformat(row["anchor"]), count, workdays)
        if found != date.fromisoformat(row["expected"]):
            wrong.append(f"{row}: {found:%A} {found}")
    assert len(rows) >= 20
    assert not wrong, "\n".join(wrong)


def test_every_row_cites_its_source():
    assert all(row["source"] and row["why"] for row in GOLDEN)
    assert {row["profile"] for row in GOLDEN} == set(PROFILES)


def test_the_profiles_say_where_their_rule_stands_and_to_check_the_contract(profiles):
    assert all(each.description.endswith("Check your contract: its own words go before this profile.")
               for each in profiles.values())  # fmt: skip
    assert profiles["florida-far-bar"].deadline_time == time(17, 0)


def test_what_an_office_edited_or_deleted_stays_so(db):
    DateProfile.objects.filter(key="texas-trec-money").delete()
    DateProfile.objects.filter(key="colorado").update(name="Ours")
    install_date_profiles()
    assert not DateProfile.objects.filter(key="texas-trec-money").exists()
    assert DateProfile.objects.get(key="colorado").name == "Ours"


def test_an_office_without_any_profile_gets_them_beside_the_calendars_it_has(db):
    ProjectTemplate.objects.all().delete()  # their rules count by profiles
    DateProfile.objects.all().delete()
    BusinessCalendar.objects.exclude(key="us-federal").delete()
    BusinessCalendar.objects.filter(key="us-federal").update(name="Ours")
    install_date_profiles()
    assert set(DateProfile.objects.values_list("key", flat=True)) == set(PROFILES)
    assert set(BusinessCalendar.objects.values_list("key", flat=True)) == set(CALENDARS)
    assert BusinessCalendar.objects.get(key="us-federal").name == "Ours"


def test_texas_counts_july_4_and_california_does_not_end_on_it(profiles):
    rule, wednesday = DateRule(direction="after"), date(2026, 7, 1)
    ends = {
        key: counted(wednesday, count_of(rule, profile, days=3), profile.calendar.workdays())
        for key, profile in profiles.items()
    }
    assert ends["texas-trec"] == date(2026, 7, 4)
    assert ends["california-rpa"] == date(2026, 7, 6)


def test_a_rule_s_own_way_goes_before_its_profile_s(profiles):
    rule = DateRule(direction="before", counting="business", weekend_roll="none", skip_holidays=True)
    assert count_of(rule, profiles["california-rpa"], days=3) == Count(
        days=3, direction="before", counting="business", weekend_roll="none", holiday_roll="forward", skip_holidays=True
    )


def test_without_any_profile_every_calendar_day_counts():
    assert count_of(DateRule(direction="after"), None, days=3) == Count(days=3)


@pytest.mark.parametrize(
    ("anchor", "count", "expected"),
    [
        # Friday, May 1, 2026 + 1, 2, 3; closed on Monday, May 4.
        (date(2026, 5, 1), Count(1, counting="off_weekends"), date(2026, 5, 4)),
        (date(2026, 5, 1), Count(1, counting="off_weekends", holiday_roll="forward"), date(2026, 5, 5)),
        (date(2026, 5, 1), Count(1, counting="off_weekends", weekend_roll="back"), date(2026, 5, 1)),
        (date(2026, 5, 4), Count(1, "before", counting="off_weekends"), date(2026, 5, 1)),
        (date(2026, 5, 1), Count(2, weekend_roll="forward"), date(2026, 5, 5)),
        (date(2026, 5, 1), Count(2, weekend_roll="back"), date(2026, 5, 1)),
        (date(2026, 5, 1), Count(3, weekend_roll="forward"), date(2026, 5, 4)),
        (date(2026, 5, 1), Count(3, holiday_roll="back"), date(2026, 5, 1)),
        (date(2026, 5, 1), Count(3, skip_holidays=True), date(2026, 5, 5)),
        (date(2026, 5, 5), Count(1, "before", skip_holidays=True), date(2026, 5, 3)),
        (date(2026, 5, 1), Count(1, counting="business"), date(2026, 5, 5)),
        (date(2026, 5, 3), Count(0, counting="business", weekend_roll="forward"), date(2026, 5, 3)),
    ],
)
def test_weekends_and_holidays_may_be_rolled_over_or_left_out(anchor, count, expected):
    assert counted(anchor, count, Workdays(closed=frozenset({date(2026, 5, 4)}))) == expected


@given(NEAR, COUNTS, CALENDAR)
def test_counting_is_walking_day_by_day(anchor, count, workdays):
    assert counted(anchor, count, workdays) == by_walking(anchor, count, workdays)


@given(NEAR, COUNTS, CALENDAR)
def test_a_roll_ends_on_a_business_day(anchor, count, workdays):
    day = counted(anchor, count, workdays)
    if count.days and "none" not in (count.weekend_roll, count.holiday_roll):
        assert workdays.is_workday(day)


@given(DAYS, st.integers(1, 500), CALENDAR)
def test_business_days_there_and_back_are_the_same_day(anchor, days, workdays):
    start = counted(anchor, Count(1, counting="business"), workdays)
    there = counted(start, Count(days, "after", "business"), workdays)
    assert counted(there, Count(days, "before", "business"), workdays) == start


@given(NEAR, NEAR, COUNTS, CALENDAR)
def test_a_later_anchor_never_gives_an_earlier_day(one, other, count, workdays):
    first, last = sorted((one, other))
    same_way = count.days and count.weekend_roll == count.holiday_roll
    if same_way:
        assert counted(first, count, workdays) <= counted(last, count, workdays)


@pytest.mark.parametrize("counting", ["business", "calendar"])
def test_what_leaves_the_calendar_is_refused(counting):
    with pytest.raises(OverflowError):
        counted(date(9999, 12, 30), Count(5, counting=counting), Workdays())


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (Count(3, "before", "business"), "3 business days before Closing"),
        (Count(1), "1 calendar day after Closing"),
        (Count(0), "the same day as Closing"),
        (Count(2, counting="off_weekends"), "2 calendar days after Closing, off the weekend"),
        (Count(2, skip_holidays=True), "2 calendar days without holidays after Closing"),
    ],
)
def test_a_count_says_what_it_is(count, words):
    assert count.describe("Closing") == words


def by_walking(anchor: date, count: Count, workdays: Workdays) -> date:
    """The rules word for word, a day at a time."""
    step = ONE_DAY if count.direction == "after" else -ONE_DAY
    day, left = anchor, count.days
    while left:
        day += step
        left -= counts(day, count, workdays)
    return day if count.days == 0 else landed(day, step, count, workdays)


def counts(day: date, count: Count, workdays: Workdays) -> bool:
    if count.counting == "business":
        return workdays.is_workday(day)
    return not (count.skip_holidays and day in workdays.closed)


def landed(day: date, step: timedelta, count: Count, workdays: Workdays) -> date:
    if count.counting == "off_weekends" and count.weekend_roll == "none":
        while day.weekday() not in workdays.weekdays:
            day += step
    roll = "none"
    if day in workdays.closed:
        roll = count.holiday_roll
    if day.weekday() not in workdays.weekdays and count.weekend_roll != "none":
        roll = count.weekend_roll
    while roll != "none" and not workdays.is_workday(day):
        day += ONE_DAY if roll == "forward" else -ONE_DAY
    return day
