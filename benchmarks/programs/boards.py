"""`python -m benchmarks.programs.boards 5000 2000`: a board of so many cards and a plan of so many tasks, as JSON."""

import json
import sys
from datetime import date, timedelta
from typing import Any

import django

django.setup()

from benchmarks.programs.staff import hire  # noqa: E402  all below needs the app registry, which the call above loads
from estateman.people.models import User  # noqa: E402
from tasks import services  # noqa: E402
from tasks.models import ChecklistItem, Project, Task, TaskAssignee, TaskDependency  # noqa: E402
from tasks.ranking import GAP  # noqa: E402

START = date(2026, 5, 4)
PEOPLE = 10


def project(name: str, by: User) -> Project:
    return services.open_project(name=name, kind="listing", starts_on=START, by=by)


def fill(made: Project, count: int, people: list[User]) -> list[Task]:
    """``count`` tasks spread over the columns for open ones, as an office has them: most given to somebody and due."""
    columns = list(made.columns.exclude(group="done").order_by("position"))
    tasks = Task.objects.bulk_create(
        Task(
            project=made,
            column=columns[number * len(columns) // count],
            key=f"C-{number}",
            name=f"Call about showing number {number}",
            description="What was said last time, and what is to be said now. " * 4,
            rank=number * GAP,
            duration_days=1 + number % 3,
            due_on=START + timedelta(days=number % 60),
            priority=("low", "normal", "normal", "high")[number % 4],
        )
        for number in range(count)
    )
    TaskAssignee.objects.bulk_create(
        TaskAssignee(task=task, user=people[number % PEOPLE]) for number, task in enumerate(tasks) if number % 5
    )
    return tasks


def board(count: int, by: User, people: list[User]) -> dict[str, Any]:
    """Every tenth card has a label and a checklist, every twentieth waits for the one before."""
    made = project("Benchmark's board", by)
    tasks = fill(made, count, people)
    label = made.labels.create(name="Showing")
    marked = tasks[::10]
    Task.labels.through.objects.bulk_create(Task.labels.through(task_id=task.pk, label_id=label.pk) for task in marked)
    ChecklistItem.objects.bulk_create(ChecklistItem(task=task, text="Ask for a date") for task in marked)
    TaskDependency.objects.bulk_create(
        TaskDependency(predecessor=tasks[number - 1], successor=tasks[number]) for number in range(20, count, 20)
    )
    column = tasks[0].column_id
    return {"id": made.pk, "column": column, "cards": [task.pk for task in tasks if task.column_id == column]}


def plan(count: int, by: User, people: list[User]) -> dict[str, Any]:
    """Each task waits for two that came before it, as far back as 50."""
    made = project("Benchmark's plan", by)
    tasks = fill(made, count, people)
    types = ("FS", "FS", "FS", "SS", "FF")
    TaskDependency.objects.bulk_create(
        TaskDependency(
            predecessor=tasks[max(0, number - back)],
            successor=tasks[number],
            type=types[number % len(types)],
            lag_days=number % 2,
        )
        for number in range(1, count)
        for back in {1 + number % 7, 1 + number * 31 % 50}
        if number - back >= 0
    )
    return {"id": made.pk}


def main(cards: int, tasks: int) -> dict[str, Any]:
    staff = [hire(number) for number in range(PEOPLE)]
    people = list(User.objects.filter(pk__in=[each["id"] for each in staff]).order_by("pk"))
    return {
        "token": staff[0]["token"],
        "board": board(cards, people[0], people),
        "plan": plan(tasks, people[0], people),
    }


if __name__ == "__main__":
    print(json.dumps(main(*(int(each) for each in sys.argv[1:]))))
