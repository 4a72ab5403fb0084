"""Verbs on people and teams."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from estateman.activity.services import announce
from estateman.common.errors import RuleBroken
from estateman.common.versions import save_changes
from estateman.people.activities import TeamChanged
from estateman.people.models import Team, TeamMembership, User, validate_active
from estateman.people.permissions import can_edit_team_members, can_manage_teams


class NameTaken(RuleBroken):
    """Another team has this name."""

    code = "name_taken"


def change_profile(user: User, *, changes: dict[str, Any], version: int | None = None) -> User:
    """Someone's own name, zone, phone or locale. Raises VersionConflict."""
    save_changes(user, changes, version=version)
    return user


@transaction.atomic
def create_team(*, name: str, by: User) -> Team:
    """A team without members. Raises NameTaken."""
    if not can_manage_teams(by):
        raise PermissionDenied
    try:
        with transaction.atomic():
            team = Team.objects.create(name=name)
    except IntegrityError:
        raise NameTaken(f"There is a team called {name} already.") from None
    announce(TeamChanged(by_id=by.pk, team_id=team.pk, team=team.name, change="founded"))
    return team


@transaction.atomic
def rename_team(team: Team, *, name: str, by: User, version: int | None = None) -> Team:
    """Raises NameTaken, VersionConflict."""
    if not can_manage_teams(by):
        raise PermissionDenied
    try:
        with transaction.atomic():
            save_changes(team, {"name": name}, version=version)
    except IntegrityError:
        raise NameTaken(f"There is a team called {name} already.") from None
    announce(TeamChanged(by_id=by.pk, team_id=team.pk, team=name, change="renamed"))
    return team


@transaction.atomic
def delete_team(team: Team, *, by: User) -> None:
    """The team is gone; its people stay."""
    if not can_manage_teams(by):
        raise PermissionDenied
    announce(TeamChanged(by_id=by.pk, team_id=team.pk, team=team.name, change="dissolved"))
    team.delete()


@transaction.atomic
def add_team_member(team: Team, *, user: User, is_lead: bool = False, by: User) -> TeamMembership:
    """Put ``user`` into ``team``, or change whether they lead it; a new lead takes over from the old one."""
    if not can_edit_team_members(by, team):
        raise PermissionDenied
    validate_active(user)
    Team.objects.select_for_update().get(pk=team.pk)
    if is_lead:
        team.memberships.exclude(user=user).filter(is_lead=True).update(is_lead=False)
    membership, _ = TeamMembership.objects.update_or_create(team=team, user=user, defaults={"is_lead": is_lead})
    announce(TeamChanged(by_id=by.pk, team_id=team.pk, team=team.name, change=f"put {user} into"))
    return membership


@transaction.atomic
def remove_team_member(team: Team, *, user: User, by: User) -> None:
    """Take ``user`` out of ``team``; nothing happens when they are not in it."""
    if not can_edit_team_members(by, team):
        raise PermissionDenied
    deleted, _ = team.memberships.filter(user=user).delete()
    if deleted:
        announce(TeamChanged(by_id=by.pk, team_id=team.pk, team=team.name, change=f"took {user} out of"))
