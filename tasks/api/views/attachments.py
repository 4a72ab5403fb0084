import logging
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import ConflictSerializer, conflicts
from estateman.common.api.downloads import Download
from estateman.common.api.negotiation import AnyAnswerWillDo
from estateman.common.api.parsing import UploadParser
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, DOCUMENT_IN_USE
from tasks.api.serializers.attachments import AttachmentSerializer, UploadSerializer
from tasks.api.views.access import OfTask
from tasks.models import Attachment

logger = logging.getLogger(__name__)


class AttachmentListView(OfTask, generics.ListAPIView[Attachment]):
    """The files of a task and of its comments."""

    queryset = Attachment.objects.none()
    serializer_class = AttachmentSerializer
    parser_classes = (UploadParser,)
    page_order = "id"

    def get_queryset(self) -> QuerySet[Attachment]:
        return self.task.attachments.select_related("uploaded_by")

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses={
            201: AttachmentSerializer,
            413: OpenApiResponse(ConflictSerializer, description="Longer than `UPLOAD_MAX_BYTES` (`too_large`)"),
            **conflicts(ARCHIVED),
        },
    )
    def post(self, request: Request, task_id: int) -> Response:
        """Attach a file, sent as the field `file` of a form.

        400 `unsupported_type` where its type is not taken or not what its name says.
        """
        task, file = self.task, parsed(UploadSerializer, request)["file"]
        attachment = services.attach_file(task, file=file, name=file.name, by=caller(request))
        return Response(AttachmentSerializer(attachment).data, status=status.HTTP_201_CREATED)


class AttachmentView(OfTask, generics.GenericAPIView[Attachment]):
    """One file of a task."""

    queryset = Attachment.objects.none()
    serializer_class = AttachmentSerializer
    content_negotiation_class = AnyAnswerWillDo
    lookup_url_kwarg = "attachment_id"

    def get_queryset(self) -> QuerySet[Attachment]:
        return self.task.attachments.all()

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, **ids: Any) -> HttpResponseBase:
        """The file itself, to be saved under its name; the browser never shows it as a page of ours."""
        attachment = self.get_object()
        try:
            content = attachment.file.open()
        except FileNotFoundError:
            logger.error("The file of attachment %s is missing: %s", attachment.pk, attachment.file.name)
            raise Http404 from None
        return Download(content, name=attachment.name, content_type=attachment.content_type)

    @extend_schema(responses={204: None, **conflicts(DOCUMENT_IN_USE, ARCHIVED)})
    def delete(self, request: Request, **ids: Any) -> Response:
        """Delete it for good, for who uploaded it and for those who manage the project."""
        services.remove_attachment(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
