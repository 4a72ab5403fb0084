"""Concurrent edits: every editable row counts its versions, and a stale writer is told."""

from typing import Any

from django.db import models
from django.db.models import F

from estateman.common.errors import VersionConflict


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
    same = type(row)._default_manager.filter(pk=row.pk)
    guarded = same if version is None else same.filter(version=version)
    if not guarded.update(**changes, version=F("version") + 1):
        current = same.values("version", *changes).get()
        raise VersionConflict("This was changed by somebody else meanwhile. Look at it again.", current=current)
    row.version = same.values_list("version", flat=True).get()
    for name, value in changes.items():
        setattr(row, name, value)
