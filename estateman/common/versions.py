"""Concurrent edits: every editable row counts its versions, and a stale writer is told."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models import F

from estateman.common.errors import VersionConflict
from estateman.common.many import update_many


class Versioned(models.Model):
    """A row that people edit. ``version`` grows by one with every change."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


def save_changes(row: Versioned, changes: dict[str, Any], *, version: int | None = None) -> None:
    """Write just ``changes`` (field name to value) and count the version up, in one conditional UPDATE.

    With ``version`` given, raises VersionConflict when the row has moved on since; without it the last writer wins,
    field by field. ``row`` carries the new values afterwards.
    """
    # The base manager: the default one may leave out just what is being written, a deleted task for one.
    same = type(row)._base_manager.filter(pk=row.pk)
    guarded = same if version is None else same.filter(version=version)
    if not guarded.update(**changes, version=F("version") + 1):
        current = same.values("version", *changes).get()
        raise VersionConflict("This was changed by somebody else meanwhile. Look at it again.", current=current)
    row.version = same.values_list("version", flat=True).get()
    for name, value in changes.items():
        setattr(row, name, value)


def save_many(model: type[Versioned], fields: Sequence[str], rows: Iterable[tuple[int, Sequence[Any]]]) -> None:
    """Write to each row (by its id) its own values of ``fields`` and count its version up, in one round trip.

    The rows are taken to be locked. This is for thousands of rows that differ: ``bulk_update`` would write each value
    into a CASE of one statement, which takes the database many times as long to read.
    """
    update_many(model, fields, rows, also="version = version + 1")
