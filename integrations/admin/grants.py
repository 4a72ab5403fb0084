"""People's connected accounts in the admin: connect one's own, see and disconnect everybody's. No token is shown."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from estateman.common.admin import ReadOnly
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from estateman.people.permissions import can_manage_integrations
from integrations import services
from integrations.accounts import asks_people
from integrations.models import Grant, Integration


def connect_account(request: HttpRequest, pk: int) -> HttpResponse:
    """The button under an integration's form: on to the vendor's page, and back to the form."""
    by = cast(User, request.user)  # the admin lets in nobody but users
    integration = get_object_or_404(Integration.objects.visible_to(by), pk=pk)
    try:
        return redirect(services.ask_consent(integration, by=by))
    except RuleBroken as refused:
        messages.error(request, refused.detail)
        return redirect("admin:integrations_integration_change", pk)


def account_facts(integration: Integration) -> dict[str, Any]:
    """What stands under the form of an integration that acts for people; nothing under others."""
    if not asks_people(integration):
        return {}
    grants = Grant.objects.filter(integration=integration).select_related("user").order_by("pk")
    rows = [
        [
            str(grant.user),
            grant.created_at.strftime("%d %b %Y"),
            "has to connect again" if grant.needs_consent else "connected",
        ]
        for grant in grants
    ]
    return {
        "redirect_uri": services.redirect_uri(),
        "connect": reverse("admin:integrations_integration_connect", args=[integration.pk]),
        "accounts": {"headers": ["Who", "Since", "State"], "rows": rows},
        "all_accounts": f"{reverse('admin:integrations_grant_changelist')}?integration__id__exact={integration.pk}",
    }


@admin.register(Grant)
class GrantAdmin(ReadOnly, ModelAdmin):
    """Who allowed us what, until when; it is given at the vendor and ended here."""

    list_display = ("user", "integration", "needs_consent", "created_at", "expires_at", "refreshed_at")
    list_filter = ("integration", "needs_consent")
    list_select_related = ("user", "integration")
    fields = ("user", "integration", "scopes", "needs_consent", "created_at", "expires_at", "refreshed_at")
    actions = ("disconnect",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grant]:
        return Grant.objects.visible_to(cast(User, request.user))

    def has_disconnect_permission(self, request: HttpRequest) -> bool:
        return can_manage_integrations(cast(User, request.user))

    @admin.action(description="Disconnect", permissions=["disconnect"])
    def disconnect(self, request: HttpRequest, grants: QuerySet[Grant]) -> None:
        for grant in grants.select_related("user", "integration"):
            try:
                services.revoke_grant(grant, by=cast(User, request.user))
            except PermissionDenied:
                self.message_user(request, f"{grant} is not yours to disconnect.", messages.ERROR)
            else:
                self.message_user(request, f"Disconnected: {grant}.", messages.SUCCESS)
