"""Fields of the API: local times, moments of a window, and rows looked up through the user."""

import re
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from estateman.people.models import User
from events.fields import parse_local
from events.models import Access, Calendar, Resource
from events.recurrence import instant
from events.services import Invitee

FIRST_YEAR, LAST_YEAR = 1970, 2200
LONGEST_NAME = 120
_WHO = 'Name a colleague like {"user": 7} or a guest like {"email": "…"}.'


@extend_schema_field(
    {"type": "string", "example": "2026-03-02T09:00:00", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$"}
)
class LocalDateTimeField(serializers.Field[datetime, str, str, Any]):
    """Wall-clock time without offset; an offset is refused, since the zone stands in ``timezone``."""

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str):
            raise serializers.ValidationError("Write a local time like 2026-03-02T09:00:00.")
        try:
            found = parse_local(data)
        except ModelValidationError as error:
            raise serializers.ValidationError(error.message, code=error.code) from None
        if not FIRST_YEAR <= found.year < LAST_YEAR:
            raise serializers.ValidationError(f"Dates lie between {FIRST_YEAR} and {LAST_YEAR - 1}.")
        return found

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentField(serializers.Field[datetime, str, str, Any]):
    """An instant with offset; a date, or a time without offset, is taken in the caller's own zone."""

    def to_internal_value(self, data: Any) -> datetime:
        found = self._read(str(data).strip())
        if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise serializers.ValidationError("Write an instant like 2026-03-02T09:00:00Z, or a date.")
        return found if found.tzinfo else self.placed(found)

    def placed(self, local: datetime) -> datetime:
        return instant(local, self.context["request"].user.timezone)

    def _read(self, text: str) -> datetime | None:
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", text) and (day := parse_date(text)):
                return datetime.combine(day, time.min)
            # A plus sign that nobody escaped arrives as a blank.
            return parse_datetime(re.sub(r" (\d\d:\d\d)$", r"+\1", text) if "T" in text else text)
        except ValueError:
            return None

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class CalendarField(serializers.PrimaryKeyRelatedField[Calendar]):
    """A calendar the caller may look into; whether they may write there is the service's rule."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Calendar.objects.all(), **kwargs)

    def get_queryset(self) -> QuerySet[Calendar]:
        return Calendar.objects.visible_to(self.context["request"].user)


def staff_field(**kwargs: Any) -> serializers.PrimaryKeyRelatedField[User]:
    """Somebody who works here."""
    return serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True), **kwargs)


def resource_field(**kwargs: Any) -> serializers.PrimaryKeyRelatedField[Resource]:
    """Something that can be booked."""
    return serializers.PrimaryKeyRelatedField(queryset=Resource.objects.all(), **kwargs)


@extend_schema_field({"type": "string", "enum": list(Access.labels)})
class AccessField(serializers.Field[Access, str, str, Any]):
    """What somebody may do with a calendar, by name."""

    def to_internal_value(self, data: Any) -> Access:
        for access in Access:
            if access.label == data:
                return access
        raise serializers.ValidationError(f"Name one of {', '.join(map(str, Access.labels))}.")

    def to_representation(self, value: int) -> str:
        return str(Access(value).label)


def _named_by(key: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    properties = {key: schema, "is_required": {"type": "boolean", "default": True}, **more}
    return {"type": "object", "properties": properties, "required": [key]}


@extend_schema_field(
    {
        "oneOf": [
            _named_by("user", {"type": "integer"}),
            _named_by("email", {"type": "string", "format": "email"}, name={"type": "string", "maxLength": 120}),
        ]
    }
)
class InviteeField(serializers.Field[Invitee, Any, Any, Any]):
    """``{"user": 7}`` for one of the staff, ``{"email": "…", "name": "…"}`` for a guest; a bare id or address will do.

    ``is_required`` says whether it makes no sense without them.
    """

    def to_internal_value(self, data: Any) -> Invitee:
        asked = dict(data) if isinstance(data, Mapping) else {"user" if type(data) is int else "email": data}
        is_required, name = asked.pop("is_required", True), asked.pop("name", "")
        if type(is_required) is not bool or not isinstance(name, str) or len(name) > LONGEST_NAME or len(asked) != 1:
            raise serializers.ValidationError(_WHO)
        return Invitee(self._who(*asked.items()), name=name.strip(), is_required=is_required)

    def _who(self, named: tuple[str, Any]) -> User | str:
        match named:
            case "user", int(pk) if type(pk) is int and 0 < pk < 2**63:
                user = User.objects.filter(pk=pk, is_active=True).first()
                if user is not None:
                    return user
            case "email", str(email):
                try:
                    validate_email(email)
                except ModelValidationError as error:
                    raise serializers.ValidationError(error.messages) from None
                return email
        raise serializers.ValidationError(_WHO)

    def to_representation(self, value: Invitee) -> Any:
        return {"user": value.who.pk} if isinstance(value.who, User) else {"email": value.who}
