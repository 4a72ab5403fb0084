"""Integrations in the admin. No secret is ever shown."""

from django.contrib import admin

from integrations.admin import djstripe
from integrations.admin.integrations import IntegrationAdmin, IntegrationLogAdmin

djstripe.guard(admin.site)

__all__ = ["IntegrationAdmin", "IntegrationLogAdmin"]
