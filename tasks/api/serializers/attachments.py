from typing import Any

from django.urls import reverse
from rest_framework import serializers

from tasks.models import Attachment


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    """A file of a task; ``url`` is where those who may see the task fetch it."""

    url = serializers.SerializerMethodField()
    uploaded_by_name = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = (
            "id",
            "task",
            "comment",
            "name",
            "content_type",
            "size_bytes",
            "sha256",
            "url",
            "uploaded_by",
            "uploaded_by_name",
            "uploaded_at",
        )
        read_only_fields = fields

    def get_url(self, attachment: Attachment) -> str:
        return reverse("attachment", args=[attachment.task_id, attachment.pk])

    def get_uploaded_by_name(self, attachment: Attachment) -> str:
        return str(attachment.uploaded_by or "")


class UploadSerializer(serializers.Serializer[dict[str, Any]]):
    file = serializers.FileField(help_text="Of a type and size that UPLOAD_TYPES and UPLOAD_MAX_BYTES allow")
