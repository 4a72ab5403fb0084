"""One thing of each kind, and the people who stand in every possible relation to it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Model
from django.test import override_settings
from knox.models import AuthToken
from rest_framework.test import APIClient

import events.services
import tasks.services
from estateman.common import clock
from estateman.common.rooms import room_of
from estateman.people.feeds import open_feed
from estateman.people.models import OfficeRole, User
from estateman.people.services import add_team_member, create_team
from events.appointments import offers
from events.feeds import feed_name
from events.models import Access, CalendarLink, DataSync, Event
from events.services import ReminderWish, appointment_token
from gamification.models import Achievement, AchievementLevel, Metric
from gamification.rules import Deed
from gamification.services import record
from integrations.models import Grant, Integration, Payment, PaymentOperation, WebhookEvent
from integrations.providers.sandbox_payment import SandboxGateway, SandboxPaymentConfig
from integrations.sealing import Secret
from integrations.services import (
    create_integration,
    create_subscription,
    queue_message,
    send_test_event,
    suppress_address,
)
from integrations.services.payments.keeping import apply
from integrations.services.webhooks_secrets import add_webhook_secret
from integrations.transport import Line
from notifications.models import Category
from notifications.services import Message, notify
from tasks.models import Project, ProjectRole, ProjectTemplate, Task, TemplateTask
from tasks.my_deadlines import FEED
from tests.permissions.integrations import CHANNEL_TOKEN
from tests.permissions.table import ROLES, filled

# What an id in a path is the id of, by the path's first part, and by its own name.
_USUAL = {
    "projects": "deal",
    "project-templates": "template",
    "tasks": "task",
    "business-calendars": "business_calendar",
    "date-profiles": "date_profile",
    "calendars": "calendar",
    "booking-pages": "booking_page",
    "events": "event",
    "resources": "room",
    "achievements": "achievement",
    "ledger": "entry",
    "members": "member",
    "notifications": "notification",
    "integrations": "integration",
    "webhooks": "webhook_event",
    "payments": "payment",
    "webhook-subscriptions": "subscription",
    "messages": "letter",
    "links": "calendar_link",
    "suppressions": "suppression",
    "teams": "team",
    "time-logs": "time_log",
    "users": "viewer",
    "tokens": "token",
}
_NAMED = {
    "project_id": "deal",
    "task_id": "task",
    "column_id": "column",
    "key_date_id": "key_date",
    "business_calendar_id": "business_calendar",
    "closure_id": "closure",
    "baseline_id": "baseline",
    "label_id": "label",
    "rule_id": "automation_rule",
    "log_id": "time_log",
    "item_id": "item",
    "attachment_id": "attachment",
    "comment_id": "comment",
    "emoji": "emoji",
    "dependency_id": "dependency",
    "user_id": "viewer",
    "calendar_id": "calendar",
    "event_id": "event",
    "resource_id": "van",
    "booking_id": "booking",
    "blackout_id": "blackout",
    "attendee_id": "attendee",
    "time_off_id": "time_off",
    "slug": "booking_page_slug",
    "page_id": "booking_page",
    "token": "appointment_token",
    "recurrence_id": "left_out_date",
    "integration_id": "listener",
    "delivery_id": "told",
    "secret_id": "webhook_secret",
    "type": "webhook_type",
    "uuid": "webhook_uuid",
}


@dataclass(frozen=True)
class World:
    """``clients`` by role, signed in with tokens, and the ids of all ``things`` by name."""

    clients: Mapping[str, APIClient]
    things: Mapping[str, Any]

    def ids_in(self, path: str, of: str = "") -> dict[str, Any]:
        """What stands for each ``{…}`` of a schema path; ``of`` names the thing that the last one is."""
        parts = path.split("/")
        names = [
            (part.removesuffix(".ics").strip("{}"), parts[at - 1])
            for at, part in enumerate(parts)
            if part.startswith("{")
        ]
        usual = {name: _USUAL[before] if name == "id" else _NAMED[name] for name, before in names}
        if of:
            usual[names[-1][0]] = of
        return {name: self.things[thing] for name, thing in usual.items()}

    def fill(self, value: Any) -> Any:
        return filled(value, self.things)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves nothing behind.

    A bare savepoint: calls to providers refuse to be made inside an atomic block.
    """
    before = transaction.savepoint()
    try:
        yield
    finally:
        transaction.set_rollback(False)
        transaction.savepoint_rollback(before)


@contextmanager
def standing_world() -> Iterator[World]:
    """A world that stands for as long as the block, whatever tests do in transactions of their own inside it."""
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with (
        TemporaryDirectory() as folder,  # for what the sandbox gateway remembers, and files
        transaction.atomic(),
        override_settings(PASSWORD_HASHERS=quick, DATA_DIR=Path(folder), MEDIA_ROOT=Path(folder) / "media"),
    ):
        yield _build()
        transaction.set_rollback(True)


def _build() -> World:
    """Everything that the tables name, made by services."""
    people = {
        "stranger": _join_office("Sam Stranger"),
        "viewer": _join_office("Vera Viewer"),
        "member": _join_office("Max Member", password="correct horse"),
        "owner": _join_office("Olga Owner"),
        "manager": _join_office("Maria Manager", role=OfficeRole.MANAGER),
    }
    made: dict[str, Model] = {**people, "newcomer": _join_office("Nina Newcomer")}
    made |= _team(people)
    made |= _work(people)
    made |= _planning(people, made["team"])
    visited: dict[str, Any] = _visited(people, made["calendar"])
    made |= visited
    made |= _earnings(people["member"])
    made["integration"] = integration = create_integration(
        provider="sandbox", name="Sandbox", mode="sandbox", config={}, credentials={}, by=people["manager"]
    )
    made |= _listening(people["manager"])
    made |= _connecting(people, integration)
    made |= _linking(made)
    made |= _telling(people["manager"])
    made |= _writing(people["manager"])
    made |= _paying(people["manager"], made["deal"])
    (made["notification"],) = notify(
        [people["member"].pk],
        Message(kind="task.assigned", category=Category.TASKS, title="Yours", dedupe_key="world"),
    )
    things = {name: thing.pk for name, thing in made.items()}
    clients = {role: _client(people.get(role)) for role in ROLES}
    things["emoji"] = "👍"
    things |= {"booking_page_slug": "viewing", "appointment_token": appointment_token(visited["appointment"])}
    things["left_out_date"] = "2031-03-10T09:00:00"
    things["running_date"] = Event.objects.get(pk=things["running_event"]).starts_at.isoformat()
    things["feed_secret"] = open_feed(people["member"], FEED)
    things["calendar_secret"] = open_feed(people["member"], feed_name(things["calendar"]))
    things |= {"webhook_type": "google_calendar", "webhook_uuid": Integration.objects.get(pk=things["listener"]).uuid}
    return World(clients, things | {"token": AuthToken.objects.create(people["member"])[0].token_key})


def _writing(manager: User) -> dict[str, Model]:
    """A phone company, a letter that waits, and somebody who wants none."""
    suppression, _ = suppress_address(channel="email", address="never@example.com", reason="unsubscribed", by=manager)
    return {
        "phones": create_integration(
            provider="sandbox_sms", name="Phones", mode="sandbox", config={}, credentials={}, by=manager
        ),
        "letter": queue_message(channel="email", to="buyer@example.com", subject="Keys", text="Ready.", key="world"),
        "suppression": suppression,
    }


def _paying(manager: User, deal: Model) -> dict[str, Model]:
    """A payment that was taken and two that are held: as the sandbox has them, which no service may call from here."""
    sandbox = create_integration(
        provider="sandbox_payment", name="Gateway", mode="sandbox", config={}, credentials={}, by=manager
    )
    return {
        "payment": _payment(sandbox, manager, invoice="paid", room=room_of(deal), captures_at_once=True),
        "held": _payment(sandbox, manager, invoice="held", captures_at_once=False),
        "reserved": _payment(sandbox, manager, invoice="reserved", captures_at_once=False),
    }


def _payment(sandbox: Integration, manager: User, *, invoice: str, **fields: Any) -> Payment:
    payment = Payment.objects.create(
        integration=sandbox,
        provider=sandbox.provider,
        idempotency_key=invoice,
        fingerprint=invoice,
        purpose=invoice,
        amount_minor=250_000,
        currency="USD",
        invoice=invoice,
        by=manager,
        **fields,
    )
    asked = PaymentOperation.objects.create(payment=payment, kind="create", state="done", next_attempt_at=None)
    gateway = SandboxGateway(SandboxPaymentConfig(), {}, Line())
    with transaction.atomic():
        apply(payment, gateway.create(payment.request(asked.key)), asked_at=clock.now())
    return payment


def _telling(manager: User) -> dict[str, Model]:
    """An address that is told what happens, and one thing that it was told."""
    subscription, _ = create_subscription(
        name="Zapier", url="https://hooks.example.com/1", kinds=["task.completed"], by=manager
    )
    return {"subscription": subscription, "told": send_test_event(subscription, by=manager)}


def _connecting(people: Mapping[str, User], integration: Integration) -> dict[str, Model]:
    """An integration that keeps calendars, and an account that the viewer connected to another one."""
    calendars = create_integration(
        provider="sandbox_calendar", name="Calendars", mode="sandbox", config={}, credentials={}, by=people["manager"]
    )
    ends = datetime(2031, 3, 3, tzinfo=UTC)
    grant = Grant(integration=integration, user=people["viewer"], expires_at=ends)
    grant.tokens = grant.seal(access=Secret("access"), refresh=Secret("refresh"))
    grant.save()
    return {"calendars_account": calendars, "grant": grant}


def _linking(made: Mapping[str, Any]) -> dict[str, Model]:
    """The owner's calendar, kept the same as one outside, and a run of that."""
    link = CalendarLink.objects.create(
        calendar=made["calendar"], user=made["owner"], integration=made["calendars_account"], remote_id="showings"
    )
    return {"calendar_link": link, "data_sync": DataSync.objects.create(link=link, status=DataSync.Status.DONE)}


def _listening(manager: User) -> dict[str, Model]:
    """An integration whose vendor calls us, proven by a token alone."""
    listener = create_integration(
        provider="google_calendar",
        name="Google",
        config={"client_id": "office"},
        credentials={"client_secret": "secret-of-our-client"},
        by=manager,
    )
    secret = add_webhook_secret(listener, secret=CHANNEL_TOKEN, by=manager)
    event = WebhookEvent.objects.create(
        integration=listener, provider_event_id="c:1", kind="calendar.exists", payload={}, status="dead"
    )
    return {"listener": listener, "webhook_secret": secret, "webhook_event": event}


def _client(user: User | None) -> APIClient:
    """In which an error of ours is a 500, as for everyone outside, and not an exception."""
    client = APIClient(raise_request_exception=False)
    if user:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {AuthToken.objects.create(user)[1]}")
    return client


def _join_office(name: str, *, role: str = OfficeRole.AGENT, password: str | None = None) -> User:
    address = f"{name.split(maxsplit=1)[0].lower()}@world.example"
    return User.objects.create_user(address, password, name=name, role=role)


def _team(people: Mapping[str, User]) -> dict[str, Model]:
    team = create_team(name="Harbour sales", by=people["manager"])
    add_team_member(team, user=people["owner"], is_lead=True, by=people["manager"])
    add_team_member(team, user=people["member"], by=people["owner"])
    return {"team": team}


def _work(people: Mapping[str, User]) -> dict[str, Model]:
    owner, member = people["owner"], people["member"]
    deal, archived = (_deal(name, people) for name in ("12 Quay Street", "3 Mill Lane"))
    photos = tasks.services.create_task(deal, name="Photos", assignees=[member], by=owner)
    go_live = tasks.services.create_task(deal, name="Go live", by=owner)
    sign = tasks.services.create_task(deal, name="Order the sign", by=owner)
    template = ProjectTemplate.objects.create(key="listing", name="Listing", kind="listing")
    TemplateTask.objects.create(template=template, key="keys", name="Collect the keys")
    return {
        "deal": deal,
        "archived": tasks.services.archive_project(archived, by=owner),
        "column": deal.columns.get(name="Waiting"),
        "other_column": deal.columns.get(name="In progress"),
        "baseline": tasks.services.keep_baseline(deal, name="As signed", by=owner),
        "automation_rule": _automated(deal, by=owner),
        "label": tasks.services.create_label(deal, name="Paperwork", by=owner),
        "deleted_task": _deleted(deal, by=owner),
        "task": photos,
        "sign": sign,
        "dependency": tasks.services.add_dependency(go_live, predecessor=photos, by=owner),
        "done_task": tasks.services.complete_task(
            tasks.services.create_task(deal, name="Sign the contract", by=owner), by=owner
        ),
        "template": template,
        "time_log": _worked(photos, member),
        **_discussed(photos, member),
        **_dated(deal, sign, owner=owner, manager=people["manager"]),
    }


def _dated(deal: Project, task: Task, *, owner: User, manager: User) -> dict[str, Model]:
    """Closing, the day before it, a task that hangs off it, and what days are counted by."""
    closing = tasks.services.add_key_date(deal, kind="closing", on=date(2031, 3, 10), by=owner)
    walkthrough = tasks.services.add_key_date(deal, kind="walkthrough", by=owner)
    for ruled in (walkthrough, task):
        tasks.services.set_date_rule(ruled, after=closing, days=1, direction="before", by=owner)
    calendar = tasks.services.create_calendar(name="Our office", by=manager)
    holiday = tasks.services.create_calendar(name="Holidays", country="US", by=manager)
    outing = tasks.services.add_closure(calendar, on=date(2031, 3, 14), name="Outing", by=manager)
    profile = tasks.services.create_profile(name="Our days", calendar=holiday, by=manager)
    return {
        "closing": closing,
        "key_date": walkthrough,
        "business_calendar": calendar,
        "closure": outing,
        "date_profile": profile,
    }


def _automated(deal: Project, *, by: User) -> Model:
    actions = [{"action": "set_priority", "priority": "high"}]
    return tasks.services.create_automation_rule(deal, name="Hurry", trigger="task_created", actions=actions, by=by)


def _deleted(deal: Project, *, by: User) -> Task:
    task = tasks.services.create_task(deal, name="Print the flyers", by=by)
    tasks.services.delete_task(task, by=by)
    return task


def _worked(task: Task, user: User) -> Model:
    """A timer that ran."""
    tasks.services.start_timer(task, by=user)
    return tasks.services.stop_timer(task, by=user)


def _discussed(task: Task, member: User) -> dict[str, Model]:
    """A file, a comment, and a checklist of which one line waits for its review."""
    done = tasks.services.add_checklist_item(task, text="Pay the fee", needs_review=True, by=member)
    file = ContentFile(b"%PDF-1.7")
    return {
        "item": tasks.services.add_checklist_item(task, text="Ask for a date", by=member),
        "done_item": tasks.services.do_checklist_item(done, by=member),
        "attachment": tasks.services.attach_file(task, file=file, name="offer.pdf", by=member),
        "comment": tasks.services.comment_on_task(task, body="They come on Friday.", by=member),
    }


def _deal(name: str, people: Mapping[str, User]) -> Project:
    deal = tasks.services.open_project(name=name, kind="listing", starts_on=date(2031, 3, 3), by=people["owner"])
    for role, part in (("viewer", ProjectRole.VIEWER), ("member", ProjectRole.MEMBER)):
        tasks.services.add_member(deal, user=people[role], role=part, by=people["owner"])
    return deal


def _planning(people: Mapping[str, User], team: Model) -> dict[str, Model]:
    owner, manager, viewer, member = (people[role] for role in ("owner", "manager", "viewer", "member"))
    calendar, empty = (events.services.create_calendar(name=name, by=owner) for name in ("Showings", "Empty"))
    for each in (calendar, empty):
        events.services.share_calendar(each, user=viewer, access=Access.READ, by=owner)
        events.services.share_calendar(each, user=member, access=Access.WRITE, by=owner)
    room = events.services.create_resource(name="Viewing room", kind="room", capacity=8, by=manager)
    event = events.services.create_event(
        calendar,
        title="Showing",
        starts_at=datetime(2031, 3, 3, 9),  # noqa: DTZ001  local time by design
        exdates=[datetime(2031, 3, 10, 9)],  # noqa: DTZ001
        attendees=[viewer],
        reminders=[ReminderWish(minutes_before=30)],
        by=owner,
    )
    (booking,) = events.services.book_resource(event, room, by=member)
    van = events.services.create_resource(name="Van", kind="vehicle", team=team, by=manager)
    car = events.services.create_resource(name="Car", kind="vehicle", needs_approval=True, team=team, by=manager)
    (request,) = events.services.book_resource(event, car, by=member)
    starts_at = datetime(2031, 4, 1, tzinfo=UTC)
    blackout = events.services.add_blackout(van, starts_at=starts_at, ends_at=starts_at + timedelta(days=1), by=manager)
    planned = {
        "calendar": calendar,
        "empty": empty,
        "event": event,
        "booking": booking,
        "request": request,
        **_running(calendar, room, people),
    }
    attendee = event.attendees.get()
    return {**planned, "attendee": attendee, "room": room, "van": van, "car": car, "blackout": blackout}


def _running(calendar: Any, room: Any, people: Mapping[str, User]) -> dict[str, Model]:
    """What is on at this moment: an event that the viewer is invited to, and the room that the member booked for it."""
    event = events.services.create_event(
        calendar,
        title="Open house",
        starts_at=(clock.now() - timedelta(minutes=10)).replace(tzinfo=None),
        timezone="UTC",
        attendees=[people["viewer"]],
        by=people["owner"],
    )
    (booking,) = events.services.book_resource(event, room, by=people["member"])
    return {
        "running_event": event,
        "running_attendee": event.attendees.get(),
        "running_booking": booking,
    }


def _visited(people: Mapping[str, User], calendar: Any) -> dict[str, Model]:
    """A page on which the owner's time is booked, an appointment there, a page without any, the viewer's time off."""
    owner, viewer = people["owner"], people["viewer"]
    hosts = [events.services.Host(owner, calendar)]
    page, empty = (
        events.services.create_booking_page(slug=slug, title=slug.title(), hosts=hosts, by=owner)
        for slug in ("viewing", "empty")
    )
    now = clock.now()
    return {
        "booking_page": page,
        "empty_page": empty,
        "appointment": events.services.book_appointment(
            page,
            starts_at=offers(page, now, now + timedelta(days=14))[0].starts_at,
            name="Bea Buyer",
            email="bea@example.com",
            timezone="America/New_York",
        ),
        "time_off": events.services.add_time_off(
            viewer, starts_on=date(2031, 5, 5), ends_on=date(2031, 5, 9), reason="Holiday", by=viewer
        ),
    }


def _earnings(member: User) -> dict[str, Model]:
    metric = Metric.objects.create(key="test.visits", name="Visits", activity_kind="test.visited", points=10)
    achievement = Achievement.objects.create(key="test.walker", name="Walker", metric=metric)
    AchievementLevel.objects.create(achievement=achievement, level=1, threshold=1, points=5)
    visit = Deed(
        kind="test.visited", source="test", key="1", title="Visit", occurred_at=datetime(2026, 5, 4, tzinfo=UTC)
    )
    (counted,) = record(member, visit)
    return {"achievement": achievement, "entry": counted.entries.order_by("pk")[0]}
