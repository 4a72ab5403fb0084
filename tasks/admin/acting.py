"""How the admin acts: through the services, row by row."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin

from estateman.common.errors import RuleBroken


def each(act: Callable[..., Any], rows: QuerySet[Any], site_admin: ModelAdmin, request: HttpRequest) -> None:
    """Call the service for each row; say which of them a rule stands in the way of, or are not theirs to touch."""
    done = 0
    for row in rows:
        try:
            act(row, by=request.user)
        except RuleBroken as rule:
            site_admin.message_user(request, f"{row}: {rule.detail}", messages.ERROR)
        except PermissionDenied:
            site_admin.message_user(request, f"{row}: This is not yours to do.", messages.ERROR)
        else:
            done += 1
    if done:
        site_admin.message_user(request, f"Done: {done}.")


def changes_of(form: ModelForm[Any]) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in form.changed_data}


class TellingRefusals(ModelAdmin):
    """Where a rule stands in the way of saving or deleting, nothing is, and the page says why."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._telling(request, partial(super().changeform_view, request, *args, **kwargs))

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._telling(request, partial(super().delete_view, request, *args, **kwargs))

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._telling(request, partial(super().changelist_view, request, *args, **kwargs))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """All of them or none, project by project in the order of their ids."""
        for row in sorted(queryset, key=lambda row: (getattr(row, "project_id", 0), row.pk)):
            self.delete_model(request, row)

    def _telling(self, request: HttpRequest, answer: Callable[[], Any]) -> HttpResponse:
        try:
            return cast("HttpResponse", answer())
        except RuleBroken as rule:
            self.message_user(request, rule.detail, messages.ERROR)
        except ValidationError as mistake:
            self.message_user(request, " ".join(mistake.messages), messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())
