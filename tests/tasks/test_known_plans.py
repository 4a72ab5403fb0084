"""Plans whose answers are known: our own small ones always, those of two other schedulers where they are at hand.

`SCHEDULING_DATA` names the folder of the archives; without it they are looked for beside the repository.
"""

import json
import os
import re
import tarfile
from datetime import date, datetime
from pathlib import Path

import pytest

from tasks import services
from tasks.models import BusinessCalendar, Closure, Project
from tasks.planning import plan_of
from tasks.scheduling import Link, Work, schedule
from tasks.workdays import closed_on

OWN = Path(__file__).parent / "data"
GIVEN = Path(os.environ.get("SCHEDULING_DATA", Path(__file__).parents[3] / "shared/data/scheduling"))
MPXJ, PSPLIB = GIVEN / "mpxj_nets.tar.gz", GIVEN / "psplib_j30.tar.gz"


@pytest.mark.parametrize(
    "pair", json.loads((OWN / "pairs.json").read_text()), ids=lambda pair: f"{pair['type']}{pair['lag']:+d}"
)
def test_a_task_of_two_days_after_one_of_three(pair):
    plan = schedule([Work("a", 3), Work("b", 2)], [Link("a", "b", pair["type"], pair["lag"])])
    assert plan.spans["b"].early_start == pair["early_start"], pair["why"]


@pytest.mark.parametrize("net", json.loads((OWN / "nets.json").read_text()))
def test_our_own_small_nets(net):
    works = [Work(task["name"], task["duration"]) for task in net["tasks"]]
    plan = schedule(works, [Link(*link) for link in net["links"]])
    assert plan.finish == net["length"]
    for task in net["tasks"]:
        span = plan.spans[task["name"]]
        assert (span.early_start, span.late_start, span.free_slack) == (
            task["early_start"],
            task["late_start"],
            task["free_slack"],
        )
        assert span.total_slack == task["late_start"] - task["early_start"]
        assert span.is_critical == (task["late_start"] <= task["early_start"])


def instants(net):
    """What turns a net's times of day into instants: 08:00 opens a working day, 17:00 closes it."""
    calendar = closed_on(date.fromisoformat(day) for day in net["holidays"])
    origin = calendar.number(date.fromisoformat(net["start"][:10]))

    def instant(stamp):
        at = datetime.fromisoformat(stamp)
        return calendar.number(at.date()) + (at.hour >= 17) - origin

    return instant


def expected(task, instant):
    return {
        "early": (instant(task["es"]), instant(task["ef"])),
        "late": (instant(task["ls"]), instant(task["lf"])),
        "total": float(task["total_slack"].removesuffix("d")),
        "free": float(task["free_slack"].removesuffix("d")),
        "critical": task["critical"],
    }


def ours(span):
    return {
        "early": (span.early_start, span.early_finish),
        "late": (span.late_start, span.late_finish),
        "total": span.total_slack,
        "free": span.free_slack,
        "critical": span.is_critical,
    }


@pytest.mark.skipif(not MPXJ.is_file(), reason="set SCHEDULING_DATA to the folder of mpxj_nets.tar.gz")
def test_all_agrees_with_four_hundred_nets_of_a_scheduler_like_ms_project():
    with tarfile.open(MPXJ) as archive:
        nets = [json.load(file) for each in archive if (file := archive.extractfile(each))]
    assert len(nets) == 400
    for net in nets:
        works = [Work(key, task["duration"]) for key, task in enumerate(net["tasks"])]
        plan = schedule(works, [Link(*relation) for relation in net["relations"]])
        instant = instants(net)
        wanted = {key: expected(task, instant) for key, task in enumerate(net["tasks"])}
        assert {key: ours(span) for key, span in plan.spans.items()} == wanted, net["seed"]
        assert plan.finish == max(each["early"][1] for each in wanted.values())


def read_psplib(text):
    """The jobs' durations, what succeeds each, and the length without regard to resources, of one `.sm` file."""
    header, relations = text.split("PRECEDENCE RELATIONS:")
    relations, requests = relations.split("REQUESTS/DURATIONS:")
    rows = lambda part: [[*map(int, line.split())] for line in part.splitlines() if re.fullmatch(r"[\s\d]+", line)]  # noqa: E731
    after = {job: successors for job, _, _, *successors in filter(None, rows(relations))}
    durations = {row[0]: row[2] for row in rows(requests.split("RESOURCEAVAILABILITIES")[0]) if row}
    length = next(row for row in rows(header.split("PROJECT INFORMATION:")[1]) if row)[-1]
    return durations, after, length


@pytest.mark.skipif(not PSPLIB.is_file(), reason="set SCHEDULING_DATA to the folder of psplib_j30.tar.gz")
def test_the_lengths_of_the_four_hundred_and_eighty_projects_of_psplib_are_ours():
    with tarfile.open(PSPLIB) as archive:
        files = {each.name: archive.extractfile(each) for each in archive if each.name.endswith(".sm")}
        texts = {name: file.read().decode() for name, file in files.items() if file}
    assert len(texts) == 480
    for name, text in texts.items():
        durations, after, length = read_psplib(text)
        links = [Link(job, successor) for job, successors in after.items() for successor in successors]
        assert len(durations) == len(after) == 32
        assert schedule([Work(*job) for job in durations.items()], links).finish == length, name


@pytest.mark.skipif(not MPXJ.is_file(), reason="set SCHEDULING_DATA to the folder of mpxj_nets.tar.gz")
@pytest.mark.parametrize("number", [0, 133, 266])
def test_the_plan_of_a_project_has_the_days_of_the_net(number, manager):
    with tarfile.open(MPXJ) as archive:
        files = [each for each in archive if each.isfile()]
        file = archive.extractfile(files[number])
        assert file
        net = json.load(file)
    project = project_of(net, manager)
    plan = plan_of(project)
    instant = instants(net)
    by_key = {task.key: task for task in plan.tasks.values()}
    for key, task in enumerate(net["tasks"]):
        planned = by_key[f"N{key}"]
        assert (planned.total_slack_days, planned.free_slack_days, planned.is_critical) == (
            float(task["total_slack"].removesuffix("d")),
            float(task["free_slack"].removesuffix("d")),
            task["critical"],
        )
        for ours, start, finish in (
            ((planned.early_start, planned.early_finish), "es", "ef"),
            ((planned.late_start, planned.late_finish), "ls", "lf"),
        ):
            first, last = instant(task[start]), instant(task[finish])
            assert ours == plan.workdays.days_of(project.starts_on, first, last), (net["seed"], key)
    assert plan.length_days == max(instant(task["ef"]) for task in net["tasks"])


def project_of(net, manager) -> Project:
    """The net as people would enter it: task by task, link by link."""
    calendar = BusinessCalendar.objects.create(key="net", name="The net's")
    for day in net["holidays"]:
        Closure.objects.create(calendar=calendar, on=day, name="Closed")
    start = date.fromisoformat(net["start"][:10])
    project = services.open_project(name="Net", kind="internal", by=manager, starts_on=start, calendar=calendar)
    tasks = [
        services.create_task(project, name=f"Task {key}", key=f"N{key}", duration_days=task["duration"], by=manager)
        for key, task in enumerate(net["tasks"])
    ]
    for before, after, type_, lag in net["relations"]:
        services.add_dependency(tasks[after], predecessor=tasks[before], type=type_, lag_days=lag, by=manager)
    return project
