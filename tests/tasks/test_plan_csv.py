"""Plans as CSV: what is written is read again, and what can't be read says where."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.exchange.csv_plan import COLUMNS, read_csv, write_csv
from tasks.exchange.plan import PlanFile, PlanLink, PlanTask, Unreadable

# What a cell keeps: anything a person types, without the blanks around it.
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).map(str.strip).filter(bool)
KEYS = WORDS.filter(lambda key: not key.endswith("\\"))
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
TASKS = st.builds(
    PlanTask,
    key=KEYS,
    name=WORDS,
    duration_days=st.integers(0, 2000),
    parent=st.just(""),
    description=st.one_of(st.just(""), WORDS),
    starts_on=st.none() | DAYS,
    due_on=st.none() | DAYS,
    deadline_on=st.none() | DAYS,
    deadline_time=st.none() | st.times().map(lambda at: at.replace(microsecond=0, fold=0)),
    progress=st.integers(0, 100),
    estimate_minutes=st.none() | st.integers(0, 10**6),
    labels=st.lists(KEYS, max_size=3).map(tuple),
    assignees=st.lists(st.emails(), max_size=2).map(tuple),
)


@st.composite
def plans(draw):
    tasks = draw(st.lists(TASKS, min_size=1, max_size=6, unique_by=lambda task: task.key))
    pairs = st.tuples(st.sampled_from(tasks), st.sampled_from(tasks))
    links = {
        (one.key, other.key): PlanLink(
            one.key, other.key, draw(st.sampled_from(["FS", "SS", "FF", "SF"])), draw(st.integers(-2000, 2000))
        )
        for one, other in draw(st.lists(pairs, max_size=6))
    }
    order = [task.key for task in tasks]
    return PlanFile(tuple(tasks), tuple(sorted(links.values(), key=lambda link: order.index(link.successor))))


@given(plans())
def test_what_is_written_is_read_again(plan):
    assert read_csv(write_csv(plan)) == plan


def test_a_table_as_people_write_it():
    plan = read_csv(
        "\ufeffKey,Name,Duration_days,Predecessors,Deadline_on,Deadline_time\r\n"
        "photos,Photos,2,,,\r\n"
        "\r\n"
        "copy,Text,3,photos FF+1,,\r\n"
        "live,Go live,0,copy; photos SS-2,2026-05-08,17:00\r\n"
    )
    assert [(task.key, task.duration_days) for task in plan.tasks] == [("photos", 2), ("copy", 3), ("live", 0)]
    assert plan.links == (
        PlanLink("photos", "copy", "FF", 1),
        PlanLink("copy", "live", "FS", 0),
        PlanLink("photos", "live", "SS", -2),
    )
    assert (plan.tasks[2].deadline_on, plan.tasks[2].deadline_time) == (date(2026, 5, 8), time(17))


def test_no_spreadsheet_calculates_a_cell():
    plan = PlanFile((PlanTask(key="=1+1", name="@SUM(A1)", description="-2"),), ())
    assert "'=1+1,'@SUM(A1)" in write_csv(plan)
    assert read_csv(write_csv(plan)) == plan


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "line 1"),
        ("key,duration_days\na,1\n", "line 1"),
        ("key,name,shoe_size\na,A,42\n", "line 1"),
        ("key,name,key\na,A,b\n", "line 1"),
        ("key,name\na\n", "line 2"),
        ("key,name\na,A,more\n", "line 2"),
        ("key,name,duration_days\na,A,two\n", "line 2"),
        ("key,name,starts_on\n\na,A,04/05/2026\n", "line 3"),
        ('key,name\na,"A\n', "The table"),
    ],
)
def test_what_cannot_be_read_says_where(text, where):
    with pytest.raises(Unreadable) as unreadable:
        read_csv(text)
    assert unreadable.value.where == where


def test_every_field_of_a_task_has_a_column():
    assert set(COLUMNS) == {*PlanTask(key="a", name="A").__dict__, "predecessors"}
