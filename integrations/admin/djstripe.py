"""dj-stripe's admin, made safe: what would leave for Stripe or store a key in clear can only be looked at."""

from django.contrib.admin import AdminSite
from djstripe.models import APIKey, WebhookEndpoint
from unfold.admin import ModelAdmin

from estateman.common.admin import ReadOnly


class WebhookEndpointAdmin(ReadOnly, ModelAdmin):
    """dj-stripe's own form makes, changes and deletes the endpoint on the live Stripe account."""

    fields = ("id", "livemode", "djstripe_owner_account", "url", "status", "api_version", "created")
    list_display = ("__str__", "djstripe_owner_account", "livemode", "status", "api_version")
    list_select_related = ("djstripe_owner_account",)
    search_fields = ("id", "url")


class APIKeyAdmin(ReadOnly, ModelAdmin):
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
