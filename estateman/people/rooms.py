"""The rooms that people own: each user's own, and each team's."""

from collections.abc import Iterable

from estateman.common.rooms import register_room
from estateman.people.models import Team, User
from estateman.people.permissions import leads_office


def register() -> None:
    register_room("user", may_enter=lambda user, ident: user.pk == ident, ids_of=lambda user: [user.pk])
    register_room("team", may_enter=_may_enter_team, ids_of=_teams_of)


def _may_enter_team(user: User, team_id: int) -> bool:
    teams = Team.objects.all() if leads_office(user) else Team.objects.of(user)
    return teams.filter(pk=team_id).exists()


def _teams_of(user: User) -> Iterable[int]:
    teams = Team.objects.all() if leads_office(user) else Team.objects.of(user)
    return teams.values_list("pk", flat=True)
