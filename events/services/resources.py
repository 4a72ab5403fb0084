"""Verbs on what can be booked."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.common.versions import save_changes
from estateman.people.models import User
from events.activities import BlackoutAdded, BlackoutRemoved, BookingInBlackout, ResourceChanged
from events.models import Blackout, Resource
from events.models.resources import validate_bookable_hours
from events.permissions import can_black_out, can_manage_resources
from events.services.bookings.telling import of_booking
from events.services.lock import lock_resources


class ResourceNameTaken(RuleBroken):
    """Another resource has this name."""

    code = "name_taken"


@transaction.atomic
def create_resource(*, name: str, kind: str, by: User, **fields: Any) -> Resource:
    """``fields`` are those of the model. Raises PermissionDenied, ResourceNameTaken, ValidationError by field."""
    if not can_manage_resources(by):
        raise PermissionDenied
    resource = Resource(name=name, kind=kind, **fields)
    _judge(resource)
    try:
        with transaction.atomic():
            resource.save()
    except IntegrityError:
        raise ResourceNameTaken(f"There is a resource called {name} already.") from None
    announce(ResourceChanged(by_id=by.pk, resource_id=resource.pk, resource=resource.name, change="added"))
    return resource


@transaction.atomic
def change_resource(resource: Resource, *, changes: dict[str, Any], by: User, version: int | None = None) -> Resource:
    """Bookings that stand stay as they are, also in units and hours that it has no more, and when taken out of use.

    Raises PermissionDenied, ResourceNameTaken, VersionConflict, ValidationError by field.
    """
    if not can_manage_resources(by):
        raise PermissionDenied
    for name, value in changes.items():
        setattr(resource, name, value)
    _judge(resource)
    try:
        with transaction.atomic():
            save_changes(resource, changes, version=version)
    except IntegrityError:
        raise ResourceNameTaken(f"There is a resource called {changes['name']} already.") from None
    announce(ResourceChanged(by_id=by.pk, resource_id=resource.pk, resource=resource.name, change="changed"))
    return resource


def _judge(resource: Resource) -> None:
    resource.full_clean(validate_unique=False)
    try:
        validate_bookable_hours(resource.bookable_hours)  # full_clean takes an empty list for no value at all
    except ValidationError as refused:
        raise ValidationError({"bookable_hours": refused.messages}) from None
    if resource.bookers == Resource.Bookers.TEAM and resource.team_id is None:
        raise ValidationError({"team": "Name the team that it is kept for."})


@transaction.atomic
def add_blackout(resource: Resource, *, starts_at: datetime, ends_at: datetime, reason: str = "", by: User) -> Blackout:
    """Close it from ``starts_at`` until ``ends_at``: nothing new is booked then.

    What is booked in that time already stays, and whoever booked it is told. Raises PermissionDenied, ValidationError.
    """
    if not can_black_out(by, resource):
        raise PermissionDenied
    if ends_at <= starts_at:
        raise ValidationError({"ends_at": "A blackout ends after it begins."})
    lock_resources([resource.pk])
    blackout = Blackout(resource=resource, starts_at=starts_at, ends_at=ends_at, reason=reason, created_by=by)
    blackout.clean_fields()
    blackout.save()
    announce(BlackoutAdded(**_of_blackout(blackout, by)))
    standing = resource.bookings.holding().between(starts_at, ends_at).filter(ends_at__gt=clock.now())
    for booking in standing.select_related("event", "resource").order_by("starts_at"):
        announce(BookingInBlackout(**of_booking(booking, booking.event, by=by), reason=reason))
    return blackout


@transaction.atomic
def remove_blackout(blackout: Blackout, *, by: User) -> None:
    """Open it again. Raises PermissionDenied."""
    if not can_black_out(by, blackout.resource):
        raise PermissionDenied
    fact = BlackoutRemoved(**_of_blackout(blackout, by))
    if Blackout.objects.filter(pk=blackout.pk).delete()[0]:
        announce(fact)


def _of_blackout(blackout: Blackout, by: User) -> dict[str, Any]:
    return {
        "by_id": by.pk,
        "resource_id": blackout.resource_id,
        "resource": blackout.resource.name,
        "blackout_id": blackout.pk,
        "starts_at": blackout.starts_at.isoformat(),
        "ends_at": blackout.ends_at.isoformat(),
        "reason": blackout.reason,
    }
