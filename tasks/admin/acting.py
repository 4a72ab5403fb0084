"""How the admin acts: through the services, row by row."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
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
