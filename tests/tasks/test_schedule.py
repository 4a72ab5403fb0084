"""Plans in working days, held against a brute-force oracle and against plain calendars."""

import json
import os
import tarfile
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.scheduling import (
    Circle,
    Link,
    Span,
    Work,
    duration_of,
    earliest,
    fit_dates,
    is_workday,
    last_day,
    to_dates,
    workday,
    workdays_between,
)

TYPES = ("FS", "SS", "FF", "SF")
NETS = Path(os.environ.get("SCHEDULING_DATA", "."), "mpxj_nets.tar.gz")
DAYS = st.dates(date(2025, 1, 1), date(2030, 12, 31))


@st.composite
def nets(draw):
    count = draw(st.integers(1, 9))
    order = draw(st.permutations(range(count)))
    works = [Work(key, draw(st.integers(0, 6)), draw(st.integers(0, 5))) for key in range(count)]
    pairs = draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=16))
    links = [
        Link(order[low], order[high], draw(st.sampled_from(TYPES)), draw(st.integers(-4, 4)))
        for low, high in sorted(pairs)
        if low < high
    ]
    return works, links


def keeps(link, before, after):
    """The four rules, word for word."""
    return {
        "FS": after.start >= before.finish + link.lag,
        "SS": after.start >= before.start + link.lag,
        "FF": after.finish >= before.finish + link.lag,
        "SF": after.finish >= before.start + link.lag,
    }[link.type]


def by_brute_force(works, links):
    """Push every task a day later for as long as it breaks a rule."""
    start = {work.key: work.not_before for work in works}
    duration = {work.key: work.duration for work in works}
    spans = lambda: {key: Span(at, at + duration[key]) for key, at in start.items()}  # noqa: E731
    while late := [link for link in links if not keeps(link, spans()[link.predecessor], spans()[link.successor])]:
        for key in {link.successor for link in late}:
            start[key] += 1
    return spans()


@given(nets())
def test_everything_is_as_early_as_brute_force_finds_it(net):
    assert earliest(*net) == by_brute_force(*net)


@given(nets())
def test_predecessors_come_first(net):
    order = list(earliest(*net))
    assert all(order.index(link.predecessor) < order.index(link.successor) for link in net[1])


@pytest.mark.parametrize(
    ("type_", "lag", "expected"),
    [
        ("FS", 0, Span(3, 5)),
        ("FS", 2, Span(5, 7)),
        ("FS", -1, Span(2, 4)),
        ("SS", 0, Span(0, 2)),
        ("SS", 1, Span(1, 3)),
        ("FF", 0, Span(1, 3)),
        ("FF", 2, Span(3, 5)),
        ("SF", 0, Span(0, 2)),
        ("SF", 4, Span(2, 4)),
    ],
)
def test_a_task_of_two_days_after_one_of_three(type_, lag, expected):
    spans = earliest([Work("a", 3), Work("b", 2)], [Link("a", "b", type_, lag)])
    assert spans["b"] == expected


def test_no_lead_pulls_a_task_before_the_start_of_the_plan():
    assert earliest([Work("a", 1), Work("b", 5)], [Link("a", "b", "FF", -3)])["b"] == Span(0, 5)


def test_a_circle_is_named():
    with pytest.raises(Circle) as circle:
        earliest([Work(1, 1), Work(2, 1), Work(3, 1)], [Link(1, 2), Link(2, 1, "SS")])
    assert circle.value.keys == [1, 2]


@given(DAYS, st.integers(-300, 300))
def test_working_days_are_counted_one_by_one(origin, offset):
    day = origin
    while not is_workday(day):
        day += timedelta(days=1)
    step = timedelta(days=1 if offset >= 0 else -1)
    left = abs(offset)
    while left:
        day += step
        left -= is_workday(day)
    assert workday(origin, offset) == day


@given(DAYS, st.integers(-3, 200))
def test_working_days_between_are_counted_one_by_one(first, days):
    last = first + timedelta(days=days)
    counted = sum(is_workday(first + timedelta(days=each)) for each in range(days + 1))
    assert workdays_between(first, last) == counted


@given(DAYS, st.integers(1, 60))
def test_the_last_day_of_a_duration_gives_the_duration_back(starts_on, duration):
    assert duration_of(starts_on, last_day(starts_on, duration)) == duration


def test_a_plan_from_a_saturday_starts_on_monday_and_finishes_inclusively():
    spans = {"a": Span(0, 5), "b": Span(5, 6), "milestone": Span(5, 5)}
    assert to_dates(spans, date(2026, 5, 2)) == {
        "a": (date(2026, 5, 4), date(2026, 5, 8)),
        "b": (date(2026, 5, 11), date(2026, 5, 11)),
        "milestone": (date(2026, 5, 11), date(2026, 5, 11)),
    }


def test_a_task_on_a_saturday_works_that_saturday():
    saturday = date(2026, 5, 9)
    assert last_day(saturday, 1) == saturday
    assert last_day(saturday, 2) == date(2026, 5, 11)


@pytest.mark.parametrize(
    ("starts_on", "due_on", "duration", "keep_due", "expected"),
    [
        (None, date(2026, 5, 8), 3, True, (date(2026, 5, 8), 3)),
        (date(2026, 5, 4), None, 3, False, (date(2026, 5, 6), 3)),
        (date(2026, 5, 4), None, 3, True, (None, 3)),
        (date(2026, 5, 4), date(2026, 5, 8), 1, True, (date(2026, 5, 8), 5)),
        (date(2026, 5, 4), date(2026, 5, 8), 2, False, (date(2026, 5, 5), 2)),
        (date(2026, 5, 4), date(2026, 5, 4), 0, True, (date(2026, 5, 4), 0)),
    ],
)
def test_dates_and_duration_are_made_to_fit(starts_on, due_on, duration, keep_due, expected):
    assert fit_dates(starts_on, due_on, duration, keep_due=keep_due) == expected


def instant(stamp, workdays):
    """A net's time of day as an instant: 08:00 opens a working day, 17:00 closes it."""
    at = datetime.fromisoformat(stamp)
    return workdays.index(at.date()) + (at.hour >= 17)


def agrees(net):
    """Whether every early start and finish of the net is ours, too.

    The nets start a task before their own start where only SS, SF or a lead pulls it there; a task
    with an FF predecessor never.
    """
    tasks, links = net["tasks"], [Link(*each) for each in net["relations"]]
    held = {link.successor for link in links if link.type == "FF"} | (
        set(range(len(tasks))) - {link.successor for link in links}
    )
    works = [Work(key, each["duration"], 0 if key in held else -1000) for key, each in enumerate(tasks)]
    first = date.fromisoformat(net["start"][:10]) - timedelta(days=100)
    free = {date.fromisoformat(day) for day in net["holidays"]}
    days = [first + timedelta(days=each) for each in range(1000)]
    workdays = [day for day in days if is_workday(day) and day not in free]
    origin = instant(net["start"], workdays)
    spans = earliest(works, links)
    return all(
        spans[key] == Span(instant(each["es"], workdays) - origin, instant(each["ef"], workdays) - origin)
        for key, each in enumerate(tasks)
    )


@pytest.mark.skipif(not NETS.is_file(), reason="set SCHEDULING_DATA to the folder of mpxj_nets.tar.gz")
def test_early_dates_agree_with_four_hundred_nets_of_another_scheduler():
    with tarfile.open(NETS) as archive:
        nets = [json.load(file) for each in archive if (file := archive.extractfile(each))]
    assert len(nets) == 400
    assert [net["seed"] for net in nets if not agrees(net)] == []
