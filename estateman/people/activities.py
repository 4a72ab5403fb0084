"""What people announce."""

from dataclasses import dataclass

from estateman.activity.facts import Fact


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
