"""What people announce."""

from dataclasses import dataclass

from estateman.activity.facts import Fact


@dataclass(frozen=True, kw_only=True)
class RightsChanged(Fact, kind="person.rights_changed"):
    """Somebody plays another part in the office, or was deactivated, or came back. No room shows it."""

    user_id: int
    user: str
    role: str
    is_active: bool

    def sentence(self) -> str:
        return f"made {self.user} {self.role}" if self.is_active else f"deactivated {self.user}"


@dataclass(frozen=True, kw_only=True)
class TeamChanged(Fact, kind="team.changed"):
    """A team was made, renamed, or somebody joined or left it."""

    team_id: int
    team: str
    change: str

    def rooms(self) -> tuple[str, ...]:
        return ("office", f"team:{self.team_id}")

    def sentence(self) -> str:
        return f"{self.change} team {self.team}"
