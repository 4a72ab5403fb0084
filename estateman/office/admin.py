"""Other people's admins in the house's dress: on plain Django's, unfold shows inputs without a border.

This app is the last of the installed ones, so all others have registered theirs by now.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django_celery_beat.admin import PeriodicTaskAdmin, PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import PeriodicTask
from knox.models import AuthToken
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget


def dressed(theirs: type[admin.ModelAdmin[Any]]) -> type[admin.ModelAdmin[Any]]:
    """The same admin, on unfold's, and its inlines likewise."""
    inlines = [_dressed_inline(inline) for inline in theirs.inlines]
    return type(theirs.__name__, (theirs, ModelAdmin), {"inlines": inlines})


def _dressed_inline(theirs: Any) -> Any:
    if issubclass(theirs, TabularInline | StackedInline):
        return theirs
    ours = TabularInline if issubclass(theirs, admin.TabularInline) else StackedInline
    return type(theirs.__name__, (theirs, ours), {})


class JobSelectWidget(UnfoldAdminSelectWidget, TaskSelectWidget):
    """Unfold's looks, celery-beat's choices."""


class ScheduledJobForm(PeriodicTaskForm):
    """celery-beat declares these two fields by hand, so no admin gives them their widgets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = JobSelectWidget()


class ScheduledJobAdmin(dressed(PeriodicTaskAdmin)):  # type: ignore[misc]
    form = ScheduledJobForm


class TokenAdmin(ModelAdmin):
    """Who is signed in from where. Deleting one revokes it; new ones are made by signing in."""

    fields = list_display = ("user", "token_key", "created", "expiry")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


OURS: dict[Any, type[admin.ModelAdmin[Any]]] = {PeriodicTask: ScheduledJobAdmin, AuthToken: TokenAdmin}


def dress(site: admin.AdminSite) -> None:
    """Register every admin again that is not on unfold's yet."""
    for model, theirs in list(site._registry.items()):
        if not isinstance(theirs, ModelAdmin):
            site.unregister(model)
            site.register(model, OURS.get(model) or dressed(type(theirs)))


dress(admin.site)
