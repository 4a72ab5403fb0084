"""dj-stripe's admin, made safe: whatever it mirrors can only be looked at.

Its own pages call Stripe by a key of their own, past the door: they cancel subscriptions, read everything anew, make
and delete endpoints. Some of their addresses ask for no permission but that of entering the admin. None of them is
kept, nor the forms, for what is written there is overwritten by what Stripe tells next.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, JSONField, Model
from djstripe.admin import StripeModelAdmin
from djstripe.models import APIKey, WebhookEndpoint
from unfold.admin import ModelAdmin

from estateman.common.admin import ReadOnly

_Column = str | Callable[[Any], Any]
_NOT_IN_WHAT_IS_TOLD = {("Account", "business_url"), ("Charge", "fee")}
"""Columns of dj-stripe's that are put together from other rows, or from deeper inside."""


class WebhookEndpointAdmin(ReadOnly, ModelAdmin):
    """dj-stripe's own form makes, changes and deletes the endpoint on the live Stripe account."""

    fields = ("id", "livemode", "djstripe_owner_account", "url", "status", "api_version", "created")
    list_display = ("id", "djstripe_owner_account_id", "livemode", "status", "api_version")
    search_fields = ("id", "url")
    actions = None


class APIKeyAdmin(ReadOnly, ModelAdmin):
    """dj-stripe keeps a key in clear; ours are sealed with the integration they belong to."""

    fields = ("name", "type", "livemode", "djstripe_owner_account", "created")
    list_display = ("name", "type", "livemode", "djstripe_owner_account_id")
    search_fields = ("name",)
    actions = None


_GUARDED: dict[type[Model], type[ModelAdmin]] = {WebhookEndpoint: WebhookEndpointAdmin, APIKey: APIKeyAdmin}


def guard(site: AdminSite) -> None:
    """Put a guarded admin in the place of each of dj-stripe's."""
    for model, theirs in list(site._registry.items()):
        if model._meta.app_label == "djstripe":
            site.unregister(model)
            site.register(model, _GUARDED.get(model) or _looked_at(model, theirs))


def _looked_at(model: type[Model], theirs: admin.ModelAdmin[Any]) -> type[ModelAdmin]:
    """An admin that shows, filters and finds rows by what ``theirs`` does, as far as that asks nothing more."""
    listed, filtered, found = (*theirs.list_display,), (*theirs.list_filter,), (*theirs.search_fields,)
    if isinstance(theirs, StripeModelAdmin):
        listed = ("id", "djstripe_owner_account", *listed, "created", "livemode")
        filtered, found = (*filtered, "created", "livemode"), (*found, "id")
    options = {
        "list_display": list(_columns(model, listed)),
        "list_filter": [each for each in dict.fromkeys(filtered) if _is_filtered_by(model, each)],
        "search_fields": [each for each in dict.fromkeys(found) if _is_found_by(model, each)],
        "actions": None,
    }
    return type(f"{model.__name__}Admin", (ReadOnly, ModelAdmin), options)


def _columns(model: type[Model], names: tuple[Any, ...]) -> Iterator[_Column]:
    """Other rows by their id, which stands in the row itself: to name them each would have to be read."""
    for name in dict.fromkeys(names):
        field = _field_or_none(model, name)
        if field is not None:
            yield field.attname
        elif _is_told(model, name):
            yield _told(name)


def _is_told(model: type[Model], name: str) -> bool:
    is_property = isinstance(getattr(model, name, None), property) and hasattr(model, "stripe_data")
    return is_property and (model.__name__, name) not in _NOT_IN_WHAT_IS_TOLD


def _told(name: str) -> _Column:
    """What Stripe said under that name. dj-stripe's properties may read other rows, or raise where it said nothing."""

    @admin.display(description=name.replace("_", " ").capitalize())
    def column(row: Any) -> Any:
        return row.stripe_data.get(name)

    column.__name__ = name
    return column


def _is_filtered_by(model: type[Model], name: str) -> bool:
    field = _field_or_none(model, name)
    return field is not None and not field.is_relation


def _is_found_by(model: type[Model], lookup: str) -> bool:
    field = _field_or_none(model, lookup.split("__", maxsplit=1)[0])
    return field is not None and not isinstance(field, JSONField) and ("__" in lookup or not field.is_relation)


def _field_or_none(model: type[Model], name: str) -> "Field[Any, Any] | None":
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) else None
