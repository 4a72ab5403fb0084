"""How the admin acts: through the services, row by row."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin

from estateman.common.errors import RuleBroken


def each(act: Callable[..., Any], rows: QuerySet[Any], site_admin: ModelAdmin, request: HttpRequest) -> None:
    """Call the service for each row; say which of them a rule stands in the way of."""
    done = 0
    for row in rows:
        try:
            act(row, by=request.user)
        except RuleBroken as rule:
            site_admin.message_user(request, f"{row}: {rule.detail}", messages.ERROR)
        else:
            done += 1
    if done:
        site_admin.message_user(request, f"Done: {done}.")


def changes_of(form: ModelForm[Any]) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in form.changed_data}


class TellingRefusals(ModelAdmin):
    """Where a rule stands in the way of saving, nothing is saved, and the form says why."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return cast("HttpResponse", super().changeform_view(request, *args, **kwargs))
        except RuleBroken as rule:
            self.message_user(request, rule.detail, messages.ERROR)
        except ValidationError as mistake:
            self.message_user(request, " ".join(mistake.messages), messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())
