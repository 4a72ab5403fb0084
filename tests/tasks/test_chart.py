"""Where bars, arrows and lines of a Gantt chart stand."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.chart import BAR, HEAD, ROW, Link, Planned, draw
from tasks.workdays import WEEKDAYS, closed_on

MONDAY = date(2026, 5, 4)
TODAY = date(2026, 5, 6)


def planned(ident, start=MONDAY, finish=MONDAY, **more):
    facts = {"parent": None, "latest": finish, "progress": 0, "is_critical": False, "is_milestone": False}
    facts |= {"is_parent": False, "is_done": False}
    return Planned(id=ident, name=f"Task {ident}", start=start, finish=finish, **{**facts, **more})


def chart(*tasks, links=(), key_dates=None, workdays=WEEKDAYS, step=10, today=TODAY):
    return draw(tasks, links, workdays=workdays, today=today, key_dates=key_dates or {}, step=step)


def test_a_bar_reaches_to_the_end_of_its_last_day():
    drawn = chart(planned(1, finish=date(2026, 5, 8)))
    [bar] = drawn.bars
    assert (bar.x, bar.width) == ((MONDAY - drawn.first).days * 10, 50)
    assert (bar.y, bar.middle) == (HEAD + (ROW - BAR) // 2, HEAD + ROW // 2)


def test_a_milestone_has_no_width():
    [bar] = chart(planned(1, is_milestone=True)).bars
    assert bar.width == 0
    assert bar.diamond.count(",") == 4


def test_progress_slack_baseline_and_deadline_are_drawn():
    task = planned(
        1,
        finish=date(2026, 5, 8),
        latest=date(2026, 5, 12),
        progress=40,
        kept=(date(2026, 5, 1), date(2026, 5, 4)),
        deadline=date(2026, 5, 11),
    )
    [bar] = chart(task).bars
    assert (bar.done_width, bar.slack_width) == (20, 40)
    assert bar.kept == (bar.x - 30, 40)
    assert bar.deadline_x == bar.x + 80


def test_what_is_done_has_no_slack():
    [bar] = chart(planned(1, latest=date(2026, 5, 12), is_done=True)).bars
    assert bar.slack_width == 0


def test_sub_tasks_stand_below_what_they_are_part_of():
    drawn = chart(planned(1, parent=2), planned(2), planned(3), planned(4, parent=1), planned(5, parent=99))
    assert [(bar.task.id, bar.depth) for bar in drawn.bars] == [(2, 0), (1, 1), (4, 2), (3, 0), (5, 0)]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("FS", "M{e1} {y1}H{e1+8}V{y2}H{x2}"),
        ("SS", "M{x1} {y1}H{x1-8}V{y2}H{x2}"),
        ("FF", "M{e1} {y1}H{e2+8}V{y2}H{e2}"),
    ],
)
def test_arrows_leave_and_enter_at_the_ends_that_hang_together(kind, path):
    drawn = chart(planned(1), planned(2, date(2026, 5, 8), date(2026, 5, 8)), links=[Link(1, 2, kind)])
    one, two = drawn.bars
    numbers = {"e1": one.end, "x1": one.x, "y1": one.middle, "y2": two.middle, "x2": two.x, "e2": two.end}
    numbers |= {"e1+8": one.end + 8, "x1-8": one.x - 8, "e2+8": two.end + 8}
    for name, number in sorted(numbers.items(), key=lambda each: -len(each[0])):
        path = path.replace(f"{{{name}}}", str(number))
    assert drawn.arrows[0].path == path


def test_closed_days_are_shaded_in_one_piece():
    workdays = closed_on([date(2026, 5, 8)])
    drawn = chart(planned(1, finish=date(2026, 5, 11)), workdays=workdays)
    friday = (date(2026, 5, 8) - drawn.first).days * 10
    assert (friday, 30) in [(span.x, span.width) for span in drawn.closed]


def test_today_and_key_dates_are_marked():
    drawn = chart(planned(1), key_dates={"Closing": date(2026, 6, 1)})
    assert drawn.today_x == (TODAY - drawn.first).days * 10
    assert [(mark.label, mark.x) for mark in drawn.key_dates] == [
        ("Closing", (date(2026, 6, 1) - drawn.first).days * 10)
    ]
    assert chart(planned(1), today=date(2031, 1, 1)).today_x is None


def test_labels_of_key_dates_do_not_lie_on_each_other():
    days = {"Closing disclosure": date(2026, 6, 1), "Closing": date(2026, 6, 4), "Keys": date(2026, 6, 30)}
    drawn = chart(planned(1), key_dates=days)
    assert [(mark.label, mark.has_room) for mark in drawn.key_dates] == [
        ("Closing disclosure", True),
        ("Closing", False),
        ("Keys", True),
    ]


def test_nothing_planned_is_an_empty_sheet():
    assert chart().bars == []


DAYS = st.dates(date(2025, 1, 1), date(2027, 1, 1))


@given(st.lists(st.tuples(DAYS, DAYS).map(sorted), min_size=1, max_size=8), st.integers(2, 30))
def test_everything_stands_on_the_sheet(spans, step):
    drawn = chart(*(planned(ident, *span) for ident, span in enumerate(spans)), step=step)
    assert all(bar.x >= 0 and bar.end <= drawn.width and bar.y + BAR <= drawn.height for bar in drawn.bars)
    assert sum(month.width for month in drawn.months) == drawn.width
