"""Verbs on the pages on which visitors book appointments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from estateman.activity.services import announce
from estateman.common.errors import RuleBroken
from estateman.common.versions import save_changes
from estateman.people.models import User, validate_active
from events.activities import BookingPageChanged
from events.models import BookingPage, BookingPageHost, Calendar, Resource
from events.permissions import can_book, can_make_host, can_manage_booking_page, can_write_calendar

TAKEN_BY_ROUTES = frozenset({"appointments"})


class SlugTaken(RuleBroken):
    """Another page has this address."""

    code = "slug_taken"


class BookingPageInUse(RuleBroken):
    """Visitors are expected; ``appointments`` says which."""

    code = "booking_page_in_use"


@dataclass(frozen=True)
class Host:
    """With whom, and the calendar that their appointments go into."""

    user: User
    calendar: Calendar


@transaction.atomic
def create_booking_page(*, hosts: Sequence[Host] = (), by: User, **fields: Any) -> BookingPage:
    """Open a page, with ``by`` as the only host unless others are given; theirs go into their first own calendar.

    ``fields`` are the model's. Raises ValidationError by field, SlugTaken, PermissionDenied for hosts whose time is
    not ``by``'s to give.
    """
    page = BookingPage(created_by=by, **{"timezone": by.timezone, **fields})
    _check(page, by)
    hosts = hosts or [_oneself(by)]
    _check_hosts(hosts, by)
    try:
        with transaction.atomic():
            page.save()
    except IntegrityError:
        raise SlugTaken(f"There is a page at {page.slug} already.") from None
    _write_hosts(page, hosts)
    _announce(page, "opened", by)
    return page


@transaction.atomic
def change_booking_page(
    page: BookingPage, *, changes: dict[str, Any], by: User, version: int | None = None
) -> BookingPage:
    """Change any field, or replace the ``hosts``. Appointments stand as they were booked.

    Raises ValidationError by field, SlugTaken, VersionConflict, PermissionDenied.
    """
    if not can_manage_booking_page(by, page):
        raise PermissionDenied
    changes = {**changes}
    hosts = changes.pop("hosts", None)
    for name, value in changes.items():
        setattr(page, name, value)
    _check(page, by)
    try:
        with transaction.atomic():
            save_changes(page, changes, version=version)
    except IntegrityError:
        raise SlugTaken(f"There is a page at {page.slug} already.") from None
    if hosts is not None:
        _check_hosts(hosts, by, page)
        page.hosts.all().delete()
        _write_hosts(page, hosts)
    _announce(page, "changed", by)
    return page


@transaction.atomic
def delete_booking_page(page: BookingPage, *, by: User) -> None:
    """Close it for good; past appointments stay in the calendars. Raises BookingPageInUse while one is ahead."""
    if not can_manage_booking_page(by, page):
        raise PermissionDenied
    BookingPage.objects.select_for_update(no_key=True).get(pk=page.pk)
    if ids := list(page.appointments.ahead().values_list("pk", flat=True)[:100]):
        raise BookingPageInUse("Visitors are expected. Close the page, or cancel their appointments.", appointments=ids)
    _announce(page, "deleted", by)
    page.delete()


def _check(page: BookingPage, by: User) -> None:
    page.clean_fields(exclude={"created_by", "resource"})
    if page.slug in TAKEN_BY_ROUTES:
        raise ValidationError({"slug": "Choose another address: this one is the house's own."})
    if page.resource:
        _check_resource(page.resource, by)


def _check_resource(resource: Resource, by: User) -> None:
    if resource.needs_approval:
        raise ValidationError({"resource": "What must be approved first cannot be booked along with an appointment."})
    if not can_book(by, resource):
        raise ValidationError({"resource": f"{resource} is not yours to book."})


def _oneself(user: User) -> Host:
    calendar = user.calendars.filter(archived_at=None).order_by("pk").first()
    if calendar is None:
        raise ValidationError({"hosts": "You have no calendar of your own. Open one first."})
    return Host(user, calendar)


def _check_hosts(hosts: Sequence[Host], by: User, page: BookingPage | None = None) -> None:
    if not hosts:
        raise ValidationError({"hosts": "Somebody has to be there."})
    if len({host.user.pk for host in hosts}) < len(hosts):
        raise ValidationError({"hosts": "Name each host once."})
    standing = set(page.hosts.values_list("user", "calendar")) if page else set()
    for host in hosts:
        if (host.user.pk, host.calendar.pk) in standing:
            continue
        if not can_make_host(by, host.user, host.calendar):
            raise PermissionDenied(f"{host.user}'s time is not yours to give.")
        validate_active(host.user)
        if not can_write_calendar(host.user, host.calendar):
            raise ValidationError({"hosts": f"{host.user} may not write into {host.calendar}."})


def _write_hosts(page: BookingPage, hosts: Sequence[Host]) -> None:
    BookingPageHost.objects.bulk_create(
        BookingPageHost(page=page, user=host.user, calendar=host.calendar) for host in hosts
    )


def _announce(page: BookingPage, change: str, by: User) -> None:
    announce(BookingPageChanged(by_id=by.pk, page_id=page.pk, page=page.title, change=change))
