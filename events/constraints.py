"""The database's own refusal of two bookings over one resource, in the words of each database."""

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table

_POSTGRES = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    "ALTER TABLE %(table)s ADD CONSTRAINT {name} EXCLUDE USING gist "
    "({equal}, tstzrange(blocked_from, blocked_until, '[)') WITH &&) WHERE (status IN ({states}))",
)
_TRIGGER = """CREATE TRIGGER {{name}}_{verb} BEFORE {event} ON %(table)s WHEN NEW.status IN ({{states}})
BEGIN SELECT RAISE(ABORT, '{{name}}') WHERE EXISTS (
    SELECT 1 FROM %(table)s WHERE {{same_place}} AND status IN ({{states}}) AND id IS NOT {same}
    AND blocked_from < NEW.blocked_until AND blocked_until > NEW.blocked_from
); END"""
_SQLITE = (
    _TRIGGER.format(verb="insert", event="INSERT", same="NULL"),
    _TRIGGER.format(verb="update", event="UPDATE OF {columns}, status, blocked_from, blocked_until", same="NEW.id"),
)
_POSTGRES_DROP = ("ALTER TABLE %(table)s DROP CONSTRAINT {name}",)


class NoOverlap(models.BaseConstraint):
    """No two rows in ``states`` at a time, from ``blocked_from`` until before ``blocked_until``, with equal ``over``.

    PostgreSQL keeps an exclusion constraint and SQLite two triggers. Both fail with an IntegrityError that bears
    ``name``, so a service catches it by name and needs to know nothing of the database. Being a constraint of the
    model, it stands in the migration like any other, and a later migration that rebuilds the SQLite table makes the
    triggers anew.
    """

    def __init__(
        self,
        *,
        name: str,
        states: tuple[str, ...],
        over: tuple[str, ...] = ("resource",),
        violation_error_message: str | None = None,
    ) -> None:
        self.states, self.over = tuple(states), tuple(over)
        super().__init__(name=name, violation_error_message=violation_error_message)

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        making = _POSTGRES if schema_editor.connection.vendor == "postgresql" else _SQLITE
        # After the table exists under its final name; nothing stands inside CREATE TABLE.
        schema_editor.deferred_sql.extend(self._statements(making, model, schema_editor))
        return ""

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        self.constraint_sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        # Only PostgreSQL asks: on SQLite Django rebuilds the table, and the triggers go with the old one.
        return self._statements(_POSTGRES_DROP, model, schema_editor)[0]

    def _statements(
        self, texts: tuple[str, ...], model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> list[Statement]:
        table = Table(model._meta.db_table, schema_editor.quote_name)
        fields = [cast("models.Field[Any, Any]", model._meta.get_field(name)) for name in self.over]
        columns = [str(field.column) for field in fields]
        said = {
            "name": self.name,
            "states": ", ".join(f"'{state}'" for state in self.states),
            "columns": ", ".join(columns),
            "equal": ", ".join(f"{column} WITH =" for column in columns),
            "same_place": " AND ".join(f"{column} = NEW.{column}" for column in columns),
        }
        return [Statement(text.format(**said), table=table) for text in texts]

    def validate(self, model: type[models.Model], instance: Any, exclude: Any = None, using: str = "default") -> None:
        """For forms; the race is decided by the database. Raises ValidationError."""
        if instance.status not in self.states or not (instance.blocked_from and instance.blocked_until):
            return
        others = (
            model._default_manager.using(using)
            .exclude(pk=instance.pk)
            .filter(
                **{name: getattr(instance, name) for name in self.over},
                status__in=self.states,
                blocked_from__lt=instance.blocked_until,
                blocked_until__gt=instance.blocked_from,
            )
        )
        if others.exists():
            raise ValidationError(self.get_violation_error_message(), code=self.violation_error_code)

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, tuple(args), {**kwargs, "states": self.states, "over": self.over}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NoOverlap) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.name, self.states, self.over))
