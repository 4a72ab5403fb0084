"""Fields that look rows up through the user: what they may not see does not exist for them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from estateman.people.models import User
from tasks.models import Attachment, BoardColumn, DealRole, KeyDate, Label, Project, ProjectTemplate, Task


class ShortList(serializers.ListField):
    """At most ``max_length`` things that are looked up one by one: of more none is."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class ProjectField(serializers.PrimaryKeyRelatedField[Project]):
    """A project the caller may see."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Project.objects.all(), **kwargs)

    def get_queryset(self) -> QuerySet[Project]:
        return Project.objects.visible_to(self.context["request"].user)


class ColumnField(serializers.PrimaryKeyRelatedField[BoardColumn]):
    """A column of a board the caller may see; whether the right one is the service's rule."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=BoardColumn.objects.all(), **kwargs)

    def get_queryset(self) -> QuerySet[BoardColumn]:
        visible = Project.objects.visible_to(self.context["request"].user)
        return BoardColumn.objects.filter(project__in=visible)


class LabelField(serializers.PrimaryKeyRelatedField[Label]):
    """A label of a project the caller may see; whether the right one is the service's rule."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Label.objects.all(), **kwargs)

    def get_queryset(self) -> QuerySet[Label]:
        return Label.objects.filter(project__in=Project.objects.visible_to(self.context["request"].user))


class TaskField(serializers.PrimaryKeyRelatedField[Task]):
    """A task the caller may see."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Task.objects.all(), **kwargs)

    def get_queryset(self) -> QuerySet[Task]:
        return Task.objects.visible_to(self.context["request"].user)


class AttachmentField(serializers.PrimaryKeyRelatedField[Attachment]):
    """A file of a task the caller may see; whether the right one is the service's rule."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Attachment.objects.all(), **kwargs)

    def get_queryset(self) -> QuerySet[Attachment]:
        return Attachment.objects.visible_to(self.context["request"].user)


class KeyDateField(serializers.PrimaryKeyRelatedField[KeyDate]):
    """A key date of a project the caller may see; whether the right one is the service's rule."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=KeyDate.objects.all(), **kwargs)

    def get_queryset(self) -> QuerySet[KeyDate]:
        return KeyDate.objects.visible_to(self.context["request"].user)


def staff_field(**kwargs: Any) -> serializers.PrimaryKeyRelatedField[User]:
    """Somebody who works here."""
    return serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True), **kwargs)


def template_field(**kwargs: Any) -> serializers.PrimaryKeyRelatedField[ProjectTemplate]:
    """A template that is offered."""
    return serializers.PrimaryKeyRelatedField(queryset=ProjectTemplate.objects.offered(), **kwargs)


class RolesSerializer(serializers.Serializer[dict[str, User]]):
    """Who plays which part in the deal: deal role to user id."""

    listing_agent = staff_field(required=False)
    buyer_agent = staff_field(required=False)
    coordinator = staff_field(required=False)
    compliance = staff_field(required=False)
    marketing = staff_field(required=False)
    assistant = staff_field(required=False)

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(DealRole.values) if isinstance(data, Mapping) else set()
        if unknown:
            raise serializers.ValidationError(
                {str(name): "There is no such part in a deal." for name in sorted(map(str, unknown))}
            )
        return super().to_internal_value(data)
