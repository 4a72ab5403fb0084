"""What older rows would have, had they been written by today's services."""

from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models import Exists, F, OuterRef

_AT_ONCE = 2000


def keep_given_starts(apps, schema_editor):
    """A start that a person gave to a task that waits for nothing is one before which it doesn't start."""
    Task, Dependency = apps.get_model("tasks", "Task"), apps.get_model("tasks", "TaskDependency")
    waits = Dependency.objects.filter(successor=OuterRef("pk"))
    given = Task.objects.filter(scheduling_mode="automatic", not_before=None, starts_on__isnull=False)
    given.exclude(Exists(waits)).update(not_before=F("starts_on"))


def tell_transitions(apps, schema_editor):
    """That each task came, and that it was completed or cancelled; when a card was moved before is not known."""
    Task, Transition = apps.get_model("tasks", "Task"), apps.get_model("tasks", "TaskTransition")
    tasks = Task.objects.exclude(Exists(Transition.objects.filter(task=OuterRef("pk"))))
    kept = []
    for task in tasks.select_related("column", "project").order_by("pk").iterator(_AT_ONCE):
        kept += _transitions(Transition, task)
        if len(kept) >= _AT_ONCE:
            Transition.objects.bulk_create(kept)
            kept = []
    Transition.objects.bulk_create(kept)


def _transitions(Transition, task):
    group = task.column.group
    came = "backlog" if group == "done" else group
    row = {"project_id": task.project_id, "task": task}
    came_on = task.created_at.astimezone(ZoneInfo(task.project.timezone)).date()
    yield Transition(**row, to_group=came, at=task.created_at, on=came_on)
    if group == "done" and task.completed_at:
        done_at = max(task.completed_at, task.created_at)
        yield Transition(**row, from_group=came, to_group="done", at=done_at, on=task.completed_on)


def leave(apps, schema_editor):
    """Nothing to take back: the columns go with the migration before."""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0002_deals")]

    operations = [
        migrations.RunPython(keep_given_starts, leave),
        migrations.RunPython(tell_transitions, leave),
    ]
