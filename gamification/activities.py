"""What gamification announces."""

from dataclasses import dataclass

from estateman.activity.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PointsAwarded(Fact, kind="points.awarded"):
    """A member earned points for what they did; ``score`` is all they have now."""

    user_id: int
    points: int
    reason: str
    score: int

    def rooms(self) -> tuple[str, ...]:
        return (f"user:{self.user_id}",)

    def sentence(self) -> str:
        return f"earned {self.points} points for {self.reason}"


@dataclass(frozen=True, kw_only=True)
class AchievementEarned(Fact, kind="achievement.earned"):
    """A member reached a level of an achievement, worth ``points``."""

    user_id: int
    achievement_id: int
    key: str
    name: str
    description: str
    icon: str
    level: int
    points: int

    def rooms(self) -> tuple[str, ...]:
        return ("office", f"user:{self.user_id}")

    def sentence(self) -> str:
        level = f", level {self.level}" if self.level > 1 else ""
        return f"earned {self.name}{level}"
