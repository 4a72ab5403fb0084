from collections import Counter
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from estateman.common.markdown import rendered
from tasks.api.fields import AttachmentField, ShortList
from tasks.api.serializers.attachments import AttachmentSerializer
from tasks.models import CommentRevision, Emoji, TaskComment


class ReactionSerializer(serializers.Serializer[dict[str, Any]]):
    emoji = serializers.ChoiceField(choices=Emoji.choices)
    count = serializers.IntegerField()
    mine = serializers.BooleanField(help_text="I am one of them")


class CommentSerializer(serializers.ModelSerializer[TaskComment]):
    """A comment as it stands. One that is deleted keeps its place and has no words, files and reactions."""

    author_name = serializers.SerializerMethodField()
    body_html = serializers.SerializerMethodField(help_text="Safe to show as it is")
    mentions = serializers.SerializerMethodField()
    attachments = AttachmentSerializer(many=True)
    reactions = serializers.SerializerMethodField()

    class Meta:
        model = TaskComment
        fields = (
            "id",
            "task",
            "author",
            "author_name",
            "body",
            "body_html",
            "mentions",
            "attachments",
            "reactions",
            "created_at",
            "edited_at",
            "deleted_at",
            "version",
        )
        read_only_fields = fields

    def get_author_name(self, comment: TaskComment) -> str:
        return str(comment.author or "")

    def get_body_html(self, comment: TaskComment) -> str:
        return rendered(comment.body)

    def get_mentions(self, comment: TaskComment) -> list[int]:
        return [each.user_id for each in comment.mentioned.all()]

    @extend_schema_field(ReactionSerializer(many=True))
    def get_reactions(self, comment: TaskComment) -> list[dict[str, Any]]:
        """By emoji, first given first."""
        me, given = self.context["request"].user.pk, comment.reactions.all()
        mine = {each.emoji for each in given if each.user_id == me}
        counted = Counter(each.emoji for each in given)
        return [{"emoji": emoji, "count": count, "mine": emoji in mine} for emoji, count in counted.items()]


class _CommentFields(serializers.Serializer[dict[str, Any]]):
    attachments = ShortList(child=AttachmentField(), required=False, max_length=20, help_text="Files of the same task")


class NewCommentSerializer(_CommentFields):
    body = serializers.CharField(max_length=20_000, help_text="Markdown; @ and a colleague's name tells them")


class CommentChangeSerializer(_CommentFields):
    body = serializers.CharField(required=False, max_length=20_000)
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")


class RevisionSerializer(serializers.ModelSerializer[CommentRevision]):
    """What a comment said until ``at``, when ``by`` changed or deleted it."""

    body_html = serializers.SerializerMethodField()
    by_name = serializers.SerializerMethodField()

    class Meta:
        model = CommentRevision
        fields = ("id", "body", "body_html", "by", "by_name", "at")
        read_only_fields = fields

    def get_body_html(self, revision: CommentRevision) -> str:
        return rendered(revision.body)

    def get_by_name(self, revision: CommentRevision) -> str:
        return str(revision.by or "")
