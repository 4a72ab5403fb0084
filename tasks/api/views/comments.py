from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, COMMENT_GONE, STALE
from tasks.api.serializers.comments import (
    CommentChangeSerializer,
    CommentSerializer,
    NewCommentSerializer,
    RevisionSerializer,
)
from tasks.api.views.access import OfTask
from tasks.models import CommentRevision, Emoji, TaskComment
from tasks.permissions import can_read_revisions

_NAMING = OpenApiExample(
    "Ask somebody",
    {"body": "@alex, the *appraiser* wants the key on Friday.", "attachments": [12]},
    request_only=True,
)
_EMOJI = OpenApiParameter("emoji", str, OpenApiParameter.PATH, enum=Emoji.values)


class CommentListView(OfTask, generics.ListAPIView[TaskComment]):
    """What was said about a task, the oldest first."""

    queryset = TaskComment.objects.none()
    serializer_class = CommentSerializer
    page_order = "id"
    page_orders = ("id",)

    def get_queryset(self) -> QuerySet[TaskComment]:
        return self.task.comments.for_display()

    @extend_schema(
        request=NewCommentSerializer,
        responses={201: CommentSerializer, **conflicts(ARCHIVED)},
        examples=[_NAMING],
    )
    def post(self, request: Request, task_id: int) -> Response:
        """Say something in markdown; whom it names with an @ is told, and so is who has or watches the task."""
        task, asked = self.task, parsed(NewCommentSerializer, request)
        return answer(services.comment_on_task(task, **asked, by=caller(request)), request, status.HTTP_201_CREATED)


class OfComment(OfTask, generics.GenericAPIView[TaskComment]):
    """A view of one comment."""

    queryset = TaskComment.objects.none()
    serializer_class = CommentSerializer
    lookup_url_kwarg = "comment_id"

    def get_queryset(self) -> QuerySet[TaskComment]:
        return self.task.comments.for_display()


class CommentView(OfComment):
    """One comment."""

    def get(self, request: Request, **ids: Any) -> Response:
        """One comment."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        request=CommentChangeSerializer,
        responses={200: CommentSerializer, **conflicts(STALE, COMMENT_GONE, ARCHIVED)},
    )
    def patch(self, request: Request, **ids: Any) -> Response:
        """Say it otherwise, for who said it; what it said stays as a revision."""
        comment, asked = self.get_object(), parsed(CommentChangeSerializer, request, partial=True)
        return answer(services.edit_comment(comment, **asked, by=caller(request)), request)

    @extend_schema(responses={204: None, **conflicts(ARCHIVED)})
    def delete(self, request: Request, **ids: Any) -> Response:
        """Take its words away, for who said it and for those who manage the project; its place stays."""
        services.delete_comment(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RevisionListView(OfTask, generics.ListAPIView[CommentRevision]):
    """What a comment said before, the oldest first.

    Of a deleted one only who said it and those who manage the project may read on.
    """

    queryset = CommentRevision.objects.none()
    serializer_class = RevisionSerializer
    page_order = "id"

    def get_queryset(self) -> QuerySet[CommentRevision]:
        comment = self.task.comments.filter(pk=self.kwargs["comment_id"]).first()
        if comment is None:
            raise Http404
        if not can_read_revisions(caller(self.request), comment):
            raise PermissionDenied
        return comment.revisions.select_related("by")


class ReactionView(OfComment):
    """My reaction to a comment."""

    @extend_schema(
        parameters=[_EMOJI],
        request=None,
        responses={200: CommentSerializer, **conflicts(COMMENT_GONE, ARCHIVED)},
    )
    def put(self, request: Request, emoji: str, **ids: Any) -> Response:
        """Put it under the comment; a second time changes nothing."""
        comment = self.get_object()
        return answer(services.react_to_comment(comment, emoji=known(emoji), by=caller(request)), request)

    @extend_schema(parameters=[_EMOJI], request=None, responses={204: None, **conflicts(ARCHIVED)})
    def delete(self, request: Request, emoji: str, **ids: Any) -> Response:
        """Take it back; where there is none, nothing happens."""
        services.withdraw_reaction(self.get_object(), emoji=known(emoji), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def known(emoji: str) -> Emoji:
    """The one that is meant, with or without the mark that asks for its colours. Raises Http404 for any other."""
    bare = emoji.removesuffix("\N{VARIATION SELECTOR-16}")
    for each in Emoji:
        if each.removesuffix("\N{VARIATION SELECTOR-16}") == bare:
            return each
    raise Http404


def answer(comment: TaskComment, request: Request, code: int = status.HTTP_200_OK) -> Response:
    """The comment as it stands now."""
    fresh = TaskComment.objects.for_display().get(pk=comment.pk)
    return Response(CommentSerializer(fresh, context={"request": request}).data, status=code)
