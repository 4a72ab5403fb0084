"""What was said about tasks, and the files of tasks, to be looked at."""

from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline

from estateman.common.admin import ReadOnly
from estateman.people.models import User
from tasks.models import Attachment, CommentRevision, TaskComment


class RevisionInline(ReadOnly, TabularInline):
    model = CommentRevision
    verbose_name_plural = "what it said before"
    fields = readonly_fields = ("body", "by", "at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CommentRevision]:
        return cast("QuerySet[CommentRevision]", super().get_queryset(request).select_related("by"))


@admin.register(TaskComment)
class CommentAdmin(ReadOnly, ModelAdmin):
    list_display = ("created_at", "author", "task", "words", "edited_at", "deleted_at")
    list_filter = (("deleted_at", admin.EmptyFieldListFilter), ("edited_at", admin.EmptyFieldListFilter))
    search_fields = ("body", "task__name", "author__name")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    fields = ("task", "author", "body", "created_at", "edited_at", "deleted_at", "version")
    inlines = (RevisionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaskComment]:
        """A private project's are its members', in the admin too."""
        visible = TaskComment.objects.visible_to(cast("User", request.user))
        return visible.select_related("author", "task")

    @admin.display(description="says")
    def words(self, comment: TaskComment) -> str:
        return comment.body[:100]


@admin.register(Attachment)
class AttachmentAdmin(ReadOnly, ModelAdmin):
    list_display = ("name", "task", "content_type", "size_bytes", "uploaded_by", "uploaded_at")
    list_filter = ("content_type",)
    search_fields = ("name", "task__name", "uploaded_by__name", "sha256")
    date_hierarchy = "uploaded_at"
    ordering = ("-id",)
    fields = ("fetch", "task", "content_type", "size_bytes", "sha256", "uploaded_by", "uploaded_at")
    readonly_fields = ("fetch",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attachment]:
        """A private project's are its members', in the admin too."""
        visible = Attachment.objects.visible_to(cast("User", request.user))
        return visible.select_related("task", "uploaded_by")

    @admin.display(description="file")
    def fetch(self, attachment: Attachment) -> str:
        url = reverse("attachment", args=[attachment.task_id, attachment.pk])
        return format_html('<a href="{}">{}</a>', url, attachment.name)
