"""Rules that do the routine: writing them, running them, trying them out."""

from tasks.services.automation.running import forget_old_runs, run_rules
from tasks.services.automation.trying import Did, Trial, try_automation_rule
from tasks.services.automation.writing import (
    change_automation_rule,
    create_automation_rule,
    delete_automation_rule,
    judge_rule,
)

__all__ = [
    "Did",
    "Trial",
    "change_automation_rule",
    "create_automation_rule",
    "delete_automation_rule",
    "forget_old_runs",
    "judge_rule",
    "run_rules",
    "try_automation_rule",
]
