"""Integrations in the admin: a form per provider, a test button, the log. No secret is ever shown."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from estateman.common.admin import ReadOnly
from estateman.people.auth import caller
from estateman.people.models import User
from integrations import health, services
from integrations.admin.forms import CONFIG, CREDENTIAL, IntegrationForm, form_for
from integrations.admin.grants import account_facts, connect_account
from integrations.admin.health import breaker_words, health_facts, lag_words
from integrations.admin.messages import send_test, test_message_facts
from integrations.models import Integration, IntegrationLog, Kind, Mode, Payment, Status
from integrations.registry import Provider, all_providers, find_provider
from integrations.schema import settings_of

COLOURS = {
    Status.ACTIVE: "success",
    Status.DISABLED: "info",
    Status.FAILING: "danger",
    Status.NEEDS_CREDENTIALS: "warning",
}


@admin.register(Integration)
class IntegrationAdmin(ModelAdmin):
    list_display = ("name", "kind", "provider", "mode", "state", "score", "breaker", "webhook_lag", "last_success_at")
    list_filter = ("kind", "provider", "mode", "status")
    search_fields = ("name",)
    actions = ("test_now",)
    change_form_outer_after_template = "integrations/admin/after_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Integration]:
        return Integration.objects.existing()

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page = super().get_changelist_instance(request)
        reports = health.reports(page.result_list)
        for integration in page.result_list:
            integration.report = reports[integration.pk]
        return page

    @display(  # type: ignore[untyped-decorator]  # unfold has no types
        description="Status", ordering="status", label=COLOURS
    )
    def state(self, integration: Integration) -> tuple[str, str]:
        status = Status(integration.shown_status)
        return status, status.label

    @admin.display(description="Health")
    def score(self, integration: Any) -> str:
        return f"{integration.report.score} of 100"

    @admin.display(description="Breaker")
    def breaker(self, integration: Any) -> str:
        return breaker_words(integration.report)

    @admin.display(description="Webhooks wait", empty_value="")
    def webhook_lag(self, integration: Any) -> str:
        return lag_words(integration.report)

    def get_urls(self) -> list[URLPattern]:
        test = require_POST(self.admin_site.admin_view(self.test_view))
        connect = require_POST(self.admin_site.admin_view(connect_account))
        send_it = require_POST(self.admin_site.admin_view(send_test))
        own = [
            path("<int:pk>/test/", test, name="integrations_integration_test"),
            path("<int:pk>/connect/", connect, name="integrations_integration_connect"),
            path("<int:pk>/send-test/", send_it, name="integrations_integration_send_test"),
        ]
        return [*own, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """First the provider is chosen, then its own form is filled in."""
        provider = find_provider(request.GET.get("provider", ""))
        if provider or not self.has_add_permission(request):
            asks_people = provider is not None and provider.oauth is not None
            more = {"redirect_uri": services.redirect_uri()} if asks_people else {}
            given: HttpResponse = super().add_view(request, form_url, {**(extra_context or {}), **more})
            return given
        context = {
            **self.admin_site.each_context(request),
            "title": "Add integration",
            "opts": self.opts,
            "groups": _providers_by_kind(),
        }
        return render(request, "integrations/admin/choose_provider.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        found = self.get_queryset(request).filter(pk=object_id).first()
        more = {"integration_facts": _facts(found, caller(request))} if found else {}
        context = {**(extra_context or {}), **more}
        page: HttpResponse = super().change_view(request, object_id, form_url, context)
        return page

    def get_fieldsets(self, request: HttpRequest, obj: Integration | None = None) -> Any:
        provider = _provider(request, obj)
        if provider is None or not self._may_edit(request, obj):
            return [(None, {"fields": ("name", "provider", "mode", "status", "config")})]
        config = [CONFIG + setting.name for setting in settings_of(provider.config)]
        credentials = [CREDENTIAL + each.name for each in provider.credentials]
        parts = [
            (provider.label, ["name", "mode", "priority", "calls_per_minute", "enabled"]),
            ("Settings", config),
            ("Credentials", credentials),
        ]
        return [(title, {"fields": fields}) for title, fields in parts if fields]

    def get_form(self, request: HttpRequest, obj: Integration | None = None, change: Any = None, **kwargs: Any) -> Any:
        provider = _provider(request, obj)
        if provider is None or not self._may_edit(request, obj):
            return super().get_form(request, obj, change, **kwargs)
        return form_for(provider, obj)

    def has_change_permission(self, request: HttpRequest, obj: Integration | None = None) -> bool:
        known = obj is None or find_provider(obj.provider) is not None
        return known and super().has_change_permission(request, obj)

    def _may_edit(self, request: HttpRequest, obj: Integration | None) -> bool:
        if obj is None:
            return bool(self.has_add_permission(request))
        return self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Integration, form: IntegrationForm, change: Any) -> None:
        if change:
            kept = Integration.objects.get(pk=obj.pk)
            services.edit_integration(kept, changes=form.changes, credentials=form.credentials, by=caller(request))
            return
        created = services.create_integration(
            provider=form.provider_found.name,
            name=form.cleaned_data["name"],
            mode=form.cleaned_data["mode"],
            priority=form.cleaned_data["priority"],
            calls_per_minute=form.cleaned_data["calls_per_minute"],
            config=form.config,
            credentials=form.credentials,
            by=caller(request),
        )
        if not form.cleaned_data["enabled"]:
            services.edit_integration(created, changes={"status": Status.DISABLED}, by=caller(request))
        obj.__dict__.update(created.__dict__)

    def delete_model(self, request: HttpRequest, obj: Integration) -> None:
        services.delete_integration(obj, by=caller(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Integration]) -> None:
        for integration in queryset:
            services.delete_integration(integration, by=caller(request))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Deleting keeps the logs, so nothing goes along; a payment that is not over stands in its way."""
        unsettled = [str(payment) for payment in Payment.objects.unsettled().filter(integration__in=objs)]
        return [f"{one}, with its credentials" for one in objs], {}, set(), unsettled

    @admin.action(description="Test now", permissions=["change"])
    def test_now(self, request: HttpRequest, integrations: QuerySet[Integration]) -> None:
        for integration in integrations:
            self._test(request, integration)

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button under the form."""
        integration = self.get_object(request, str(pk))
        if integration is None or not self.has_change_permission(request, integration):
            raise Http404
        self._test(request, integration)
        return redirect("admin:integrations_integration_change", pk)

    def _test(self, request: HttpRequest, integration: Integration) -> None:
        found = services.test_integration(integration, by=caller(request))
        level = messages.SUCCESS if found.ok else messages.ERROR
        self.message_user(request, f"{integration}: {found.detail}", level)


def _providers_by_kind() -> list[tuple[str, list[Provider]]]:
    """The label of each kind with its providers, those that can be live first."""
    ordered = sorted(all_providers(), key=lambda each: (Mode.LIVE not in each.modes, each.label))
    return [(kind.label, [each for each in ordered if each.kind == kind]) for kind in Kind]


def _provider(request: HttpRequest, integration: Integration | None) -> Provider | None:
    return find_provider(integration.provider if integration else request.GET.get("provider", ""))


def _facts(integration: Integration, by: User) -> dict[str, Any]:
    """What stands under the form: the health and the last calls."""
    calls = IntegrationLog.objects.filter(integration=integration).order_by("-started_at", "-pk")[:10]
    rows = [
        [
            call.started_at.strftime("%d %b %H:%M:%S UTC"),
            call.operation,
            "ok" if call.ok else call.error_kind,
            f"{call.duration_ms} ms",
            call.detail[:200],
        ]
        for call in calls
    ]
    logs = reverse("admin:integrations_integrationlog_changelist")
    return {
        "account": account_facts(integration),
        "status": Status(integration.shown_status).label,
        **health_facts(integration),
        "calls": {"headers": ["At", "Operation", "Outcome", "Took", "Detail"], "rows": rows},
        "all_calls": f"{logs}?integration__id__exact={integration.pk}",
        "test": reverse("admin:integrations_integration_test", args=[integration.pk]),
        "test_message": test_message_facts(integration, by),
    }


@admin.register(IntegrationLog)
class IntegrationLogAdmin(ReadOnly, ModelAdmin):
    """What was done is history: nobody adds, edits or deletes it here."""

    list_display = (
        "started_at",
        "integration",
        "operation",
        "ok",
        "error_kind",
        "duration_ms",
        "correlation_id",
        "short_detail",
    )
    list_filter = (
        "ok",
        "operation",
        "error_kind",
        "integration",
        ("started_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_select_related = ("integration",)
    search_fields = ("detail", "correlation_id")
    ordering = ("-started_at", "-pk")

    @admin.display(description="Detail")
    def short_detail(self, log: IntegrationLog) -> str:
        return log.detail if len(log.detail) <= 120 else f"{log.detail[:120]}…"
