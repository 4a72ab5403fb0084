"""The words that a project's tasks are sorted by."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.people.models import User
from tasks.activities import LabelChanged
from tasks.models import Label, Project, Task
from tasks.permissions import can_arrange_labels, can_work_on_project
from tasks.services.locking import lock_project, read_anew, require
from tasks.services.names import require_free_name
from tasks.services.refusals import LabelGone

_BATCH = 500


@transaction.atomic
def create_label(project: Project, *, by: User, name: str, **details: Any) -> Label:
    """Add a label (``name``, ``color``). Raises NameTaken, ProjectArchived."""
    require(can_work_on_project(by, project))
    lock_project(project)
    require_free_name(project.labels.all(), name, what=f"{project} has a label")
    label = Label.objects.create(project=project, name=name, **details)
    _announce(label, "added", by)
    return label


@transaction.atomic
def change_label(label: Label, *, by: User, changes: dict[str, Any]) -> Label:
    """Call it otherwise, or give it another colour. Raises NameTaken, LabelGone, ProjectArchived."""
    project = label.project
    require(can_arrange_labels(by, project))
    _lock(label)
    fresh = {name: value for name, value in changes.items() if getattr(label, name) != value}
    if "name" in fresh:
        require_free_name(project.labels.all(), fresh["name"], what=f"{project} has a label", but=label)
    for name, value in fresh.items():
        setattr(label, name, value)
    if fresh:
        label.save(update_fields=list(fresh))
        _announce(label, "changed", by)
    return label


@transaction.atomic
def delete_label(label: Label, *, by: User) -> None:
    """Take it from all tasks that have it. Raises LabelGone, ProjectArchived."""
    require(can_arrange_labels(by, label.project))
    _lock(label)
    _announce(label, "removed", by)
    label.delete()


def put_labels(task: Task, labels: Iterable[Label]) -> tuple[set[int], set[int]]:
    """Make ``labels`` the task's; returns the ids of those it gets and of those it loses. The project is locked.

    Raises ValidationError for one of another project, and one that was deleted meanwhile.
    """
    wanted = {label.pk: label for label in labels}
    present = set(task.labels.values_list("pk", flat=True))
    added = wanted.keys() - present
    if Label.objects.filter(project=task.project_id, pk__in=added).count() < len(added):
        raise ValidationError({"labels": "This label is not the project's."})
    if present != wanted.keys():
        task.labels.set(wanted.values())
    return added, present - wanted.keys()


def label_by_name(project: Project, names: Mapping[int, Iterable[str]]) -> None:
    """Give new tasks, by their ids, the labels called so, in a fixed number of statements. The project is locked.

    A label that the project has, however it is written, is the one meant; others are made.
    """
    wanted: dict[str, str] = {}
    for name in chain.from_iterable(names.values()):
        wanted.setdefault(name.casefold(), name)
    if not wanted:
        return
    labels = {label.name.casefold(): label for label in project.labels.all()}
    made = Label.objects.bulk_create(
        Label(project=project, name=name) for folded, name in sorted(wanted.items()) if folded not in labels
    )
    labels |= {label.name.casefold(): label for label in made}
    through = Task.labels.through
    through.objects.bulk_create(
        (
            through(task_id=task, label_id=labels[folded].pk)
            for task, its in names.items()
            for folded in dict.fromkeys(name.casefold() for name in its)
        ),
        batch_size=_BATCH,
    )


def _lock(label: Label) -> None:
    """Hold the project and read the label anew."""
    project = label.project
    lock_project(project)
    read_anew(label, gone=LabelGone("This label was deleted meanwhile."))
    label.project = project


def _announce(label: Label, change: str, by: User) -> None:
    announce(
        LabelChanged(
            by_id=by.pk,
            project_id=label.project_id,
            project=label.project.name,
            label_id=label.pk,
            label=label.name,
            change=change,
        )
    )
