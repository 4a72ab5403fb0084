"""Flow on plain values, on cases computed by hand."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tasks.flow import (
    Adherence,
    Done,
    Period,
    Step,
    Times,
    adherence,
    burndown,
    by_day,
    by_week,
    days_between,
    share,
    standing,
    times,
    ways,
)

MONDAY = date(2026, 5, 4)
DAY = timedelta(days=1)
WEEK = Period(MONDAY, MONDAY + 6 * DAY)


def day(number):
    """The day so many days after the Monday."""
    return MONDAY + number * DAY


def counts(steps, period=WEEK):
    return [
        {group: count for group, count in each.items() if group and count} for each in standing(ways(steps), period)
    ]


def test_a_day_counts_where_tasks_stand_at_its_end():
    steps = [
        Step(1, "backlog", day(-3)),
        Step(2, "backlog", day(1)),
        Step(1, "active", day(1)),
        Step(1, "done", day(3)),
        Step(2, "cancelled", day(5)),
    ]
    assert counts(steps) == [
        {"backlog": 1},
        {"active": 1, "backlog": 1},
        {"active": 1, "backlog": 1},
        {"done": 1, "backlog": 1},
        {"done": 1, "backlog": 1},
        {"done": 1, "cancelled": 1},
        {"done": 1, "cancelled": 1},
    ]


def test_what_was_kept_later_knows_better():
    """On Thursday it was said to be done since Tuesday: it was not being worked on on Wednesday then."""
    steps = [Step(1, "backlog", day(0)), Step(1, "active", day(2)), Step(1, "done", day(1))]
    assert counts(steps)[:3] == [{"backlog": 1}, {"done": 1}, {"done": 1}]


def test_a_deleted_task_stands_nowhere_and_a_restored_one_where_it_stood():
    steps = [Step(1, "active", day(0)), Step(1, "", day(1)), Step(1, "active", day(3))]
    assert counts(steps)[:4] == [{"active": 1}, {}, {}, {"active": 1}]


def test_weights_count_instead_of_tasks():
    steps = [Step(1, "backlog", day(0)), Step(2, "backlog", day(0)), Step(1, "done", day(1))]
    weighed = standing(ways(steps), WEEK, {1: 90})
    assert [(each["backlog"], each["done"]) for each in weighed[:2]] == [(90, 0), (0, 90)]


@given(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["backlog", "active", "done", ""]), st.integers(-3, 9))),
)
def test_each_task_stands_where_the_last_step_until_that_day_put_it(moves):
    steps = [Step(task, group, day(on)) for task, group, on in moves]
    for today, found in zip(WEEK, standing(ways(steps), WEEK), strict=True):
        last = {step.task: step.group for step in steps if step.on <= today}
        assert {group: count for group, count in found.items() if group and count} == dict(
            Counter(group for group in last.values() if group)
        )


def test_a_burndown_beside_its_steady_pace():
    """Four tasks; one is done on Tuesday, two on Wednesday. Five working days until Friday, so 4/5 of a task each."""
    steps = [Step(task, "backlog", day(-1)) for task in range(4)]
    steps += [Step(0, "done", day(1)), Step(1, "done", day(2)), Step(2, "done", day(2))]
    found = standing(ways(steps), Period(WEEK.eve, WEEK.last))
    left = burndown(found, WEEK, today=day(3), finish=day(4))
    assert [each.remaining for each in left] == [4, 3, 1, 1, None, None, None]
    assert [each.ideal for each in left] == [3.2, 2.4, 1.6, 0.8, 0.0, 0.0, 0.0]


def test_the_pace_starts_from_all_there_is_to_do_also_what_was_added_later():
    steps = [Step(0, "done", day(-5)), Step(1, "backlog", day(2)), Step(2, "backlog", day(3)), Step(1, "done", day(4))]
    found = standing(ways(steps), Period(WEEK.eve, WEEK.last))
    left = burndown(found, WEEK, today=day(6), finish=day(4))
    assert [each.remaining for each in left] == [0, 0, 1, 2, 1, 1, 1]
    assert left[0].ideal == 1.6  # 2 x 4/5


def test_a_burndown_of_days_to_come_and_of_nothing():
    found = standing({}, Period(WEEK.eve, WEEK.last))
    assert {(each.remaining, each.ideal) for each in burndown(found, WEEK, today=day(-9), finish=day(4))} == {(None, 0)}
    assert {each.ideal for each in burndown(found, WEEK, today=day(9), finish=day(-1))} == {0}


def test_times_by_hand():
    assert times([]) == Times(0, None, None, None)
    assert times([3]) == Times(1, 3.0, 3, 3)
    assert times([9, 1, 2, 4]) == Times(4, 3.0, 9, 4)
    assert times(range(1, 21)) == Times(20, 10.5, 17, 10.5)


@given(st.lists(st.integers(0, 400), min_size=1))
def test_at_least_85_of_100_took_no_longer_than_p85_and_no_smaller_number_will_do(days):
    p85 = times(days).p85_days
    assert sum(each <= p85 for each in days) >= 0.85 * len(days)
    assert sum(each < p85 for each in days) < 0.85 * len(days)


def test_a_thing_that_ended_before_it_began_took_no_time():
    assert [days_between(day(0), day(number)) for number in (-2, 0, 3)] == [0, 0, 3]


def test_throughput_by_day_and_by_week_leaves_no_day_out():
    done = [day(2), day(2), day(8), day(30)]
    period = Period(day(2), day(9))
    assert by_day(done, period)[:2] == [Done(day(2), 2), Done(day(3), 0)]
    assert len(by_day(done, period)) == 8
    assert by_week(done, period) == [Done(day(0), 2), Done(day(7), 1)]


def test_adherence_by_hand():
    pairs = [(day(5), day(3)), (day(5), day(5)), (day(5), day(9))]
    assert adherence(pairs) == Adherence(3, 2, 0.6667, 0.67)
    assert adherence([]) == Adherence(0, 0, None, None)


def test_a_share_of_nothing_is_none():
    assert (share(1, 3), share(0, 0)) == (0.3333, None)


def test_a_period_knows_its_weeks():
    assert list(Period(day(-1), day(7)).weeks()) == [day(-7), day(0), day(7)]
    assert Period(day(1), day(0)).length == 0
