# ruff: noqa: DTZ001, DTZ007  a local start has no zone, that is the point
"""The pure expansion, held against python-dateutil and the published known answers."""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from events.recurrence import RuleInvalid, bounds, local_starts, localise_until, parse_rule

CASES = json.loads((Path(__file__).parent / "dateutil_rrule_cases.json").read_text())
FAR = timedelta(days=366 * 100)


def expand(text, start, *, after=None, until=None):
    rule = parse_rule(text)
    last = bounds(rule, start).last
    until = min(until or start + FAR, last or start + FAR)
    return list(local_starts(rule, start, after=after or start, until=until))


def refused_because(text, start):
    """The sentence that refuses a rule; None when it is admitted."""
    try:
        bounds(parse_rule(text), start)
    except RuleInvalid as refused:
        return str(refused)
    return None


def refusal(text, start=datetime(2026, 3, 2, 9)):
    with pytest.raises(RuleInvalid) as refused:
        bounds(parse_rule(text), start)
    return str(refused.value)


def known(case):
    start = datetime.strptime(case["dtstart"], "%Y%m%dT%H%M%S")
    return start, [datetime.strptime(text, "%Y%m%dT%H%M%S") for text in case["expected"]]


# Of the 234 published cases these are not admitted: rules of clock time, which an event of one start a day does not
# have, dateutil's own BYEASTER, and what RFC 5545 forbids (dateutil computes it, other calendars refuse it).
REFUSED = {
    "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY.": 57,
    "BYHOUR is not possible: an event has one start time a day.": 33,
    "BYEASTER is not a part of a rule that is known here.": 21,
    "BYMINUTE is not possible: an event has one start time a day.": 16,
    "BYWEEKNO goes with FREQ=YEARLY only.": 15,
    "BYYEARDAY goes with FREQ=YEARLY only.": 12,
    "BYSECOND is not possible: an event has one start time a day.": 8,
    "BYMONTHDAY does not go with FREQ=WEEKLY.": 4,
    "That many occurrences take more than 100 years.": 1,
}


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case['test']}" for n, case in enumerate(CASES)])
def test_the_known_answers_of_dateutil_are_ours_or_refused_with_a_reason(case):
    start, expected = known(case)
    if refused := refused_because(case["rrule"], start):
        assert refused in REFUSED
        return
    rule = parse_rule(case["rrule"])
    limits = bounds(rule, start)
    ours = local_starts(rule, start, after=start, until=limits.last or start + FAR)
    assert [local for local, _ in zip(ours, expected, strict=False)] == expected
    if limits.last is not None and rule.count is not None:
        assert len(expected) == rule.count


def test_what_is_refused_of_the_known_answers_is_what_we_say():
    reasons = Counter(refused_because(case["rrule"], known(case)[0]) for case in CASES)
    assert {reason: number for reason, number in reasons.items() if reason} == REFUSED


WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
starts = st.datetimes(datetime(1990, 1, 1), datetime(2040, 12, 31)).map(lambda d: d.replace(microsecond=0))
days = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4, unique=True).map(",".join)
nths = st.lists(
    st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1, -2, -5]), st.sampled_from(WEEKDAYS)).map(lambda p: f"{p[0]}{p[1]}"),
    min_size=1,
    max_size=3,
    unique=True,
).map(",".join)


def numbers(high, *, signed=True):
    values = st.integers(-high if signed else 1, high).filter(bool)
    return st.lists(values, min_size=1, max_size=4, unique=True).map(lambda v: ",".join(map(str, v)))


PARTS = {
    "DAILY": {"BYDAY": days, "BYMONTH": numbers(12, signed=False), "BYMONTHDAY": numbers(31)},
    "WEEKLY": {"BYDAY": days, "BYMONTH": numbers(12, signed=False)},
    "MONTHLY": {"BYDAY": st.one_of(days, nths), "BYMONTH": numbers(12, signed=False), "BYMONTHDAY": numbers(31)},
    "YEARLY": {
        "BYDAY": st.one_of(days, nths),
        "BYMONTH": numbers(12, signed=False),
        "BYMONTHDAY": numbers(31),
        "BYYEARDAY": numbers(366),
    },
}


@st.composite
def rules(draw):
    """A random rule that dateutil and RFC 5545 read alike (where they differ stands in tests of its own)."""
    frequency = draw(st.sampled_from(list(PARTS)))
    parts = {"FREQ": frequency}
    for name, values in PARTS[frequency].items():
        if draw(st.booleans()):
            parts[name] = draw(values)
    if frequency == "YEARLY" and draw(st.integers(0, 3)) == 0:
        # dateutil knows the tail of a year only as week 1 of the next, hence 1..51 and -1..-51 from both ends.
        parts = {
            "FREQ": frequency,
            "BYWEEKNO": draw(numbers(51)),
            **({"BYDAY": draw(days)} if draw(st.booleans()) else {}),
        }
    if draw(st.booleans()):
        parts["INTERVAL"] = str(draw(st.integers(1, 7)))
    if draw(st.booleans()):
        parts["WKST"] = draw(st.sampled_from(WEEKDAYS))
    if (
        frequency in {"MONTHLY", "YEARLY"}
        and len(parts.keys() - {"FREQ", "INTERVAL", "WKST"})
        and draw(st.integers(0, 2)) == 0
    ):
        parts["BYSETPOS"] = draw(numbers(5))
    return ";".join(f"{name}={value}" for name, value in parts.items())


def by_dateutil(text, start, until):
    return list(rrulestr(f"RRULE:{text};UNTIL={until:%Y%m%dT%H%M%S}", dtstart=start))


@settings(max_examples=600, deadline=None)
@given(rules(), starts)
def test_a_random_rule_gives_what_dateutil_gives(text, start):
    until = start + timedelta(days=365 * 6)
    try:
        bounds(parse_rule(text), start)
    except RuleInvalid:
        return
    assert list(local_starts(parse_rule(text), start, after=start, until=until)) == by_dateutil(text, start, until)


@settings(max_examples=600, deadline=None)
@given(rules(), starts, st.integers(0, 4000), st.integers(1, 400), st.booleans())
def test_jumping_to_a_window_gives_the_same_as_counting_from_the_start(text, start, days_on, length, positions):
    if positions and "FREQ=WEEKLY" in text:
        text += ";BYDAY=MO,WE,FR;BYSETPOS=1,-1" if "BYDAY" not in text else ";BYSETPOS=-1"
    rule = parse_rule(text)
    after = start + timedelta(days=days_on)
    until = after + timedelta(days=length)
    everything = list(local_starts(rule, start, after=start, until=until))
    assert list(local_starts(rule, start, after=after, until=until)) == [
        local for local in everything if local >= after
    ]


@settings(max_examples=200, deadline=None)
@given(rules(), starts, st.integers(1, 60))
def test_a_count_ends_where_counting_ends(text, start, number):
    try:
        limits = bounds(parse_rule(f"{text};COUNT={number}"), start)
    except RuleInvalid:
        return
    found = expand(f"{text};COUNT={number}", start)
    assert len(found) == number
    assert (found[0], found[-1]) == (limits.first, limits.last)


def test_the_tail_of_a_year_belongs_to_the_weeks_of_both_ends():
    # 2026 has 53 weeks; 31 December 2029 is a Monday in week 1 of 2030.
    assert expand("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", datetime(2026, 1, 1, 9), until=datetime(2031, 1, 1)) == [
        datetime(2026, 12, 28, 9)
    ]
    assert datetime(2029, 12, 31, 9) in expand(
        "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", datetime(2026, 1, 1, 9), until=datetime(2031, 1, 1)
    )


def test_plain_and_numbered_weekdays_may_stand_together():
    found = expand("FREQ=MONTHLY;BYDAY=MO,2TU", datetime(2026, 3, 1, 9), until=datetime(2026, 3, 31))
    assert [local.day for local in found] == [2, 9, 10, 16, 23, 30]


def test_a_weekly_position_chooses_from_the_whole_week_even_in_the_first():
    found = expand("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", datetime(2026, 3, 4, 9), until=datetime(2026, 3, 20))
    assert found == [datetime(2026, 3, 9, 9), datetime(2026, 3, 16, 9)]


def test_the_weeks_of_a_fortnight_depend_on_where_the_week_begins():
    every = "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU"
    start = datetime(1997, 8, 5, 9)
    assert [local.day for local in expand(f"{every};WKST=MO", start)] == [5, 10, 19, 24]
    assert [local.day for local in expand(f"{every};WKST=SU", start)] == [5, 17, 19, 31]


def test_a_date_alone_as_until_means_that_whole_local_day():
    start = datetime(2026, 3, 2, 20)
    assert len(expand("FREQ=DAILY;UNTIL=20260304", start)) == 3
    assert len(expand("FREQ=DAILY;UNTIL=20260304T195959", start)) == 2
    assert len(expand("FREQ=DAILY;UNTIL=20260304T200000", start)) == 3


def test_an_until_in_utc_is_kept_as_the_local_time_it_means():
    assert localise_until("FREQ=DAILY;UNTIL=20260305T010000Z", "America/New_York") == "FREQ=DAILY;UNTIL=20260304T200000"
    assert localise_until("FREQ=DAILY;UNTIL=20260304T100000Z", "Pacific/Auckland") == "FREQ=DAILY;UNTIL=20260304T230000"


def test_a_start_that_the_rule_does_not_name_moves_to_its_first_date():
    assert bounds(parse_rule("FREQ=WEEKLY;BYDAY=MO;COUNT=2"), datetime(2026, 3, 4, 9)).first == datetime(2026, 3, 9, 9)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write a rule like"),
        ("every monday", "is not of the form NAME=VALUE"),
        ("BYDAY=MO", "FREQ must be"),
        ("FREQ=SECONDLY", "FREQ must be"),
        ("FREQ=HOURLY;COUNT=3", "FREQ must be"),
        ("FREQ=DAILY;BYHOUR=9,10", "one start time a day"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "do not go together"),
        ("FREQ=DAILY;COUNT=0", "COUNT takes whole numbers from 1"),
        ("FREQ=DAILY;COUNT=-2", "COUNT takes whole numbers from 1"),
        ("FREQ=DAILY;COUNT=99999999", "COUNT takes whole numbers from 1"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL takes whole numbers from 1"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH takes whole numbers from 1 to 12"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "counts from 1"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY takes whole numbers"),
        ("FREQ=MONTHLY;BYDAY=XX", "takes weekdays"),
        ("FREQ=MONTHLY;BYDAY=0MO", "counts from 1"),
        ("FREQ=WEEKLY;BYDAY=1MO", "goes with FREQ=MONTHLY or YEARLY only"),
        ("FREQ=WEEKLY;FREQ=DAILY", "stands twice"),
        ("FREQ=DAILY;RSCALE=HEBREW", "not a part of a rule"),
        ("FREQ=DAILY;X-ODD=1", "not a part of a rule"),
        ("FREQ=DAILY;BYSETPOS=1", "needs another BY"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL must be"),
        ("FREQ=DAILY;UNTIL=20261340", "UNTIL must be"),
        ("FREQ=DAILY;UNTIL=20250101", "names no date at all"),
        ("FREQ=DAILY;UNTIL=22000101", "at most 100 years"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "names no date at all"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "names no date at all"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "names no date at all"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=4", "names no date at all"),
        ("FREQ=YEARLY;COUNT=200", "more than 100 years"),
        ("FREQ=DAILY;" + "BYMONTH=1," * 100, "at most 500 characters"),
        ("FREQ=DAILY;BYDAY=٣MO", "BYDAY takes whole numbers"),
    ],
)
def test_a_rule_out_of_bounds_is_refused_with_a_sentence(text, sentence):
    assert sentence in refusal(text)


@pytest.mark.parametrize("text", ["rrule:freq=weekly; byday=mo", "FREQ=WEEKLY;BYDAY=MO;"])
def test_a_rule_may_be_written_carelessly(text):
    assert parse_rule(text).text.startswith("FREQ=WEEKLY;BYDAY=MO")


def test_a_window_far_from_the_start_costs_no_more_than_a_near_one():
    rule = parse_rule("FREQ=DAILY")
    far = datetime(2126, 1, 1)
    assert next(local_starts(rule, datetime(2026, 1, 1, 9), after=far, until=far + timedelta(days=1))).date() == date(
        2126, 1, 1
    )
