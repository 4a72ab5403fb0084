"""Sub-tasks, given days and what really happened, in a network that is scheduled."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.network import LinkRow, Network, TaskRow
from tasks.scheduling import Link, Work, schedule
from tasks.settlement import Driver, Settlement
from tasks.workdays import WEEKDAYS, closed_on

MONDAY = date(2026, 5, 4)
TYPES = st.sampled_from(("FS", "SS", "FF", "SF"))


def day(number):
    """The working day so many after the plan's start."""
    return WEEKDAYS.shift(MONDAY, number)


def settle(rows, links=(), *, workdays=WEEKDAYS, **rest):
    rows = [row if isinstance(row, TaskRow) else TaskRow(*row) for row in rows]
    return Settlement(Network(rows, [LinkRow(*link) for link in links], workdays=workdays, origin=MONDAY, **rest))


def days(rows, links=(), **rest):
    found = settle(rows, links, **rest)
    return {task: found.days(task) for task in found.spans}


@st.composite
def deals(draw):
    """Tasks in a forest, and links upwards under some order in which no task comes between the parts of a whole."""
    count = draw(st.integers(1, 9))
    parents = {task: draw(st.none() | st.integers(0, task - 1)) for task in range(1, count)} | {0: None}
    rows = [TaskRow(task, draw(st.integers(0, 4)), parent_id=parents[task]) for task in range(count)]
    links = []
    for before, after in draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=8)):
        if before not in above(parents, after) and after not in above(parents, before):
            links.append(LinkRow(before, after, draw(st.sampled_from(("FS", "FF", "SS"))), draw(st.integers(-2, 3))))
    return rows, links


def above(parents, task):
    found = {task}
    while (task := parents[task]) is not None:
        found.add(task)
    return found


def spelled_out(rows, links):
    """The same with every link between all the tasks at the bottom: what the links between wholes mean."""
    parents = {row.id: row.parent_id for row in rows}
    bottom = [row for row in rows if row.id not in parents.values()]
    under = {row.id: [leaf.id for leaf in bottom if row.id in above(parents, leaf.id)] for row in rows}
    spelled = [
        Link(before, after, link.type, link.lag)
        for link in links
        for before in under[link.predecessor]
        for after in under[link.successor]
        if not (link.type[1] == "F" and len(under[link.successor]) > 1)
    ]
    return [Work(row.id, row.duration) for row in bottom], spelled, under


@given(deals())
def test_a_whole_holds_its_parts_and_waits_for_them_all(deal):
    rows, links = deal
    wholes = {row.parent_id for row in rows}
    links = [
        link
        for link in links
        if not (link.type == "SS" and link.predecessor in wholes)
        and not (link.type == "FF" and link.successor in wholes)
    ]
    works, spelled, under = spelled_out(rows, links)
    try:
        plan = schedule(works, spelled)
    except ValueError:
        return  # it goes round in a circle, which is refused elsewhere
    settlement = settle(rows, links)
    for row in rows:
        spans = [plan.spans[leaf] for leaf in under[row.id]]
        ours = settlement.spans[row.id]
        assert ours.early_start == min(span.early_start for span in spans)
        assert ours.early_finish == max(span.early_finish for span in spans)
        assert ours.late_finish == max(span.late_finish for span in spans)
        assert ours.total_slack == min(span.total_slack for span in spans)
        assert ours.is_critical == any(span.is_critical for span in spans)


def test_what_starts_with_a_whole_starts_with_its_first_part():
    rows = [(1,), (2, 2, None, None, 1), (3, 2, None, None, 1), (4,), (5, 4)]
    links = [(5, 2), (5, 3, "FS", 3), (1, 4, "SS", 1)]
    assert settle(rows, links).spans[4].early_start == 5


def test_wholes_within_wholes_start_with_each_other():
    rows = [(1,), (2, 1, None, None, 1), (3, 1, None, None, 2), (4,), (5, 1, None, None, 4), (6,), (7, 3)]
    links = [(7, 3), (1, 5, "SS", 1), (4, 6, "SS", 1)]
    spans = settle(rows, links).spans
    assert [spans[task].early_start for task in (3, 5, 6)] == [3, 4, 5]


def test_a_whole_that_is_not_to_start_yet_holds_its_parts():
    rows = [TaskRow(1, not_before=day(3)), TaskRow(2, 2, parent_id=1)]
    assert days(rows)[1] == (day(3), day(4))


def test_the_deadline_of_a_whole_bounds_its_parts():
    rows = [TaskRow(1, deadline_on=day(1)), TaskRow(2, 3, parent_id=1)]
    assert settle(rows).spans[2].total_slack == -1


def test_a_thousand_wholes_within_each_other_are_no_trouble():
    rows = [TaskRow(task, parent_id=task - 1 if task > 1 else None) for task in range(1, 3001)]
    rows.append(TaskRow(5000, 2))
    settlement = settle(rows, [(5000, 1)])
    assert settlement.days(1) == (day(2), day(2))
    assert settlement.drivers(3000)[-1] == (Driver(5000, "FS", 0, 1), True)


def test_a_manual_task_stays_and_what_follows_goes_by_its_days():
    rows = [TaskRow(1, 5), TaskRow(2, 2, day(1), day(2), is_automatic=False), TaskRow(3)]
    found = settle(rows, [(1, 2), (2, 3)])
    assert (found.days(2), found.days(3)) == ((day(1), day(2)), (day(3), day(3)))
    assert found.spans[1].total_slack == -4


def test_a_completed_task_is_where_it_really_was():
    rows = [TaskRow(1, 2, day(4), day(5), completed_on=day(1)), TaskRow(2)]
    assert days(rows, [(1, 2)]) == {1: (day(1), day(1)), 2: (day(2), day(2))}


def test_a_cancelled_task_holds_nothing():
    rows = [TaskRow(1, 5, is_cancelled=True), TaskRow(2)]
    assert days(rows, [(1, 2)]) == {2: (day(0), day(0))}


def test_a_rules_days_are_kept_also_on_a_sunday():
    sunday = date(2026, 5, 10)
    rows = [TaskRow(1, ruled=(sunday, sunday)), TaskRow(2)]
    assert days(rows, [(1, 2)]) == {1: (sunday, sunday), 2: (day(5), day(5))}


@pytest.mark.parametrize("due", [date(2026, 5, 9), date(2026, 5, 10)])
def test_an_open_house_on_a_weekend_stays_there_and_monday_follows(due):
    saturday = date(2026, 5, 9)
    rows = [TaskRow(1, 1, saturday, due), TaskRow(2)]
    assert days(rows, [(1, 2)]) == {1: (saturday, due), 2: (day(5), day(5))}


def test_an_open_house_that_is_put_off_goes_to_a_working_day_and_takes_all_of_it():
    saturday = date(2026, 5, 9)
    rows = [TaskRow(1, 1, not_before=saturday), TaskRow(2), TaskRow(3, 6)]
    assert days(rows, [(3, 1), (1, 2)])[1] == (day(6), day(6))
    assert days(rows, [(3, 1), (1, 2)])[2] == (day(7), day(7))


def test_what_hangs_off_nothing_that_has_days_stays_where_it_is():
    rows = [TaskRow(1), TaskRow(2, 1, day(7), day(7))]
    assert days(rows, [(1, 2)])[2] == (day(7), day(7))
    rows[0] = TaskRow(1, 1, day(2), day(2))
    assert days(rows, [(1, 2)])[2] == (day(3), day(3))


def test_what_starts_with_the_project_moves_with_its_start():
    rows = [TaskRow(1, 2, day(-3), day(-2)), TaskRow(2, 1, not_before=day(4))]
    found = days(rows, was_origin=day(-5))
    assert found == {1: (day(2), day(3)), 2: (day(4), day(4))}


def test_a_due_day_alone_bounds_the_plan_and_a_milestone_by_the_day_it_is_seen_on():
    rows = [TaskRow(1, 3, due_on=day(1)), TaskRow(2, 0, deadline_on=day(3)), TaskRow(3, 4)]
    spans = settle(rows, [(3, 2)]).spans
    assert (spans[1].total_slack, spans[2].total_slack) == (-1, -1)
    assert settle([TaskRow(2, 0, deadline_on=day(4)), TaskRow(3, 4)], [(3, 2)]).spans[2].total_slack == 0


def test_what_may_not_move_stays_though_it_is_not_where_it_should_be():
    rows = [TaskRow(1, 2, day(0), day(1)), TaskRow(2, 1, day(9), day(9)), TaskRow(3, 1, day(1), day(1))]
    found = days(rows, [(1, 2), (2, 3)], moving={3})
    assert (found[2], found[3]) == ((day(9), day(9)), (day(10), day(10)))


def test_a_holiday_makes_a_task_longer_in_days():
    rows = [TaskRow(1, 3, day(0), day(2))]
    assert days(rows, workdays=closed_on([day(1)]))[1] == (day(0), day(3))


def test_what_holds_a_task_is_told_from_what_does_not():
    rows = [TaskRow(1, 3), TaskRow(2, 1), TaskRow(3)]
    assert settle(rows, [(1, 3, "FS", 1), (2, 3)]).drivers(3) == [
        (Driver(1, "FS", 1), True),
        (Driver(2, "FS", 0), False),
    ]


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(-9, 9)), min_size=1, max_size=8), st.booleans())
def test_days_that_are_given_never_move(given_days, automatic):
    rows = [
        TaskRow(task, duration, day(start), WEEKDAYS.last_day(day(start), duration), is_automatic=automatic)
        for task, (duration, start) in enumerate(given_days)
    ]
    links = [(task, task + 1) for task in range(len(rows) - 1)] if not automatic else []
    assert days(rows, links) == {row.id: (row.starts_on, row.due_on) for row in rows}


def test_a_plan_that_leaves_the_calendar_says_so():
    rows = [TaskRow(task, 2000) for task in range(1500)]
    settlement = settle(rows, [(task, task + 1) for task in range(1499)])
    with pytest.raises(OverflowError):
        settlement.days(1499)
    assert MONDAY + timedelta(days=1) == day(1)


def test_a_late_day_before_the_calendar_is_its_first():
    """People pinned a chain of long tasks on one day: the first would have had to begin in the Bronze Age."""
    rows = [TaskRow(number, 2000, MONDAY, is_automatic=False) for number in range(400)]
    found = settle(rows, [(number, number + 1, "FS", 2000) for number in range(399)])
    assert found.spans[0].total_slack < -1_000_000
    assert found.late_days(0) == (date.min, date.min)
