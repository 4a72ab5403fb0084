"""What the admins of this app have in common: rows are changed by services, and a broken rule is a message."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin

from estateman.common.errors import RuleBroken
from estateman.people.models import User


class ThroughServices(ModelAdmin):
    """An admin whose ``save_model`` calls services."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Cancelled or put away instead: what hangs on it is somebody's history."""
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The rule that a service found broken is told to the person; nothing of the form was saved then."""
        try:
            return cast("HttpResponse", super().changeform_view(request, *args, **kwargs))
        except (RuleBroken, ValidationError) as refused:
            self.message_user(request, _sentence(refused), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


def _sentence(refused: RuleBroken | ValidationError) -> str:
    return refused.detail if isinstance(refused, RuleBroken) else " ".join(refused.messages)


def changes_of(form: ModelForm[Any]) -> dict[str, Any]:
    """What somebody changed in the form."""
    return {name: form.cleaned_data[name] for name in form.changed_data}


def staff(request: HttpRequest) -> User:
    return cast("User", request.user)


def each(act: Callable[..., Any], rows: Iterable[Any], shown_by: ModelAdmin, request: HttpRequest) -> None:
    """Call the service for each row; say which of them a rule stands in the way of."""
    done = 0
    for row in rows:
        try:
            act(row, by=staff(request))
            done += 1
        except RuleBroken as rule:
            shown_by.message_user(request, f"{row}: {rule.detail}", messages.ERROR)
    if done:
        shown_by.message_user(request, f"Done: {done}.")
