from typing import Any

from rest_framework import serializers

from estateman.common import clock
from estateman.people.models import Team
from tasks.api.fields import ColumnField, RolesSerializer, staff_field, template_field
from tasks.models import BoardColumn, Label, Project, ProjectMember


class ProjectSerializer(serializers.ModelSerializer[Project]):
    """A deal as it stands; ``tasks_open`` and ``tasks_done`` count its tasks, ``starred`` is the asker's own."""

    starred = serializers.BooleanField(read_only=True)
    tasks_open = serializers.IntegerField(read_only=True)
    tasks_done = serializers.IntegerField(read_only=True)

    class Meta:
        model = Project
        fields = (
            "id",
            "name",
            "kind",
            "status",
            "address",
            "client_names",
            "timezone",
            "starts_on",
            "calendar",
            "date_profile",
            "team",
            "is_private",
            "starred",
            "tasks_open",
            "tasks_done",
            "created_by",
            "created_at",
            "archived_at",
            "version",
        )
        read_only_fields = fields


class _ProjectFields(serializers.ModelSerializer[Project]):
    starts_on = serializers.DateField(required=False, help_text="Today, where it is not said")
    timezone = serializers.CharField(
        required=False,
        max_length=64,
        validators=[clock.validate_zone],
        help_text="Where the property stands; that of who opens it, where it is not said",
    )
    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), required=False, allow_null=True)


class NewProjectSerializer(_ProjectFields):
    """What a deal is opened with. ``roles`` join it, and get the tasks of ``template``."""

    template = template_field(required=False, allow_null=True)
    roles = RolesSerializer(required=False)

    class Meta:
        model = Project
        fields = (
            "name",
            "kind",
            "status",
            "address",
            "client_names",
            "timezone",
            "starts_on",
            "calendar",
            "date_profile",
            "team",
            "is_private",
            "template",
            "roles",
        )


class ProjectChangeSerializer(_ProjectFields):
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")

    class Meta:
        model = Project
        fields = (
            "name",
            "kind",
            "status",
            "address",
            "client_names",
            "timezone",
            "starts_on",
            "calendar",
            "date_profile",
            "team",
            "is_private",
            "version",
        )


class LabelSerializer(serializers.ModelSerializer[Label]):
    class Meta:
        model = Label
        fields = ("id", "project", "name", "color")
        read_only_fields = fields


class LabelInputSerializer(serializers.ModelSerializer[Label]):
    class Meta:
        model = Label
        fields = ("name", "color")


class MoveToSerializer(serializers.Serializer[dict[str, Any]]):
    move_to = ColumnField(required=False, help_text="Where its cards go, in their order")


class MemberSerializer(serializers.ModelSerializer[ProjectMember]):
    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")

    class Meta:
        model = ProjectMember
        fields = ("user", "name", "email", "role", "deal_role", "joined_at")
        read_only_fields = fields


class NewMemberSerializer(serializers.ModelSerializer[ProjectMember]):
    user = staff_field()

    class Meta:
        model = ProjectMember
        fields = ("user", "role", "deal_role")


class MemberChangeSerializer(serializers.ModelSerializer[ProjectMember]):
    class Meta:
        model = ProjectMember
        fields = ("role", "deal_role")


class ColumnSerializer(serializers.ModelSerializer[BoardColumn]):
    """``group`` says what standing here means: in ``done`` a task is completed."""

    class Meta:
        model = BoardColumn
        fields = ("id", "project", "name", "group", "wip_limit", "wip_is_hard", "position")
        read_only_fields = fields


class ColumnInputSerializer(serializers.ModelSerializer[BoardColumn]):
    wip_limit = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=10_000)
    position = serializers.IntegerField(required=False, min_value=0, max_value=1000, help_text="0 is the leftmost")

    class Meta:
        model = BoardColumn
        fields = ("name", "group", "wip_limit", "wip_is_hard", "position")
