"""Payments as JSON. Amounts are whole numbers of the currency's smallest unit."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.models import Payment, PaymentOperation
from integrations.money import EXPONENTS, LARGEST_AMOUNT
from integrations.services.payments import Receipt

_LARGEST_ID = 2**63 - 1


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    project = serializers.SerializerMethodField(help_text="The deal's id; null where it belongs to none")
    capturable_minor = serializers.IntegerField(help_text="What is held and may be taken")
    refundable_minor = serializers.IntegerField(help_text="What was taken and not given back")
    can = serializers.ListField(
        child=serializers.ChoiceField(choices=["capture", "cancel", "refund"]), help_text="What may be done with it"
    )

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_project(self, payment: Payment) -> int | None:
        kind, _, ident = payment.room.partition(":")
        return int(ident) if kind == "project" else None

    class Meta:
        model = Payment
        fields: tuple[str, ...] = (
            "id",
            "uuid",
            "integration",
            "provider",
            "amount_minor",
            "currency",
            "captured_minor",
            "refunded_minor",
            "capturable_minor",
            "refundable_minor",
            "status",
            "is_unknown",
            "can",
            "captures_at_once",
            "description",
            "invoice",
            "project",
            "receipt_email",
            "action_url",
            "receipt_url",
            "failure",
            "is_live",
            "ref",
            "idempotency_key",
            "by",
            "created_at",
            "captured_at",
            "updated_at",
        )
        read_only_fields = fields


class PaymentOperationSerializer(serializers.ModelSerializer[PaymentOperation]):
    class Meta:
        model = PaymentOperation
        fields = ("id", "kind", "amount_minor", "state", "error", "key", "by", "created_at", "ended_at")
        read_only_fields = fields


class PaymentWithOperationsSerializer(PaymentSerializer):
    operations = PaymentOperationSerializer(many=True)

    class Meta(PaymentSerializer.Meta):
        fields = (*PaymentSerializer.Meta.fields, "operations")
        read_only_fields = fields


class NewPaymentSerializer(serializers.Serializer[Any]):
    amount_minor = serializers.IntegerField(min_value=1, max_value=LARGEST_AMOUNT)
    currency = serializers.CharField(max_length=3, help_text="ISO 4217, like USD")
    project = serializers.IntegerField(
        min_value=1, max_value=_LARGEST_ID, required=False, allow_null=True, help_text="The deal that it belongs to"
    )
    invoice = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="The invoice's number, or another reference"
    )
    description = serializers.CharField(max_length=300, required=False, allow_blank=True)
    method = serializers.CharField(
        max_length=255,
        required=False,
        allow_blank=True,
        help_text="The vendor's token of how the payer pays, like pm_…; blank where they choose at the vendor",
    )
    capture = serializers.BooleanField(default=True, help_text="False to hold the money and capture it later")
    receipt_email = serializers.EmailField(required=False, allow_blank=True)
    return_url = serializers.URLField(
        max_length=500, required=False, allow_blank=True, help_text="Where the payer comes back to from the vendor"
    )
    integration = serializers.IntegerField(min_value=1, max_value=_LARGEST_ID, required=False, allow_null=True)
    provider = serializers.CharField(max_length=40, required=False, allow_blank=True)

    def validate_currency(self, code: str) -> str:
        if code.upper() not in EXPONENTS:
            raise serializers.ValidationError("Write the currency as in ISO 4217, like USD.")
        return code.upper()


class PartSerializer(serializers.Serializer[Any]):
    amount_minor = serializers.IntegerField(
        min_value=1, max_value=LARGEST_AMOUNT, required=False, allow_null=True, help_text="All there is when left out"
    )


class ReceiptSerializer(serializers.Serializer[Receipt]):
    number = serializers.CharField()
    office = serializers.CharField()
    paid_at = serializers.DateTimeField(allow_null=True)
    purpose = serializers.CharField()
    invoice = serializers.CharField()
    currency = serializers.CharField()
    paid = serializers.CharField(help_text="A decimal, like 1250.00")
    refunded = serializers.CharField()
    total = serializers.CharField(help_text="What was paid less what was given back")
    provider = serializers.CharField()
    provider_ref = serializers.CharField()
    is_test = serializers.BooleanField(help_text="No money moved")
    email = serializers.CharField()
