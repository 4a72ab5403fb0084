"""What late tasks move, on plans computed by hand."""

from datetime import date

import pytest

from tasks.impact import MOST, Late, Push, impact
from tasks.network import LinkRow, Network, TaskRow
from tasks.settlement import Settlement
from tasks.workdays import WEEKDAYS

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 5, day) for day in range(4, 9))
SATURDAY, NEXT_MONDAY = date(2026, 5, 9), date(2026, 5, 11)


def found(rows, links=(), *, today=THURSDAY):
    return impact(Settlement(Network(rows, links, workdays=WEEKDAYS, origin=MONDAY)), today=today)


@pytest.fixture
def chain():
    """Photos on Monday, then text for two days, then live on Thursday; beside them a sign of one day until Friday."""
    return (
        TaskRow(1, 1, MONDAY, MONDAY),
        TaskRow(2, 2, TUESDAY, WEDNESDAY),
        TaskRow(3, 1, THURSDAY, THURSDAY),
        TaskRow(4, 5, MONDAY, FRIDAY),
    ), (LinkRow(1, 2), LinkRow(2, 3))


def test_what_is_open_past_its_day_is_finished_today_at_the_earliest(chain):
    """On Wednesday the photos are two days late: the rest follows then, and ends on Monday instead of Friday."""
    rows, links = chain
    (late,) = found(rows, links, today=WEDNESDAY)
    assert late == Late(
        1, is_open=True, late_days=2, pushes_tasks=2, pushes=(Push(2, 2), Push(3, 2)), pushes_finish_days=1
    )


def test_each_late_task_is_looked_at_on_its_own(chain):
    """On Thursday the text is late, too: by itself it moves only what comes after it."""
    first, second = found(*chain)
    assert (first.task, first.late_days, first.pushes, first.pushes_finish_days) == (1, 3, (Push(2, 3), Push(3, 3)), 2)
    assert (second.task, second.late_days, second.pushes, second.pushes_finish_days) == (2, 1, (Push(3, 1),), 0)


def test_what_was_done_late_is_held_against_its_due_day():
    """Done on Wednesday instead of Monday: the text is on Thursday and Friday, two days later than it could be."""
    rows = (TaskRow(1, 1, MONDAY, MONDAY, completed_on=WEDNESDAY), TaskRow(2, 2, THURSDAY, FRIDAY))
    (late,) = found(rows, (LinkRow(1, 2),), today=WEDNESDAY)
    assert late == Late(1, is_open=False, late_days=2, pushes_tasks=1, pushes=(Push(2, 2),), pushes_finish_days=2)


def test_slack_takes_up_what_it_can():
    """The late one has followers that wait for another until Friday anyway."""
    rows = (TaskRow(1, 1, MONDAY, MONDAY), TaskRow(2, 5, MONDAY, FRIDAY), TaskRow(3, 1))
    (late,) = found(rows, (LinkRow(1, 3), LinkRow(2, 3)))
    assert (late.late_days, late.pushes, late.pushes_finish_days) == (3, (), 0)


def test_what_is_done_or_pinned_is_not_pushed():
    rows = (
        TaskRow(1, 1, MONDAY, MONDAY),
        TaskRow(2, 1, MONDAY, MONDAY, completed_on=MONDAY),
        TaskRow(3, 1, TUESDAY, THURSDAY, is_automatic=False),
        TaskRow(4, 1),
    )
    (late,) = found(rows, (LinkRow(1, 2), LinkRow(1, 3), LinkRow(1, 4)))
    assert late.pushes == (Push(4, 3),)


def test_days_off_are_not_counted():
    """Due on Friday and open on Saturday: no working day was lost yet; on Monday one is."""
    rows, links = (TaskRow(1, 1, FRIDAY, FRIDAY), TaskRow(2, 1)), (LinkRow(1, 2),)
    (on_saturday,) = found(rows, links, today=SATURDAY)
    assert (on_saturday.late_days, on_saturday.pushes) == (0, ())
    (on_monday,) = found(rows, links, today=NEXT_MONDAY)
    assert (on_monday.late_days, on_monday.pushes) == (1, (Push(2, 1),))


def test_what_waits_for_a_part_or_a_whole_is_pushed():
    rows = (TaskRow(1), TaskRow(2, 1, MONDAY, MONDAY, parent_id=1), TaskRow(3, 1), TaskRow(4, 1))
    (late,) = found(rows, (LinkRow(1, 3), LinkRow(3, 4, "SS")), today=TUESDAY)
    assert late.pushes == (Push(3, 1), Push(4, 1))


def test_nothing_is_late_where_nothing_has_a_day_or_it_is_today():
    assert found((TaskRow(1), TaskRow(2, 1, THURSDAY, THURSDAY))) == []
    assert found(()) == []


def test_the_latest_come_first_and_the_open_before_the_done():
    rows = [TaskRow(number, 1, MONDAY, MONDAY) for number in range(2, MOST + 9)]
    rows += [TaskRow(1, 1, MONDAY, MONDAY, completed_on=THURSDAY), TaskRow(500, 1, TUESDAY, TUESDAY)]
    late = found(rows)
    assert len(late) == MOST
    assert [each.task for each in late] == list(range(2, MOST + 2))
    few = found(rows[-2:])
    assert [each.task for each in few] == [500, 1]


def test_of_many_that_are_pushed_those_pushed_most_are_told_and_all_counted():
    rows = [TaskRow(1, 1, MONDAY, MONDAY), *(TaskRow(number, 1) for number in range(2, MOST + 10))]
    slack = [TaskRow(1000, 2, MONDAY, TUESDAY, is_automatic=False)]
    links = [LinkRow(1, row.id) for row in rows[1:]] + [LinkRow(1000, 2)]
    late = found([*rows, *slack], links, today=WEDNESDAY)[0]
    assert (late.task, late.pushes_tasks) == (1, MOST + 8)
    assert late.pushes == tuple(Push(number, 2) for number in range(3, MOST + 3))
