"""E-mails and texts in the admin: what became of them, who wants none, and a message to try an integration with."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from estateman.common.admin import ReadOnly
from estateman.common.errors import RuleBroken
from estateman.people.auth import caller
from estateman.people.models import User
from integrations import services
from integrations.jobs import messages as jobs
from integrations.models import Integration, Message, Suppression
from integrations.services.suppressions import is_address

COLOURS = {
    Message.State.QUEUED: "info",
    Message.State.SENDING: "info",
    Message.State.SENT: "success",
    Message.State.UNKNOWN: "warning",
    Message.State.FAILED: "danger",
    Message.State.SUPPRESSED: "warning",
}


WORDS = ("subject", "text", "html", "headers", "calendar")


class TestMessageForm(forms.Form):
    """Where a test message goes; left empty, to oneself."""

    __test__ = False  # pytest, this is no test

    to = forms.CharField(max_length=254, required=False, widget=UnfoldAdminTextInputWidget())


def send_test(request: HttpRequest, pk: int) -> HttpResponse:
    """The form under an integration of e-mail or SMS: sends a message through it, and says how that went."""
    by = caller(request)
    integration = get_object_or_404(Integration.objects.visible_to(by), pk=pk, kind__in=Message.Channel.values)
    form = TestMessageForm(request.POST)
    try:
        found = services.send_test_message(integration, to=form.data.get("to", "").strip()[:254], by=by)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        level = messages.SUCCESS if found.ok else messages.ERROR
        messages.add_message(request, level, f"{integration}: {found.detail}")
    return redirect("admin:integrations_integration_change", pk)


def test_message_facts(integration: Integration, by: User) -> dict[str, Any]:
    """What the form needs; nothing under an integration that sends no messages."""
    if integration.kind not in Message.Channel.values:
        return {}
    own = by.phone if integration.kind == Message.Channel.SMS else by.email
    return {
        "form": TestMessageForm(initial={"to": own}),
        "send": reverse("admin:integrations_integration_send_test", args=[integration.pk]),
    }


@admin.register(Message)
class MessageAdmin(ReadOnly, ModelAdmin):
    """What was said to whom is history; what failed may be sent again."""

    list_display = ("created_at", "channel", "to", "shown_subject", "shown_state", "tracked", "integration", "by")
    list_filter = ("channel", "state", "tracked", "integration", ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("integration", "by")
    search_fields = ("to", "open_subject", "key", "provider_message_id", "correlation_id")
    ordering = ("-pk",)
    readonly_fields = ("shown_subject", "attempts", "next_attempt_at", "tried_at", "sent_at", "created_at")
    raw_id_fields = ("by", "wanted", "integration")
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return Message.objects.with_open_subject()

    def get_fields(self, request: HttpRequest, obj: Message | None = None) -> Any:
        hidden = WORDS if obj and obj.is_private else ("shown_subject",)
        return [name for name in super().get_fields(request, obj) if name not in hidden]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Private words may not be guessed one by one either, from what ``?text__contains=`` finds."""
        return not lookup.startswith(WORDS) and super().lookup_allowed(lookup, value, request)

    @display(description="Subject")  # type: ignore[untyped-decorator]  # unfold has no types
    def shown_subject(self, message: Message) -> str:
        return "kept private" if message.is_private else message.subject

    @display(  # type: ignore[untyped-decorator]  # unfold has no types
        description="State", ordering="state", label=COLOURS
    )
    def shown_state(self, message: Message) -> tuple[str, str]:
        state = Message.State(message.state)
        return state, state.label

    @admin.action(description="Send again")
    def send_again(self, request: HttpRequest, chosen: QuerySet[Message]) -> None:
        for message in chosen:
            try:
                services.send_again(message, by=caller(request))
            except RuleBroken as refused:
                self.message_user(request, f"{message}: {refused.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{message.channel} to {message.to} is on its way again.")
        jobs.wake()


class SuppressionForm(forms.ModelForm[Suppression]):
    """It checks as the service does, and leaves the saving to it."""

    class Meta:
        model = Suppression
        fields = ("channel", "address", "reason", "detail")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not self.errors and not is_address(values["channel"], values["address"]):
            self.add_error("address", "Write an e-mail address, or a number like +12125550123.")
        return values


@admin.register(Suppression)
class SuppressionAdmin(ModelAdmin):
    """Who is not written to. Deleting one lets its address be written to again."""

    list_display = ("address", "channel", "reason", "detail", "created_at")
    list_filter = ("channel", "reason")
    search_fields = ("address",)
    ordering = ("-pk",)
    form = SuppressionForm

    def has_change_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Suppression, form: SuppressionForm, change: Any) -> None:
        kept, _ = services.suppress_address(**form.cleaned_data, by=caller(request))
        obj.__dict__.update(kept.__dict__)

    def delete_model(self, request: HttpRequest, obj: Suppression) -> None:
        services.lift_suppression(obj, by=caller(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        for suppression in queryset:
            services.lift_suppression(suppression, by=caller(request))
