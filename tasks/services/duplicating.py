"""Making a task that is like another one."""

from django.db import transaction

from estateman.people.models import User
from tasks.models import OPEN_GROUPS, Task
from tasks.permissions import can_work_on_project
from tasks.services.copying import copy_task
from tasks.services.locking import lock_task, require
from tasks.services.placing import first_column, require_room


@transaction.atomic
def duplicate_task(task: Task, *, by: User, name: str = "") -> Task:
    """A task like this one, open, at the end of its column, or of the first for open tasks if this one is settled.

    It waits for nothing, nothing waits for it, and it does not come again. Raises WipLimitExceeded, TaskGone,
    ProjectArchived.
    """
    require(can_work_on_project(by, task.project))
    lock_task(task)
    column = task.column if task.column.group in OPEN_GROUPS else first_column(task.project, *OPEN_GROUPS)
    require_room(column)
    return copy_task(task, column=column, by=by, **({"name": name} if name else {}))
