"""What vendors told us, in the admin, and the secrets that prove it, which are never shown."""

import json
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
)

from estateman.common import clock
from estateman.common.admin import ReadOnly
from estateman.common.errors import RuleBroken
from estateman.people.auth import caller
from integrations.jobs import webhooks as jobs
from integrations.models import Integration, WebhookAttempt, WebhookEvent, WebhookSecret
from integrations.registry import all_providers
from integrations.services.webhooks_replay import replay_events
from integrations.services.webhooks_secrets import (
    add_webhook_secret,
    check_webhook_secret,
    delete_webhook_secret,
    end_webhook_secret,
)

State = WebhookEvent.State
COLOURS = {
    State.RECEIVED: "info",
    State.PROCESSED: "success",
    State.IGNORED: "info",
    State.FAILED: "warning",
    State.DEAD: "danger",
}
REPLAY_ALL = "replay_all_that_match"


class WebhookAttemptInline(ReadOnly, TabularInline):
    model = WebhookAttempt
    fields = ("at", "status", "duration_ms", "is_replay", "by", "error")
    ordering = ("-pk",)
    verbose_name_plural = "tries"


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnly, ModelAdmin):
    """What was told is history; it can be processed once more."""

    list_display = ("received_at", "integration", "kind", "state", "times_received", "attempts", "short_error")
    list_filter = ("status", "integration", "is_live", "kind", ("received_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("integration",)
    search_fields = ("provider_event_id", "kind", "correlation_id")
    ordering = ("-received_at", "-pk")
    actions = ("replay", REPLAY_ALL)
    inlines = (WebhookAttemptInline,)
    fields = (
        "integration",
        "kind",
        "provider_event_id",
        "status",
        "last_error",
        "is_live",
        ("occurred_at", "received_at", "processed_at"),
        ("times_received", "attempts", "next_attempt_at"),
        "correlation_id",
        "told",
    )
    readonly_fields = ("told", "next_attempt_at", "attempts")

    @display(  # type: ignore[untyped-decorator]  # unfold has no types
        description="Status", ordering="status", label=COLOURS
    )
    def state(self, event: WebhookEvent) -> tuple[str, str]:
        status = State(event.status)
        return status, status.label

    @admin.display(description="Last error")
    def short_error(self, event: WebhookEvent) -> str:
        return event.last_error if len(event.last_error) <= 120 else f"{event.last_error[:120]}…"

    @admin.display(description="Told, without what is secret")
    def told(self, event: WebhookEvent) -> str:
        return format_html("<pre>{}</pre>", json.dumps(event.payload, indent=2, ensure_ascii=False))

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("integrations.change_webhookevent")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """One of the actions is for all that match, whatever is ticked."""
        if REPLAY_ALL in request.POST.getlist("action"):
            asked = request.POST.copy()
            asked["select_across"] = "1"
            asked.setlist(ACTION_CHECKBOX_NAME, ["0"])
            request.POST = asked  # type: ignore[assignment]  # a QueryDict as well, that can be changed
        page: HttpResponse = super().changelist_view(request, extra_context)
        return page

    @admin.action(description="Replay", permissions=["replay"])
    def replay(self, request: HttpRequest, events: QuerySet[WebhookEvent]) -> None:
        try:
            replayed = replay_events(events, by=caller(request))
        except RuleBroken as refused:
            self.message_user(request, refused.detail, messages.ERROR)
            return
        jobs.wake()
        self.message_user(request, f"{replayed} are being processed once more.")

    @admin.action(description="Replay all that match the filters, ticked or not", permissions=["replay"])
    def replay_all_that_match(self, request: HttpRequest, events: QuerySet[WebhookEvent]) -> None:
        self.replay(request, events)


class WebhookSecretForm(forms.ModelForm[WebhookSecret]):
    """It checks through the services and leaves the saving to them."""

    integration = forms.ModelChoiceField(Integration.objects.none(), widget=UnfoldAdminSelectWidget())
    new_secret = forms.CharField(
        label="Secret",
        required=False,
        max_length=8000,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="As the vendor shows it. Leave it blank where the token is ours to choose: one is made then",
    )
    valid_until = forms.SplitDateTimeField(
        required=False, widget=UnfoldAdminSplitDateTimeWidget(), help_text="Empty: until it is deleted"
    )
    previous_valid_for_hours = forms.IntegerField(
        label="End the others in",
        required=False,
        min_value=0,
        max_value=24 * 90,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text="Hours; empty to leave them as they are",
    )

    class Meta:
        model = WebhookSecret
        fields = ("integration", "valid_until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listening = [provider.name for provider in all_providers() if provider.receives_webhooks]
        choice = cast(forms.ModelChoiceField[Integration], self.fields["integration"])
        choice.queryset = Integration.objects.existing().filter(provider__in=listening).order_by("name")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                check_webhook_secret(
                    values["integration"], secret=values["new_secret"], valid_until=values["valid_until"]
                )
            except forms.ValidationError as error:
                for field, told in error.message_dict.items():
                    self.add_error("new_secret" if field == "secret" else field, told)
        return values


@admin.register(WebhookSecret)
class WebhookSecretAdmin(ModelAdmin):
    """Added and ended, never shown and never edited."""

    list_display = ("integration", "hint", "still_proves", "valid_until", "created_at")
    list_filter = ("integration",)
    list_select_related = ("integration",)
    form = WebhookSecretForm
    actions = ("end_now",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookSecret]:
        return WebhookSecret.objects.filter(integration__deleted_at=None)

    def get_fields(self, request: HttpRequest, obj: WebhookSecret | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("integration", "new_secret", "valid_until", "previous_valid_for_hours")
        return ("integration", "hint", "still_proves", "valid_until", "created_at")

    def has_change_permission(self, request: HttpRequest, obj: WebhookSecret | None = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    @admin.display(description="Proves webhooks", boolean=True)
    def still_proves(self, secret: WebhookSecret) -> bool:
        return secret.is_active

    def save_model(self, request: HttpRequest, obj: WebhookSecret, form: WebhookSecretForm, change: Any) -> None:
        entered = form.cleaned_data
        added = add_webhook_secret(
            entered["integration"],
            secret=entered["new_secret"],
            valid_until=entered["valid_until"],
            previous_valid_for_hours=entered["previous_valid_for_hours"],
            by=caller(request),
        )
        obj.__dict__.update(added.__dict__)

    def delete_model(self, request: HttpRequest, obj: WebhookSecret) -> None:
        delete_webhook_secret(obj, by=caller(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[WebhookSecret]) -> None:
        for secret in queryset:
            delete_webhook_secret(secret, by=caller(request))

    @admin.action(description="End now", permissions=["delete"])
    def end_now(self, request: HttpRequest, secrets: QuerySet[WebhookSecret]) -> None:
        for secret in secrets:
            end_webhook_secret(secret, valid_until=clock.now(), by=caller(request))
        self.message_user(request, "They prove nothing any more.")
