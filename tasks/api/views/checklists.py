from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, DOCUMENT_NEEDED, ITEM_GONE, NOTHING_TO_REVIEW, STALE
from tasks.api.serializers.checklists import (
    ChecklistItemChangeSerializer,
    ChecklistItemSerializer,
    DocumentSerializer,
    ItemActSerializer,
    NewChecklistItemSerializer,
    NotApplicableSerializer,
    ReviewSerializer,
)
from tasks.api.views.access import OfTask
from tasks.models import ChecklistItem

_REJECTED = OpenApiExample("Reject it", {"accept": False, "note": "Page 3 is not signed."}, request_only=True)


class ChecklistView(OfTask, generics.ListAPIView[ChecklistItem]):
    """A task's checklist, from top to bottom."""

    queryset = ChecklistItem.objects.none()
    serializer_class = ChecklistItemSerializer
    page_order = "position"

    def get_queryset(self) -> QuerySet[ChecklistItem]:
        return self.task.checklist.select_related("document", "done_by")

    @extend_schema(
        request=NewChecklistItemSerializer,
        responses={201: ChecklistItemSerializer, **conflicts(ARCHIVED)},
    )
    def post(self, request: Request, task_id: int) -> Response:
        """Put something on it, at the end unless `position` says where."""
        task, asked = self.task, parsed(NewChecklistItemSerializer, request)
        item = services.add_checklist_item(task, **asked, by=caller(request))
        return Response(ChecklistItemSerializer(item).data, status=status.HTTP_201_CREATED)


class OfItem(OfTask, generics.GenericAPIView[ChecklistItem]):
    """A view of one line of a checklist."""

    queryset = ChecklistItem.objects.none()
    serializer_class = ChecklistItemSerializer
    lookup_url_kwarg = "item_id"

    def get_queryset(self) -> QuerySet[ChecklistItem]:
        return self.task.checklist.all()


class ChecklistItemView(OfItem):
    """One line of a checklist."""

    @extend_schema(
        request=ChecklistItemChangeSerializer,
        responses={200: ChecklistItemSerializer, **conflicts(STALE, DOCUMENT_NEEDED, ITEM_GONE, ARCHIVED)},
    )
    def patch(self, request: Request, **ids: Any) -> Response:
        """Change its text, its place or what it asks for; less than before only those who manage the project."""
        item, changes = self.get_object(), parsed(ChecklistItemChangeSerializer, request, partial=True)
        version = changes.pop("version", None)
        services.edit_checklist_item(item, by=caller(request), changes=changes, version=version)
        return Response(ChecklistItemSerializer(item).data)

    @extend_schema(responses={204: None, **conflicts(ITEM_GONE, ARCHIVED)})
    def delete(self, request: Request, **ids: Any) -> Response:
        """Take it off the checklist; what is required only those who manage the project."""
        services.remove_checklist_item(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ChecklistItemDoneView(OfItem):
    """Ticking a line."""

    @extend_schema(
        request=ItemActSerializer,
        responses={200: ChecklistItemSerializer, **conflicts(DOCUMENT_NEEDED, STALE, ITEM_GONE, ARCHIVED)},
    )
    def post(self, request: Request, **ids: Any) -> Response:
        """Tick it; a second time changes nothing. One that needs a review waits for it then."""
        item, asked = self.get_object(), parsed(ItemActSerializer, request)
        return Response(ChecklistItemSerializer(services.do_checklist_item(item, **asked, by=caller(request))).data)


class ChecklistItemNotApplicableView(OfItem):
    """Setting a line aside."""

    @extend_schema(
        request=NotApplicableSerializer,
        responses={200: ChecklistItemSerializer, **conflicts(STALE, ITEM_GONE, ARCHIVED)},
    )
    def post(self, request: Request, **ids: Any) -> Response:
        """It does not apply, for a `reason`; that settles it, required or not."""
        item, asked = self.get_object(), parsed(NotApplicableSerializer, request)
        item = services.dismiss_checklist_item(item, **asked, by=caller(request))
        return Response(ChecklistItemSerializer(item).data)


class ChecklistItemReopenView(OfItem):
    """Taking a line up again."""

    @extend_schema(
        request=ItemActSerializer,
        responses={200: ChecklistItemSerializer, **conflicts(STALE, ITEM_GONE, ARCHIVED)},
    )
    def post(self, request: Request, **ids: Any) -> Response:
        """Take it up again, whatever settled it; its document stays in the slot."""
        item, asked = self.get_object(), parsed(ItemActSerializer, request)
        item = services.reopen_checklist_item(item, **asked, by=caller(request))
        return Response(ChecklistItemSerializer(item).data)


class ChecklistItemDocumentView(OfItem):
    """Filling the slot of a line."""

    @extend_schema(
        request=DocumentSerializer,
        responses={200: ChecklistItemSerializer, **conflicts(STALE, ITEM_GONE, ARCHIVED)},
    )
    def post(self, request: Request, **ids: Any) -> Response:
        """Put a file of the task into its slot, which does it."""
        item, asked = self.get_object(), parsed(DocumentSerializer, request)
        return Response(ChecklistItemSerializer(services.file_document(item, **asked, by=caller(request))).data)


class ChecklistItemReviewView(OfItem):
    """Looking over what was done."""

    @extend_schema(
        request=ReviewSerializer,
        responses={200: ChecklistItemSerializer, **conflicts(NOTHING_TO_REVIEW, STALE, ITEM_GONE, ARCHIVED)},
        examples=[_REJECTED],
    )
    def post(self, request: Request, **ids: Any) -> Response:
        """Accept it, or reject it with a `note`: it is open again then.

        For those who manage the project, and for whose part in the deal is compliance.
        """
        item, asked = self.get_object(), parsed(ReviewSerializer, request)
        item = services.review_checklist_item(item, **asked, by=caller(request))
        return Response(ChecklistItemSerializer(item).data)
