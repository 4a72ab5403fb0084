"""Who is invited, and what they answer."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from estateman.activity.models import Activity
from events.services import invite, rsvp

pytestmark = pytest.mark.usefixtures("clock")


def test_staff_and_guests_are_invited_each_once(plan, agent, coordinator):
    event = plan("2026-03-02T09:00", attendees=[coordinator, "Buyer@Example.com"])
    assert invite(event, attendees=[coordinator, "buyer@example.com"], by=agent) == []
    assert event.attendees.count() == 2
    assert [
        activity.payload["email"] for activity in Activity.objects.filter(kind="attendee.invited").order_by("pk")
    ] == [
        "",
        "buyer@example.com",
    ]


def test_a_colleagues_address_invites_the_colleague(plan, coordinator):
    event = plan("2026-03-02T09:00", attendees=[coordinator.email.upper()])
    assert event.attendees.get().user == coordinator


def test_impossible_invitations_are_refused(plan, agent, stranger):
    event = plan("2026-03-02T09:00")
    stranger.is_active = False
    for nobody in ("not an address", stranger):
        with pytest.raises(ValidationError):
            invite(event, attendees=[nobody], by=agent)


def test_one_answers_for_oneself_only(plan, agent, coordinator, stranger):
    event = plan("2026-03-02T09:00", attendees=[coordinator])
    assert rsvp(event, status="accepted", by=coordinator).responded_at
    with pytest.raises(PermissionDenied):
        rsvp(event, status="accepted", by=stranger)
    with pytest.raises(ValidationError):
        rsvp(event, status="perhaps", by=coordinator)
    assert Activity.objects.get(kind="attendee.responded").payload["status"] == "accepted"
