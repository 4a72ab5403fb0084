from typing import Any

from rest_framework import serializers

from tasks.api.fields import AttachmentField
from tasks.models import ChecklistItem


class ChecklistItemSerializer(serializers.ModelSerializer[ChecklistItem]):
    """One line of a checklist. ``is_settled``: done and, where it needs one, reviewed; or not applicable."""

    is_settled = serializers.BooleanField()
    document_name = serializers.SerializerMethodField()
    done_by_name = serializers.SerializerMethodField()

    class Meta:
        model = ChecklistItem
        fields = (
            "id",
            "task",
            "text",
            "position",
            "is_required",
            "needs_document",
            "needs_review",
            "state",
            "is_settled",
            "reason",
            "document",
            "document_name",
            "done_by",
            "done_by_name",
            "done_at",
            "review",
            "reviewed_by",
            "reviewed_at",
            "review_note",
            "version",
        )
        read_only_fields = fields

    def get_document_name(self, item: ChecklistItem) -> str:
        return str(item.document or "")

    def get_done_by_name(self, item: ChecklistItem) -> str:
        return str(item.done_by or "")


class _ItemFields(serializers.Serializer[dict[str, Any]]):
    position = serializers.IntegerField(
        required=False, min_value=0, max_value=10_000, help_text="Counted from 0; at the end where it is not said"
    )
    is_required = serializers.BooleanField(required=False, help_text="The task is not completed before it is settled")
    needs_document = serializers.BooleanField(required=False, help_text="It is done by putting a file into its slot")
    needs_review = serializers.BooleanField(required=False, help_text="Once done it is accepted or rejected")


class NewChecklistItemSerializer(_ItemFields):
    text = serializers.CharField(max_length=300)


class ChecklistItemChangeSerializer(_ItemFields):
    text = serializers.CharField(required=False, max_length=300)
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")


class ItemActSerializer(serializers.Serializer[dict[str, Any]]):
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")


class NotApplicableSerializer(ItemActSerializer):
    reason = serializers.CharField(max_length=300, help_text="Why it does not apply")


class DocumentSerializer(ItemActSerializer):
    attachment = AttachmentField(help_text="A file of the same task")


class ReviewSerializer(ItemActSerializer):
    accept = serializers.BooleanField(required=True)
    note = serializers.CharField(
        default="", allow_blank=True, max_length=300, help_text="What is wrong with it; needed to reject it"
    )
