"""The demo agency "Harbour & Hill": who works there, and what each app puts on their desks."""

from datetime import date

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from estateman.activity.models import Activity
from estateman.common import clock
from estateman.common.rooms import room_of
from estateman.people import services
from estateman.people.models import OfficeRole, Team, User
from events.demo import load_events, load_link
from gamification.demo import load_history
from integrations.demo import load_integrations, load_messages, load_payments
from tasks.demo import load_projects
from tasks.models import Project

ZONE = "America/New_York"
STAFF = {
    "admin": ("Ada Quinn", OfficeRole.ADMIN),
    "manager": ("Maria Harbour", OfficeRole.MANAGER),
    "agent1": ("Alex Rivers", OfficeRole.AGENT),
    "agent2": ("Bea Lindqvist", OfficeRole.AGENT),
    "agent3": ("Carlos Mendes", OfficeRole.AGENT),
    "agent4": ("Dina Okafor", OfficeRole.AGENT),
    "agent5": ("Emil Novak", OfficeRole.AGENT),
    "coordinator1": ("Fiona Hill", OfficeRole.COORDINATOR),
    "coordinator2": ("George Tanaka", OfficeRole.COORDINATOR),
    "assistant1": ("Hana Petit", OfficeRole.ASSISTANT),
    "assistant2": ("Ivan Sorel", OfficeRole.ASSISTANT),
    "marketing": ("Jo Castellan", OfficeRole.ASSISTANT),
}
TEAMS = {
    "harbour": ("Harbour sales", ["agent1", "agent2", "agent3", "coordinator1", "assistant1"]),
    "hill": ("Hill sales", ["agent4", "agent5", "coordinator2", "assistant2"]),
    "lettings": ("Lettings", ["agent3", "agent5", "coordinator2", "marketing"]),
}


def load_demo(*, today: date | None = None) -> None:
    """Load all of it, or complete what is missing. History is settled at once: nobody is told of old news."""
    staff = _load_office(today or clock.local_date(clock.now(), ZONE))
    # They are taken by calling the sandbox, which no transaction may surround.
    deals = Project.objects.visible_to(staff["manager"]).order_by("pk")
    load_payments(by=staff["manager"], rooms=[room_of(deal) for deal in deals])
    load_messages(by=staff["manager"])
    load_link(by=staff["manager"])
    _settle_history()


@transaction.atomic
def _load_office(today: date) -> dict[str, User]:
    staff = _hire_staff()
    teams = _found_teams(staff)
    load_integrations(staff=staff)
    load_projects(staff=staff, teams=teams, today=today)
    load_events(staff=staff, teams=teams, today=today)
    load_history(staff=staff, today=today)
    _settle_history()
    return staff


def _settle_history() -> None:
    Activity.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=None)


def _hire_staff() -> dict[str, User]:
    hashed = make_password(settings.DEMO_PASSWORD)
    return {key: _hire(key, name, role, hashed) for key, (name, role) in STAFF.items()}


def _hire(key: str, name: str, role: OfficeRole, hashed: str) -> User:
    leads = role in {OfficeRole.ADMIN, OfficeRole.MANAGER}
    user, _ = User.objects.get_or_create(
        email=f"{name.split(maxsplit=1)[0].lower()}@harbourhill.example",
        defaults={
            "name": name,
            "role": role,
            "timezone": ZONE,
            "phone": f"+1212555{1000 + list(STAFF).index(key)}",
            "is_staff": leads,
            "is_superuser": role == OfficeRole.ADMIN,
            "is_demo": True,
            "password": hashed,
        },
    )
    return user


def _found_teams(staff: dict[str, User]) -> dict[str, Team]:
    return {
        key: _found(name, [staff[member] for member in members], by=staff["manager"])
        for key, (name, members) in TEAMS.items()
    }


def _found(name: str, members: list[User], *, by: User) -> Team:
    if team := Team.objects.filter(name=name).first():
        return team
    team = services.create_team(name=name, by=by)
    for member in members:
        services.add_team_member(team, user=member, is_lead=member is members[0], by=by)
    return team
