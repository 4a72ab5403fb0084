"""Webhooks going out, in the admin. A signing secret is shown once, when it is made."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from estateman.common.admin import ReadOnly
from estateman.common.errors import RuleBroken
from estateman.people.auth import caller
from integrations import services
from integrations.jobs import subscriptions as jobs
from integrations.models import SubscriptionDelivery, WebhookSubscription
from integrations.permissions import can_read_delivery
from integrations.sealing import Secret
from integrations.services.subscriptions import checked_subscription
from integrations.subscriptions.addresses import LONGEST

FIELDS = ("name", "url", "kinds", "is_active")


class SubscriptionForm(forms.ModelForm[WebhookSubscription]):
    """It checks through the services and leaves the saving to them."""

    url = forms.CharField(
        label="URL",
        max_length=LONGEST,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Starts with https://; what is told goes there, signed. Whoever changes it or the kinds owns it",
    )
    kinds = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text="One a line: task.completed, or task.* for all that begin so, or * for everything",
    )
    is_active = forms.BooleanField(
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="Whoever switches it on owns it: it is told what they may see",
    )

    class Meta:
        model = WebhookSubscription
        fields = FIELDS
        widgets = {"name": UnfoldAdminTextInputWidget()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["kinds"] = "\n".join(self.instance.kinds)

    @property
    def values(self) -> dict[str, Any]:
        """What was entered and differs from what is kept."""
        return {name: self.cleaned_data[name] for name in FIELDS if name in self.changed_data or not self.instance.pk}

    def clean_kinds(self) -> list[str]:
        return cast(str, self.cleaned_data["kinds"]).split()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                checked_subscription(values)
            except ValidationError as error:
                self.add_error(None, error)
        return values


@admin.register(WebhookSubscription)
class WebhookSubscriptionAdmin(ModelAdmin):
    list_display = ("name", "url", "is_active", "disabled_because", "failures_in_row", "last_success_at", "owner")
    list_filter = ("is_active",)
    list_select_related = ("owner",)
    search_fields = ("name", "url")
    form = SubscriptionForm
    fields = FIELDS
    readonly_fields = (
        "disabled_because",
        "failing_since",
        "failures_in_row",
        "rests_until",
        "last_success_at",
        "previous_valid_until",
        "owner",
    )
    actions = ("send_test", "take_new_secret", "switch_on")

    def get_fieldsets(self, request: HttpRequest, obj: WebhookSubscription | None = None) -> Any:
        entered = (None, {"fields": FIELDS})
        return [entered, ("How it is doing", {"fields": self.readonly_fields})] if obj else [entered]

    def save_model(self, request: HttpRequest, obj: WebhookSubscription, form: SubscriptionForm, change: Any) -> None:
        if change:
            kept = WebhookSubscription.objects.get(pk=obj.pk)
            services.edit_subscription(kept, changes=form.values, by=caller(request))
            return
        created, secret = services.create_subscription(**form.values, by=caller(request))
        obj.__dict__.update(created.__dict__, new_secret=secret)

    def response_add(
        self, request: HttpRequest, obj: WebhookSubscription, post_url_continue: Any = None
    ) -> HttpResponse:
        return self._show_once(request, {str(obj): obj.__dict__["new_secret"]})

    def delete_model(self, request: HttpRequest, obj: WebhookSubscription) -> None:
        services.delete_subscription(obj, by=caller(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[WebhookSubscription]) -> None:
        for subscription in queryset:
            services.delete_subscription(subscription, by=caller(request))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The log of its deliveries goes along; of what may be many, none is listed."""
        return [f"{one}, with the log of its deliveries" for one in objs], {}, set(), []

    @admin.action(description="Send a test", permissions=["change"])
    def send_test(self, request: HttpRequest, subscriptions: QuerySet[WebhookSubscription]) -> None:
        for subscription in subscriptions:
            try:
                services.send_test_event(subscription, by=caller(request))
            except RuleBroken as refused:
                self.message_user(request, f"{subscription}: {refused.detail}", messages.ERROR)
            else:
                self.message_user(
                    request, f"{subscription}: a test is on its way. Its delivery says what becomes of it."
                )
        jobs.wake()

    @admin.action(description="Take a new signing secret, and own it", permissions=["change"])
    def take_new_secret(self, request: HttpRequest, subscriptions: QuerySet[WebhookSubscription]) -> HttpResponse:
        made = {str(one): services.rotate_secret(one, by=caller(request)) for one in subscriptions}
        return self._show_once(request, made)

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, subscriptions: QuerySet[WebhookSubscription]) -> None:
        for subscription in subscriptions:
            services.edit_subscription(subscription, changes={"is_active": True}, by=caller(request))
        self.message_user(request, "They are told again what you may see.")

    def _show_once(self, request: HttpRequest, made: Mapping[str, Secret]) -> HttpResponse:
        """A page and no message: messages are kept in a cookie or a session until they are seen."""
        context = {
            **self.admin_site.each_context(request),
            "title": "Signing secrets",
            "opts": self.opts,
            "made": [(name, secret.reveal()) for name, secret in made.items()],
        }
        page = render(request, "integrations/admin/new_secrets.html", context)
        add_never_cache_headers(page)
        return page


@admin.register(SubscriptionDelivery)
class SubscriptionDeliveryAdmin(ReadOnly, ModelAdmin):
    """What each address was told, and what became of it."""

    list_display = (
        "created_at",
        "subscription",
        "kind",
        "state",
        "attempts",
        "http_status",
        "duration_ms",
        "last_error",
    )
    list_filter = ("state", "subscription", "kind", ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("subscription",)
    search_fields = ("message_id", "last_error")
    ordering = ("-pk",)
    fields = (
        "subscription",
        "owner",
        "activity",
        "kind",
        "body",
        "state",
        "http_status",
        "duration_ms",
        "last_error",
        "message_id",
        "created_at",
        "delivered_at",
        "attempts",
        "next_attempt_at",
    )
    readonly_fields = ("message_id", "created_at", "delivered_at", "attempts", "next_attempt_at")
    raw_id_fields = ("activity",)
    actions = ("send_again",)

    def get_fields(self, request: HttpRequest, obj: SubscriptionDelivery | None = None) -> Any:
        """What was told is shown to nobody but its owner."""
        may_read = obj is not None and can_read_delivery(caller(request), obj)
        return [name for name in self.fields if name != "body" or may_read]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Nor may it be guessed word by word, from what ``?body__contains=`` finds."""
        return not lookup.startswith("body") and super().lookup_allowed(lookup, value, request)

    @admin.action(description="Send again")
    def send_again(self, request: HttpRequest, deliveries: QuerySet[SubscriptionDelivery]) -> None:
        for delivery in deliveries.select_related("subscription"):
            try:
                services.retry_delivery(delivery, by=caller(request))
            except (RuleBroken, PermissionDenied) as refused:
                self.message_user(request, f"{delivery}: {refused}", messages.ERROR)
            else:
                self.message_user(request, f"{delivery.kind} to {delivery.subscription} is on its way again.")
        jobs.wake()
