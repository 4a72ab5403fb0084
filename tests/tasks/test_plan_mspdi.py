"""Plans as MS Project's XML: read strictly, and read again as they were written."""

from datetime import date, time

import pytest

from tasks.exchange.mspdi import Planned, read_mspdi, write_mspdi
from tasks.exchange.plan import PlanFile, PlanLink, PlanTask, Unreadable
from tasks.workdays import WEEKDAYS, Workdays

MONDAY = date(2026, 5, 4)
HEAD = '<?xml version="1.0"?><Project xmlns="http://schemas.microsoft.com/project"><MinutesPerDay>480</MinutesPerDay>'


def project(tasks: str, rest: str = "") -> bytes:
    return f"{HEAD}<Tasks>{tasks}</Tasks>{rest}</Project>".encode()


def task(uid: int, name: str, duration: str = "PT8H0M0S", rest: str = "", level: int = 1) -> str:
    return (
        f"<Task><UID>{uid}</UID><Name>{name}</Name><OutlineLevel>{level}</OutlineLevel>"
        f"<Duration>{duration}</Duration>{rest}</Task>"
    )


def wait(uid: int, kind: int = 1, lag: int = 0, unit: int = 7) -> str:
    return (
        f"<PredecessorLink><PredecessorUID>{uid}</PredecessorUID><Type>{kind}</Type>"
        f"<LinkLag>{lag}</LinkLag><LagFormat>{unit}</LagFormat></PredecessorLink>"
    )


def test_what_is_written_is_read_again():
    plan = PlanFile(
        (
            PlanTask(key="prepare", name="Prepare", duration_days=5),
            PlanTask(key="photos", name="Photos & <plan>", duration_days=2, parent="prepare", priority="urgent"),
            PlanTask(
                key="copy", name="Text", parent="prepare", description="In\ntwo lines", assignees=("a@x.example",)
            ),
            PlanTask(
                key="live",
                name="Go live",
                duration_days=0,
                deadline_on=date(2026, 5, 8),
                deadline_time=time(12),
                progress=40,
            ),
            PlanTask(key="sign", name="Sign", scheduling_mode="manual", starts_on=MONDAY, not_before=None),
            PlanTask(key="keys", name="Keys", not_before=date(2026, 5, 7)),
            PlanTask(key="done", name="Done", progress=100, completed_on=date(2026, 5, 5)),
        ),
        (PlanLink("photos", "copy", "FF", 1), PlanLink("copy", "live", "FS", -1), PlanLink("keys", "live", "SS", 3)),
    )
    days = {each.key: Planned(MONDAY, date(2026, 5, 8)) for each in plan.tasks}
    text = write_mspdi("12 Quay Street", plan, starts_on=MONDAY, days=days, workdays=WEEKDAYS)
    assert read_mspdi(text) == plan


def test_the_calendar_is_written_with_its_closed_days():
    workdays = Workdays(frozenset({0, 1, 2, 3, 4, 5}), frozenset({date(2026, 7, 3), date(2031, 7, 4)}))
    days = {"a": Planned(MONDAY, MONDAY)}
    text = write_mspdi(
        "x", PlanFile((PlanTask(key="a", name="A"),), ()), starts_on=MONDAY, days=days, workdays=workdays
    )
    assert text.count(b"<DayWorking>1</DayWorking>") == 6
    assert b"<FromDate>2026-07-03T00:00:00</FromDate>" in text
    assert b"2031-07-04" not in text


def test_parts_of_days_are_rounded_up_with_a_warning():
    plan = read_mspdi(project(task(1, "Photos", "PT12H0M0S") + task(2, "Text", rest=wait(1, lag=2400))))
    assert plan.tasks[0].duration_days == 2
    assert plan.links == (PlanLink("1", "2", "FS", 1),)
    assert plan.warnings == (
        "Photos: its duration of 1.50 days was rounded up.",
        "Text: the lag before it of 0.50 days was rounded up.",
    )


def test_lags_through_weekends_and_in_percent_are_not_lost():
    tasks = (
        task(1, "A", "PT32H0M0S")
        + task(2, "B", rest=wait(1, lag=7 * 14400, unit=8))
        + task(3, "C", rest=wait(1, 1, 50, 19))
    )
    plan = read_mspdi(project(tasks))
    assert [link.lag_days for link in plan.links] == [5, 2]
    assert plan.warnings == ("B: the lag before it runs through weekends; it was read as working days.",)


def test_links_may_come_before_the_tasks_they_name():
    plan = read_mspdi(project(task(1, "B", rest=wait(2, 1, 50, 19)) + task(2, "A", "PT32H0M0S")))
    assert plan.links == (PlanLink("2", "1", "FS", 2),)


@pytest.mark.timeout(60)
def test_a_task_of_very_many_links_is_read_in_time():
    plan = read_mspdi(project(task(1, "A") + task(2, "B", rest=wait(1) * 20_000)))
    assert len(plan.links) == 20_000


def test_what_others_keep_in_the_field_of_our_keys_is_no_key():
    crew = "<ExtendedAttribute><FieldID>188743731</FieldID><Value>Crew A</Value></ExtendedAttribute>"
    plan = read_mspdi(project(task(1, "A", rest=crew) + task(2, "B", rest=crew)))
    assert [each.key for each in plan.tasks] == ["1", "2"]


def test_the_outline_tells_what_is_part_of_what():
    plan = read_mspdi(project(task(1, "A") + task(2, "B", level=2) + task(3, "C", level=3) + task(4, "D", level=2)))
    assert [each.parent for each in plan.tasks] == ["", "1", "2", "1"]


def test_the_summary_of_all_and_empty_lines_are_no_tasks():
    plan = read_mspdi(project(task(0, "All", level=0) + "<Task><UID>7</UID><IsNull>1</IsNull></Task>" + task(1, "A")))
    assert [each.key for each in plan.tasks] == ["1"]


def test_deadlines_and_constraints_are_kept():
    rest = "<ConstraintType>2</ConstraintType><ConstraintDate>2026-05-06T08:00:00</ConstraintDate>"
    early = "<ConstraintType>4</ConstraintType><ConstraintDate>2026-05-07T08:00:00</ConstraintDate>"
    late = "<Deadline>2026-05-08T17:00:00</Deadline>"
    plan = read_mspdi(project(task(1, "A", rest=rest) + task(2, "B", rest=early + late)))
    assert (plan.tasks[0].scheduling_mode, plan.tasks[0].starts_on) == ("manual", date(2026, 5, 6))
    assert (plan.tasks[1].not_before, plan.tasks[1].deadline_on) == (date(2026, 5, 7), date(2026, 5, 8))


def test_what_a_plan_here_does_not_hold_is_told():
    late = "<ConstraintType>6</ConstraintType><ConstraintDate>2026-05-08T17:00:00</ConstraintDate>"
    plan = read_mspdi(project(task(1, "A", rest=late)))
    assert plan.warnings == ("A: that it should finish no earlier than a day was left out.",)


def test_a_milestone_that_takes_days_takes_them():
    plan = read_mspdi(project(task(1, "A", "PT16H0M0S", rest="<Milestone>1</Milestone>") + task(2, "B", "PT0H0M0S")))
    assert [each.duration_days for each in plan.tasks] == [2, 0]


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Project>&b;</Project>'


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no xml",
        b"<Project>",
        BOMB,
        b"<plan/>",
        project(task(1, "A", "soon")),
        project(task(1, "A", rest=wait(9))),
        b'<?xml version="1.0" encoding="nonsense"?><Project/>',
        project(task(1, "A", rest=wait(1, kind=7))),
        project(task(1, "A", rest=wait(1, kind=-9))),
        project(task(1, "A", rest="<Deadline>tomorrow</Deadline>")),
        project(task(1, "A", rest="<PercentComplete>many</PercentComplete>")),
        project(task(1, "A", rest="<OutlineLevel>9</OutlineLevel>")).replace(b"<OutlineLevel>1", b"<OutlineLevel>one"),
    ],
)
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(Unreadable):
        read_mspdi(text)


def test_a_time_of_day_of_a_deadline_is_written():
    plan = PlanFile((PlanTask(key="a", name="A", deadline_on=MONDAY, deadline_time=time(12)),), ())
    text = write_mspdi("x", plan, starts_on=MONDAY, days={"a": Planned(MONDAY, MONDAY)}, workdays=WEEKDAYS)
    assert b"<Deadline>2026-05-04T12:00:00</Deadline>" in text


def test_what_xml_cannot_hold_becomes_a_blank():
    plan = PlanFile((PlanTask(key="a", name="A\x00\x0bB"),), ())
    text = write_mspdi("x", plan, starts_on=MONDAY, days={"a": Planned(MONDAY, MONDAY)}, workdays=WEEKDAYS)
    assert read_mspdi(text).tasks[0].name == "A  B"
