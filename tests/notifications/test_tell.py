"""Who is told of what, and through which channels."""

from typing import Any

import pytest

from estateman.activity.services import announce
from events.activities import ReminderDue
from gamification.activities import AchievementEarned
from integrations.activities import IntegrationFailed, PaymentOperationFailed
from notifications.models import Delivery, Notification
from tasks.activities import TaskAssigned, TaskUnblocked
from tasks.models import Project, ProjectMember

DEAL: dict[str, Any] = {"project_id": 7, "project": "12 Quay Street"}


def assigned(by, to, number=1, **fields):
    task = {"task_id": number, "task": f"Task {number}"}
    return TaskAssigned(
        **{**DEAL, **task, "by_id": by.pk, "assignee_id": to.pk, "assignee": to.name, "due_on": "2026-12-03", **fields}
    )


@pytest.fixture
def deal(agent, coordinator):
    """The deal that is told of, where both are members."""
    project = Project.objects.create(
        pk=DEAL["project_id"], name=DEAL["project"], kind="listing", starts_on="2026-05-04"
    )
    project.memberships.bulk_create(ProjectMember(project=project, user=user) for user in (agent, coordinator))
    return project


@pytest.fixture
def told(settle):
    def titles(user):
        settle()
        return list(Notification.objects.for_user(user).order_by("seq").values_list("title", flat=True))

    return titles


def test_the_assignee_is_told_with_the_day_in_words(deal, manager, agent, told):
    announce(assigned(manager, agent))
    assert told(agent) == ["Task 1 is yours"]
    row = Notification.objects.get()
    assert (row.body, row.url, row.actor) == ("12 Quay Street, due Thursday 3 December.", "/projects/7/board", manager)
    assert Delivery.objects.get().address == agent.email


def test_nobody_is_told_of_what_they_did_themselves(deal, agent, told):
    announce(assigned(agent, agent))
    assert told(agent) == []


def test_what_a_template_gave_to_one_person_is_one_notification(deal, manager, agent, coordinator, told):
    for number in range(1, 4):
        announce(assigned(manager, agent, number, template_application_id=5))
    announce(assigned(manager, coordinator, 4, template_application_id=5))
    announce(assigned(manager, agent, 6))
    assert told(agent) == ["3 tasks of 12 Quay Street are yours", "Task 6 is yours"]
    assert told(coordinator) == ["Task 4 is yours"]
    assert Notification.objects.get(seq=1, user=agent).data["task_ids"] == [1, 2, 3]


def test_whoever_is_next_is_told_when_they_can_start(deal, agent, coordinator, told):
    freed: dict[str, Any] = {"task_id": 2, "task": "Photos", "by_task": "Staging", "assignee_ids": (coordinator.pk,)}
    announce(TaskUnblocked(**DEAL, **freed, by_id=agent.pk))
    assert told(coordinator) == ["Photos can start"]


@pytest.mark.parametrize(("channels", "mails"), [(("in_app",), 0), (("in_app", "email"), 1), (("email",), 1)])
def test_a_reminder_is_in_the_inbox_always_and_mailed_when_it_says_so(agent, told, channels, mails):
    event: dict[str, Any] = {
        "event_id": 3,
        "title": "Showing",
        "recurrence_id": "2026-03-09T09:00:00",
        "timezone": "America/New_York",
    }
    when: dict[str, Any] = {"starts_at": "2026-03-09T13:00:00Z", "minutes_before": 60}
    fact = ReminderDue(**event, **when, channels=channels, by_id=None, reminder_id=1, user_id=agent.pk, dedupe_key="k")
    announce(fact)
    announce(fact)
    assert told(agent) == ["Showing in 1 hour"]
    assert Notification.objects.get().body == "Monday 9 March, 9:00 AM (New York)."
    assert Delivery.objects.count() == mails


def test_an_achievement_is_celebrated(agent, told):
    medal: dict[str, Any] = {
        "achievement_id": 1,
        "key": "first",
        "name": "First task",
        "description": "Done.",
        "icon": "*",
    }
    announce(AchievementEarned(**medal, by_id=agent.pk, user_id=agent.pk, level=1, points=20))
    assert told(agent) == ["Achievement: First task"]


def test_a_failing_integration_is_the_admins_business(admin_user, agent, told):
    announce(IntegrationFailed(by_id=None, integration_id=4, name="Post office", status="failing", detail="No answer."))
    assert (told(admin_user), told(agent)) == (["Post office is failing"], [])


@pytest.mark.parametrize("took_it", ["coordinator", "manager"])
def test_whoever_took_a_payment_hears_of_a_refund_that_did_not_happen(coordinator, manager, agent, told, took_it):
    taker = {"coordinator": coordinator, "manager": None}[took_it]  # with nobody to tell, the leaders are told
    about: dict[str, Any] = {
        "payment_id": 1, "integration_id": 1, "room": "project:7", "taken_by_id": taker and taker.pk, "is_live": True,
        "purpose": "invoice 114", "amount_minor": 2500, "currency": "USD",
    }  # fmt: skip
    announce(PaymentOperationFailed(**about, by_id=None, operation="refund", reason="It was reversed."))
    assert told({"coordinator": coordinator, "manager": manager}[took_it]) == ["The refund of 25.00 USD did not happen"]
    assert Notification.objects.filter(user=agent).count() == 0
    assert {(row.body, row.url) for row in Notification.objects.all()} == {
        ("invoice 114. It was reversed.", "/projects/7/board")
    }
