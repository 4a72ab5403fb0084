"""Stripe's objects in dj-stripe's tables, so that the admin shows them as Stripe told them.

What Stripe tells in its (verified) events is written into the rows as it stands there. dj-stripe's own
`sync_from_stripe_data` and `Event.process` are not used: they store the API key they are given in clear and fetch
what an object refers to over a connection that is not ours (docs/decisions/0010-stripe-mirror-without-keys.md).
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction
from djstripe.models import Charge, Customer, Event, PaymentIntent, Refund

from integrations.models import Integration

logger = logging.getLogger(__name__)

TOLD_AT = "estateman_told_at"
"""Among an object's data: when the event was made that it is known from (seconds, by Stripe's clock)."""
_MODELS = {"customer": Customer, "payment_intent": PaymentIntent, "charge": Charge, "refund": Refund}
"""What is mirrored, in the order in which one refers to those before it."""
_RANKS = {"pending": 1, "processing": 1, "requires_capture": 2, "succeeded": 3, "failed": 3, "canceled": 3}
_DEEPEST = 8


def mirror(integration: Integration, payload: Any) -> None:
    """Write what the verified event ``payload`` of ``integration`` tells. Never raises: it is a picture, no more.

    Told twice it changes nothing; told late it overwrites nothing that was told later.
    """
    try:
        with transaction.atomic():
            _keep_event(payload)
            for told in _objects_in(payload):
                _keep(told, payload["created"])
    except Exception:
        logger.exception("Stripe's event for %s could not be mirrored", integration)


def _keep_event(payload: Mapping[str, Any]) -> None:
    asked = payload.get("request")
    asked = asked if isinstance(asked, dict) else {"id": asked}
    Event.objects.get_or_create(
        id=payload["id"],
        defaults={
            **_usual(payload),
            "type": payload["type"],
            "api_version": payload.get("api_version") or "",
            "data": payload["data"],
            "request_id": asked.get("id") or "",
            "idempotency_key": asked.get("idempotency_key") or "",
        },
    )


def _objects_in(payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All that can be mirrored of what the event holds, each after what it refers to."""
    told = payload["data"]["object"]
    if payload["type"] == "customer.deleted":
        told = {**told, "deleted": True}
    order = list(_MODELS)
    return sorted(_walk(told, _DEEPEST), key=lambda each: (order.index(each["object"]), each["id"]))


def _walk(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth == 0:
        return
    if isinstance(value, list):
        for each in value:
            yield from _walk(each, depth - 1)
    elif isinstance(value, dict):
        if value.get("object") in _MODELS and value.get("id"):
            yield value
        for each in value.values():
            yield from _walk(each, depth - 1)


def _keep(told: Mapping[str, Any], told_at: int) -> None:
    model = _MODELS[told["object"]]
    record = _record(model, told, told_at)
    if record is None:
        return
    row, is_new = model.objects.get_or_create(id=told["id"], defaults=record)
    if is_new:
        return
    row = model.objects.select_for_update().get(pk=row.pk)
    if _is_older(told, told_at, row.stripe_data):
        return
    for name, value in record.items():
        setattr(row, name, value)
    row.save(update_fields=[*record, "djstripe_updated"])


def _record(model: type[models.Model], told: Mapping[str, Any], told_at: int) -> dict[str, Any] | None:
    """The columns of ``model``; None when what it can't be without is not there."""
    record = _usual({**told, TOLD_AT: told_at})
    for field in model._meta.concrete_fields:
        if field.name in record or field.name.startswith("djstripe_") or field.name not in told:
            continue
        if isinstance(field, models.ForeignKey):
            record[field.attname] = _known(field, told[field.name])
        else:
            record[field.name] = _value(field, told)
    return None if _lacks_something(model, record) else record


def _usual(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "stripe_data": dict(told),
        "livemode": told.get("livemode"),
        "created": datetime.fromtimestamp(told["created"], UTC) if told.get("created") else None,
        "metadata": told.get("metadata"),
    }


def _value(field: Any, told: Mapping[str, Any]) -> Any:
    if hasattr(field, "stripe_to_db"):
        return field.stripe_to_db(told)
    value = told[field.name]
    return "" if value is None and isinstance(field, models.CharField | models.TextField) else value


def _known(field: Any, reference: Any) -> str | None:
    """The id that ``field`` refers to, if we have that object; nothing is fetched for it."""
    ident = reference.get("id") if isinstance(reference, dict) else reference
    target = field.related_model
    return ident if ident and field.target_field.name == "id" and target.objects.filter(id=ident).exists() else None


def _lacks_something(model: type[models.Model], record: Mapping[str, Any]) -> bool:
    """A refund can't be shown before its charge is known; the next event about it brings it again."""
    needed = [field for field in model._meta.concrete_fields if not (field.null or field.has_default())]
    own = [field for field in needed if field.name != "id" and not field.name.startswith("djstripe_")]
    return any(record.get(field.attname) is None for field in own)


def _is_older(told: Mapping[str, Any], told_at: int, kept: Mapping[str, Any]) -> bool:
    """Stripe counts whole seconds: of two events in one, that which is further on is the later."""
    return (told_at, *_progress(told)) < (kept.get(TOLD_AT) or 0, *_progress(kept))


def _progress(told: Mapping[str, Any]) -> tuple[int, ...]:
    amounts = (told.get(name) or 0 for name in ("amount_received", "amount_captured", "amount_refunded"))
    return (_RANKS.get(str(told.get("status")), 0), *amounts)
