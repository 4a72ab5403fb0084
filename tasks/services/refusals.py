"""The rules of projects and tasks, by the codes the API answers with."""

from estateman.common.errors import RuleBroken


class ProjectArchived(RuleBroken):
    """What is archived is looked at, not worked on."""

    code = "project_archived"


class AlreadyMember(RuleBroken):
    """They belong to the project already."""

    code = "already_member"


class LastOwner(RuleBroken):
    """A project always has an owner."""

    code = "last_owner"


class NotAMember(RuleBroken):
    """Tasks are given to those who work on the project; ``users`` do not."""

    code = "not_a_member"


class NameTaken(RuleBroken):
    """Another column of the board has this name."""

    code = "name_taken"


class ColumnNotEmpty(RuleBroken):
    """It holds ``tasks`` cards, which changing what it means would complete or reopen."""

    code = "column_not_empty"


class ColumnNeeded(RuleBroken):
    """A board always has a column for open tasks and one for completed ones."""

    code = "column_needed"


class WipLimitExceeded(RuleBroken):
    """``column`` holds ``count`` cards and takes no more than ``limit``."""

    code = "wip_limit_exceeded"


class KeyTaken(RuleBroken):
    """Another task of the project has this key."""

    code = "key_taken"


class BlockedBy(RuleBroken):
    """``tasks`` come first: each with id, key and name."""

    code = "blocked_by"


class DependencyCycle(RuleBroken):
    """The tasks of ``cycle``, in order, would wait for each other."""

    code = "dependency_cycle"


class DependencyExists(RuleBroken):
    """The two hang together already, by ``dependency``."""

    code = "dependency_exists"


class TaskGone(RuleBroken):
    """Somebody deleted the task meanwhile."""

    code = "task_gone"
