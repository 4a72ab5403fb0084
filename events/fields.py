"""Fields for what people write down locally: a wall-clock time without a zone, and the rule that repeats it."""

import re
from datetime import UTC, datetime
from typing import Any, TypeVar

import recurrence
import recurrence.forms
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from recurrence.fields import RecurrenceField

PREFIX = "RRULE:"


def parse_local(text: str) -> datetime:
    """A wall-clock time like ``2026-03-02T09:00:00``. Raises ValidationError for anything else, and for an offset."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise ValidationError("Write a local time like 2026-03-02T09:00:00.", code="invalid")
    return require_local(found)


def require_local(value: datetime) -> datetime:
    """``value`` to the second. Raises ValidationError when it has an offset: the zone stands in a field of its own."""
    if value.tzinfo is not None:
        raise ValidationError("Write a local time without offset; the zone stands in `timezone`.", code="offset")
    return value.replace(microsecond=0, fold=0)


class LocalDateTimeFormField(forms.DateTimeField):
    """A wall-clock time in a form; the reader's own zone does not touch it."""

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(timezone.get_fixed_timezone(0)):
            found = super().to_python(value)
        return found.replace(tzinfo=None) if found else None


_Set = TypeVar("_Set")
_Get = TypeVar("_Get")


class LocalDateTimeField(models.Field[_Set, _Get]):
    """A naive wall-clock time (``timestamp`` without time zone); Django's own field knows only instants."""

    description = "Local date and time"
    _pyi_private_set_type: str | datetime
    _pyi_private_get_type: datetime
    _pyi_lookup_exact_type: str | datetime

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "timestamp" if connection.vendor == "postgresql" else "datetime"

    def get_internal_type(self) -> str:
        return "LocalDateTimeField"  # not DateTimeField, whose SQLite converter would make it an instant

    def to_python(self, value: Any) -> datetime | None:
        if value is None or value == "":
            return None
        return require_local(value) if isinstance(value, datetime) else parse_local(value)

    def get_prep_value(self, value: Any) -> Any:
        return self.to_python(super().get_prep_value(value))

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002  Django's signature
        value = value if prepared else self.get_prep_value(value)
        # Always whole seconds, so SQLite's text order is the order of time.
        return value if value is None or connection.vendor == "postgresql" else value.isoformat(sep=" ")

    def value_to_string(self, obj: models.Model) -> str:
        value: datetime | None = self.value_from_object(obj)  # type: ignore[assignment]
        return value.isoformat() if value else ""

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": LocalDateTimeFormField, **kwargs})


def _as_picked(match: re.Match[str]) -> str:
    """The widget turns the day somebody picked into the instant of its midnight; this turns it back."""
    try:
        picked = timezone.localtime(datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC))
    except (ValueError, OverflowError):  # no day at all, or one before the first there is
        return match[0]
    return f"UNTIL={picked:%Y%m%dT%H%M%S}".removesuffix("T000000")


class RuleFormField(recurrence.forms.RecurrenceField):
    """django-recurrence's form field and widget, giving the rule as plain text: ``FREQ=WEEKLY;BYDAY=MO``.

    Its own parser reads UNTIL in the reader's zone and forgets it on writing beside a COUNT, so the text passes it by;
    what the text may say is judged by ``events.recurrence`` together with the event's start and zone.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.is_required = False

    def clean(self, value: str | None) -> str:
        lines = (value or "").split()
        if any(not line.startswith(PREFIX) for line in lines):
            raise ValidationError("Dates to add or leave out are kept beside the rule, not in it.", code="not_a_rule")
        if len(lines) > 1:
            raise ValidationError("An event follows one rule.", code="several_rules")
        return re.sub(r"UNTIL=(\d{8}T\d{6})Z", _as_picked, lines[0].removeprefix(PREFIX)) if lines else ""

    def prepare_value(self, value: Any) -> Any:
        return f"{PREFIX}{value}" if value and not value.startswith(PREFIX) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or "") != (data or "").strip().removeprefix(PREFIX)


class RuleField(RecurrenceField, models.Field[str, str]):
    """django-recurrence's column and widget, read as plain text: ``FREQ=WEEKLY;BYDAY=MO;COUNT=10``, or nothing.

    Stored is one RRULE line and never DTSTART, EXDATE or RDATE: the stock field turns those (and UNTIL) into UTC,
    which moves a New York event by an hour in March and its weekday in the evening.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"include_dtstart": False, **kwargs})

    def contribute_to_class(self, cls: type[models.Model], *args: Any, **kwargs: Any) -> None:
        # Past RecurrenceField's own, whose descriptor parses on every assignment and breaks defer() and only().
        super(RecurrenceField, self).contribute_to_class(cls, *args, **kwargs)

    def to_python(self, value: Any) -> str | None:
        if isinstance(value, recurrence.Recurrence):
            value = recurrence.serialize(value)
        return value.removeprefix(PREFIX) if isinstance(value, str) else value

    def from_db_value(self, value: str | None, *args: Any) -> str | None:
        return self.to_python(value)

    def get_prep_value(self, value: Any) -> str | None:
        text = self.to_python(value)
        return f"{PREFIX}{text}" if text else text

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": RuleFormField, **kwargs})
