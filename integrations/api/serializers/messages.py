"""Messages as JSON."""

from typing import Any

from rest_framework import serializers

from integrations.models import Integration, Message, Suppression


class _OneLineField(serializers.CharField):
    """A header's text: a line break would start another header."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if len(text.splitlines()) > 1:
            raise serializers.ValidationError("Write this on one line.", code="line_break")
        return text


class _ChosenField(serializers.PrimaryKeyRelatedField[Integration]):
    """One of the integrations that can carry it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(
            queryset=Integration.objects.none(),
            required=False,
            allow_null=True,
            default=None,
            help_text="Send it through this one and no other; left out: whichever accepts it",
        )

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        visible = Integration.objects.visible_to(request.user) if request else Integration.objects.none()
        return visible.filter(kind=self.kind)


class EmailSerializer(serializers.Serializer[Any]):
    to = serializers.EmailField(max_length=254)
    subject = _OneLineField(max_length=200)
    text = serializers.CharField(max_length=200_000)
    html = serializers.CharField(max_length=500_000, required=False, default="")
    integration = _ChosenField("email")


class SmsSerializer(serializers.Serializer[Any]):
    to = serializers.RegexField(
        r"^\+[1-9][0-9]{6,14}\Z", error_messages={"invalid": "Write the number like +12125550123."}
    )
    text = serializers.CharField(max_length=1600)
    integration = _ChosenField("sms")


_WORDS = ("subject", "text", "html", "calendar")


class SendResultSerializer(serializers.ModelSerializer[Message]):
    class Meta:
        model = Message
        fields = ("id", "state", "provider", "provider_message_id")
        read_only_fields = fields


class MessageSerializer(serializers.ModelSerializer[Message]):
    is_private = serializers.BooleanField(
        help_text="A notification, whose subject, text and html are its receiver's alone and empty here"
    )

    class Meta:
        model = Message
        fields = (
            "id",
            "channel",
            "to",
            "subject",
            "is_private",
            "state",
            "tracked",
            "tracked_at",
            "reason",
            "attempts",
            "next_attempt_at",
            "wanted",
            "integration",
            "provider",
            "provider_message_id",
            "correlation_id",
            "by",
            "created_at",
            "sent_at",
        )
        read_only_fields = fields

    def to_representation(self, instance: Message) -> dict[str, Any]:
        told = super().to_representation(instance)
        return told | {name: "" for name in _WORDS if name in told and instance.is_private}


class WholeMessageSerializer(MessageSerializer):
    class Meta:
        model = Message
        fields = (*MessageSerializer.Meta.fields, "key", "text", "html", "calendar")
        read_only_fields = fields


class SuppressionSerializer(serializers.ModelSerializer[Suppression]):
    class Meta:
        model = Suppression
        fields = ("id", "channel", "address", "reason", "detail", "created_at")
        read_only_fields = fields


class NewSuppressionSerializer(serializers.Serializer[Any]):
    channel = serializers.ChoiceField(choices=Message.Channel.choices)
    address = serializers.CharField(max_length=254, help_text="An e-mail address, or a number like +12125550123")
    reason = serializers.ChoiceField(choices=Suppression.Reason.choices, default=Suppression.Reason.UNSUBSCRIBED)
    detail = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)
