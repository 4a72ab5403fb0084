"""Verbs on what can be booked."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from estateman.activity.services import announce
from estateman.common.errors import RuleBroken
from estateman.common.versions import save_changes
from estateman.people.models import User
from events.activities import ResourceChanged
from events.models import Resource
from events.permissions import can_manage_resources


class ResourceNameTaken(RuleBroken):
    """Another resource has this name."""

    code = "name_taken"


@transaction.atomic
def create_resource(*, name: str, kind: str, by: User, **fields: Any) -> Resource:
    """``fields``: capacity, features, location, timezone. Raises ResourceNameTaken."""
    if not can_manage_resources(by):
        raise PermissionDenied
    resource = Resource(name=name, kind=kind, **fields)
    resource.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            resource.save()
    except IntegrityError:
        raise ResourceNameTaken(f"There is a resource called {name} already.") from None
    announce(ResourceChanged(by_id=by.pk, resource_id=resource.pk, resource=resource.name, change="added"))
    return resource


@transaction.atomic
def change_resource(resource: Resource, *, changes: dict[str, Any], by: User, version: int | None = None) -> Resource:
    """Taken out of use (``is_active``), it keeps its bookings and takes no new ones.

    Raises ResourceNameTaken, VersionConflict.
    """
    if not can_manage_resources(by):
        raise PermissionDenied
    try:
        with transaction.atomic():
            save_changes(resource, changes, version=version)
    except IntegrityError:
        raise ResourceNameTaken(f"There is a resource called {changes['name']} already.") from None
    announce(ResourceChanged(by_id=by.pk, resource_id=resource.pk, resource=resource.name, change="changed"))
    return resource
