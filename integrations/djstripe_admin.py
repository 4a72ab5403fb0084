"""dj-stripe's admin, made safe: what would leave for Stripe or store a key in clear can only be looked at."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from djstripe.models import APIKey, WebhookEndpoint
from unfold.admin import ModelAdmin


class _LookOnly(ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class WebhookEndpointAdmin(_LookOnly):
    """dj-stripe's own form makes, changes and deletes the endpoint on the live Stripe account."""

    fields = ("id", "livemode", "djstripe_owner_account", "url", "status", "api_version", "created")
    list_display = ("__str__", "djstripe_owner_account", "livemode", "status", "api_version")
    list_select_related = ("djstripe_owner_account",)
    search_fields = ("id", "url")


class APIKeyAdmin(_LookOnly):
    """dj-stripe keeps a key in clear; ours are sealed with the integration they belong to."""

    fields = ("name", "type", "livemode", "djstripe_owner_account", "created")
    list_display = ("name", "type", "livemode", "djstripe_owner_account")
    list_select_related = ("djstripe_owner_account",)
    search_fields = ("name",)


def guard(site: AdminSite) -> None:
    """Put the guarded admins in the place of dj-stripe's."""
    for model, safe in ((WebhookEndpoint, WebhookEndpointAdmin), (APIKey, APIKeyAdmin)):
        site.unregister(model)
        site.register(model, safe)
