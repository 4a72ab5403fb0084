# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Rules in plain words."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.recurrence import RuleInvalid, describe, local_starts, parse_rule
from tests.events.test_expand_rules import rules, starts

MONDAY = datetime(2026, 3, 2, 9)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=2", "every other day"),
        ("FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU,WE,TH,FR", "every 3 days if it is a weekday"),
        ("FREQ=DAILY;BYMONTH=1,3", "every day in January and March"),
        (
            "FREQ=DAILY;BYMONTHDAY=13,-1;BYDAY=FR",
            "every day if it is the 13th or last day of a month and it is a Friday",
        ),
        ("FREQ=DAILY;COUNT=1", "once, on March 2, 2026"),
        ("FREQ=WEEKLY", "every week on Monday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=10", "every other week on Monday and Friday, 10 times"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every week on every weekday"),
        ("FREQ=WEEKLY;BYDAY=MO;BYMONTH=6,7,8", "every week on Monday in June, July and August"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=-1", "every week on the last Monday, Wednesday or Friday"),
        (
            "FREQ=WEEKLY;WKST=SU;INTERVAL=2;BYDAY=SU,TU;UNTIL=20261231",
            "every other week on Sunday and Tuesday (weeks begin on Sunday), until December 31, 2026",
        ),
        ("FREQ=MONTHLY", "every month on the 2nd"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,-1", "every month on the 1st and last day"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "every month on the third-to-last day"),
        ("FREQ=MONTHLY;BYMONTHDAY=11,22,31", "every month on the 11th, 22nd and 31st"),
        ("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", "every month on the 13th if it is a Friday"),
        ("FREQ=MONTHLY;BYDAY=2TU", "every month on the second Tuesday"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Friday"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "every month on the last weekday"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1,-2", "every month on the first and second-to-last Monday or Tuesday"),
        ("FREQ=MONTHLY;BYDAY=1MO,3FR;BYSETPOS=-1", "every month on the last of the first Monday and the third Friday"),
        ("FREQ=MONTHLY;BYMONTH=1,2;BYMONTHDAY=15", "every month on the 15th in January and February"),
        ("FREQ=YEARLY", "every year on the 2nd of March"),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", "every 4 years on the 29th of February"),
        ("FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", "every year on the last Monday of May"),
        ("FREQ=YEARLY;BYMONTH=6,7;BYDAY=-1MO", "every year on the last Monday of June and July"),
        ("FREQ=YEARLY;BYMONTH=6,7;BYDAY=MO;BYSETPOS=-1", "every year on the last Monday of June and July together"),
        ("FREQ=YEARLY;BYDAY=20MO", "every year on the 20th Monday of the year"),
        ("FREQ=YEARLY;BYMONTHDAY=1", "every year on the 1st of every month"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "every year on Monday of week 20"),
        ("FREQ=YEARLY;BYWEEKNO=20", "every year on every day of week 20"),
        ("FREQ=YEARLY;BYWEEKNO=1,2,-1;BYDAY=MO", "every year on Monday of weeks 1 and 2 and the last week of the year"),
        ("FREQ=YEARLY;BYYEARDAY=100,-1", "every year on day 100 of the year and the last day of the year"),
        (
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
            "every 4 years on the 2nd, 3rd, 4th, 5th, 6th, 7th and 8th of November if it is a Tuesday",
        ),
        ("FREQ=DAILY;UNTIL=20260304", "every day, until March 4, 2026"),
        ("FREQ=DAILY;UNTIL=20260304T085959", "every day, until March 3, 2026"),
    ],
)
def test_a_rule_reads_like_a_sentence(rule, words):
    assert describe(parse_rule(rule), MONDAY) == words


def without_one(text, position):
    """``text`` without one of its parts, which mostly changes what it means."""
    parts = text.split(";")
    del parts[1 + position % (len(parts) - 1)]
    return ";".join(parts)


@settings(max_examples=800, deadline=None)
@given(rules().filter(lambda text: ";" in text), starts, st.integers(0, 9))
def test_two_rules_that_read_alike_have_the_same_dates(text, start, position):
    other = without_one(text, position)
    try:
        pair = [parse_rule(text), parse_rule(other)]
    except RuleInvalid:
        return
    if describe(pair[0], start) == describe(pair[1], start):
        first, second = (
            list(local_starts(rule, start, after=start, until=start + timedelta(days=1500))) for rule in pair
        )
        assert first == second, (text, other)
