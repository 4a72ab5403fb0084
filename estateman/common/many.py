"""Writing thousands of rows in one round trip, where the ORM would compile an expression for each of their values."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections, models, router


def insert_many(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows with these values of ``fields``. The other columns may be null, or the database knows what they hold.

    There are no instances, no ids to know, and no signals.
    """
    columns = _columns(model, fields)
    names, places = ", ".join(map(_quoted, columns)), ", ".join("%s" for _ in columns)
    _execute(model, f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({places})", columns, rows)  # noqa: S608  ours


def update_many(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[tuple[int, Sequence[Any]]], *, also: str = ""
) -> None:
    """Write to each row (by its id) its own values of ``fields``; ``also`` is SQL that sets more, the same for all."""
    columns = _columns(model, [*fields, "id"])
    sets = ", ".join([*(f"{_quoted(field)} = %s" for field in columns[:-1]), *([also] if also else [])])
    statement = f"UPDATE {model._meta.db_table} SET {sets} WHERE id = %s"  # noqa: S608  the names are ours
    _execute(model, statement, columns, ([*values, pk] for pk, values in rows))


def _columns(model: type[models.Model], fields: Sequence[str]) -> list[models.Field[Any, Any]]:
    own = {field.name: field for field in model._meta.concrete_fields}
    return [own[name] for name in fields]


def _quoted(field: models.Field[Any, Any]) -> str:
    return f'"{field.column}"'


def _execute(
    model: type[models.Model], statement: str, columns: list[models.Field[Any, Any]], rows: Iterable[Sequence[Any]]
) -> None:
    connection = connections[router.db_for_write(model)]
    prepared = [
        [field.get_db_prep_save(value, connection) for field, value in zip(columns, values, strict=True)]
        for values in rows
    ]
    if prepared:
        with connection.cursor() as cursor:
            cursor.executemany(statement, prepared)
