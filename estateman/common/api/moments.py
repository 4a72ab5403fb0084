"""Moments in the filters of lists."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField


class _MomentField(IsoDateTimeField):
    """At the ends of the calendar an offset leads out of it, where the database would fail."""

    def clean(self, value: Any) -> datetime | None:
        found: datetime | None = super().clean(value)
        try:
            return found.astimezone(UTC) if found else None
        except OverflowError:
            raise ValidationError(forms.DateTimeField.default_error_messages["invalid"], code="invalid") from None


class MomentFilter(filters.IsoDateTimeFilter):
    """An instant like ``2026-03-02T09:00:00Z``."""

    field_class = _MomentField
