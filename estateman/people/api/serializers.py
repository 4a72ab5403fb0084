from typing import Any, ClassVar

from knox.models import AuthToken
from rest_framework import serializers

from estateman.people.models import Team, TeamMembership, User


class UserSerializer(serializers.ModelSerializer[User]):
    """A colleague, as everyone in the office may see them."""

    class Meta:
        model = User
        fields = ("id", "name", "email", "role", "timezone", "phone", "locale", "is_active", "version")
        read_only_fields = fields


class ProfileSerializer(serializers.ModelSerializer[User]):
    """What people change about themselves."""

    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")

    class Meta:
        model = User
        fields = ("name", "timezone", "phone", "locale", "version")


class LoginSerializer(serializers.Serializer[dict[str, Any]]):
    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False, max_length=256, write_only=True)


class SignedInSerializer(serializers.Serializer[dict[str, Any]]):
    token = serializers.CharField(help_text="Shown this once; send it as Authorization: Bearer <token>")
    expires_at = serializers.DateTimeField()
    user = UserSerializer()


class TokenSerializer(serializers.ModelSerializer[AuthToken]):
    """A token by the first characters of it; the rest is kept as a hash only."""

    id = serializers.CharField(source="token_key", read_only=True)
    created_at = serializers.DateTimeField(source="created", read_only=True)
    expires_at = serializers.DateTimeField(source="expiry", read_only=True)
    is_current = serializers.SerializerMethodField()

    class Meta:
        model = AuthToken
        fields = ("id", "created_at", "expires_at", "is_current")

    def get_is_current(self, token: AuthToken) -> bool:
        return bool(token == self.context["request"].auth)


class MembershipSerializer(serializers.ModelSerializer[TeamMembership]):
    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True))
    name = serializers.CharField(source="user.name", read_only=True)

    class Meta:
        model = TeamMembership
        fields = ("user", "name", "is_lead")


class MemberToRemoveSerializer(serializers.Serializer[dict[str, Any]]):
    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.all())


class TeamSerializer(serializers.ModelSerializer[Team]):
    members = MembershipSerializer(source="memberships", many=True, read_only=True)

    class Meta:
        model = Team
        fields = ("id", "name", "members", "version")
        read_only_fields = ("members", "version")
        # Whether a name is taken is the service's rule, which answers 409.
        extra_kwargs: ClassVar[dict[str, Any]] = {"name": {"validators": []}}


class TeamChangeSerializer(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=80, required=False)
    version = serializers.IntegerField(required=False, min_value=1)
