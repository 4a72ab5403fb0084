"""Messages as JSON."""

from typing import Any

from rest_framework import serializers


class _OneLineField(serializers.CharField):
    """A header's text: a line break would start another header."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if len(text.splitlines()) > 1:
            raise serializers.ValidationError("Write this on one line.", code="line_break")
        return text


class EmailSerializer(serializers.Serializer[Any]):
    to = serializers.EmailField()
    subject = _OneLineField(max_length=200)
    text = serializers.CharField(max_length=200_000)
    html = serializers.CharField(max_length=500_000, required=False, default="")


class SendResultSerializer(serializers.Serializer[Any]):
    provider = serializers.CharField()
    provider_message_id = serializers.CharField()
