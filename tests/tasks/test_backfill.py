"""What older rows get that were written before plans moved by themselves."""

from datetime import UTC, date, datetime
from importlib import import_module

from django.apps import apps

from tasks import services
from tasks.models import Task, TaskTransition

backfill = import_module("tasks.migrations.0003_backfill")
LATE = datetime(2026, 5, 5, 2, 0, tzinfo=UTC)


def test_a_given_start_becomes_one_not_to_start_before(make_task):
    monday = date(2026, 5, 4)
    given = make_task("Staging", starts_on=monday)
    after = make_task("Photos", after=[given])
    manual = make_task("Open house", starts_on=monday, scheduling_mode="manual")
    Task.objects.update(not_before=None)
    backfill.keep_given_starts(apps, None)
    found = dict(Task.objects.values_list("pk", "not_before"))
    assert found == {given.pk: monday, after.pk: None, manual.pk: None}


def test_what_became_of_a_task_is_told_from_its_row(make_task, deal, agent):
    done, _ = make_task("Photos"), make_task("Staging")
    services.complete_task(done, by=agent, completed_on=date(2026, 5, 4))
    TaskTransition.objects.all().delete()
    Task.objects.update(created_at=LATE)
    for _ in range(2):  # a second time adds nothing
        backfill.tell_transitions(apps, None)
    rows = TaskTransition.objects.order_by("pk").values_list("task__name", "from_group", "to_group", "on")
    evening_before = date(2026, 5, 4)
    assert deal.timezone == "America/New_York"
    assert list(rows) == [
        ("Photos", "", "backlog", evening_before),
        ("Photos", "backlog", "done", date(2026, 5, 4)),
        ("Staging", "", "backlog", evening_before),
    ]
