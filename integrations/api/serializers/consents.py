"""People's connected accounts, and the calendars there, as JSON. Tokens never come out."""

from typing import Any

from rest_framework import serializers

from integrations.models import Grant


class ConnectSerializer(serializers.Serializer[Any]):
    return_to = serializers.CharField(
        max_length=500,
        required=False,
        default="",
        allow_blank=True,
        help_text="Path of this site to come back to; else the integration's page in the admin",
    )


class ConsentPageSerializer(serializers.Serializer[Any]):
    authorize_url = serializers.CharField(help_text="The vendor's page, to be opened in the caller's browser")
    redirect_uri = serializers.CharField(help_text="Where the vendor sends them back to; it has to be registered there")


class GrantSerializer(serializers.ModelSerializer[Grant]):
    user_name = serializers.CharField(source="user.name")
    connected_at = serializers.DateTimeField(source="created_at")
    scopes = serializers.SerializerMethodField()

    def get_scopes(self, grant: Grant) -> list[str]:
        return grant.scopes.split()

    class Meta:
        model = Grant
        fields = ("user", "user_name", "scopes", "connected_at", "expires_at", "refreshed_at", "needs_consent")
        read_only_fields = fields
        extra_kwargs = {"expires_at": {"help_text": "When the access token ends; it is renewed by itself"}}


class RemoteCalendarSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    timezone = serializers.CharField(help_text="Empty where the provider does not say")
    color = serializers.CharField()
    is_primary = serializers.BooleanField()
    may_write = serializers.BooleanField()
