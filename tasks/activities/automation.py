"""What rules that do the routine announce."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from tasks.activities.base import OfProject, OfTask


@dataclass(frozen=True, kw_only=True)
class AutomationRuleChanged(OfProject, Fact, kind="project.automation_changed"):
    """A rule was ``added``, ``changed`` or ``removed``."""

    rule_id: int
    rule: str
    change: str

    def sentence(self) -> str:
        verb = {"added": "made", "changed": "changed", "removed": "deleted"}[self.change]
        return f"{verb} the rule {self.rule} of {self.project}"


@dataclass(frozen=True, kw_only=True)
class AutomationNotice(OfProject, Fact, kind="project.automation_notice"):
    """A rule tells ``user_ids`` something; about a task, where one set it off."""

    rule_id: int
    rule: str
    user_ids: tuple[int, ...]
    message: str
    task_id: int | None = None
    task: str = ""

    def sentence(self) -> str:
        return f"had {len(self.user_ids)} told by the rule {self.rule}: {self.message}"


@dataclass(frozen=True, kw_only=True)
class TaskDue(OfTask, Fact, kind="task.due"):
    """It is due on ``due_on``, in ``days`` days; negative is overdue. Told only where a rule waits for it."""

    days: int
    due_on: str

    def sentence(self) -> str:
        if self.days < 0:
            return f"noticed that {self.task} is overdue since {self.due_on}"
        return f"noticed that {self.task} is due on {self.due_on}"
