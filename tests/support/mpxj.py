"""``python -m tests.support.mpxj plan.xml [copy.xml]``: what MPXJ, a reader nobody here wrote, finds in a plan.

Prints JSON: the project's tasks with their days and what they wait for. With ``copy.xml`` it also writes the plan
there in its own words. It runs in a process of its own, for it brings a Java machine along.
"""

import json
import sys
from typing import Any

import jpype
import mpxj  # noqa: F401  puts its classes on the path


def main(source: str, copy: str = "") -> None:
    jpype.startJVM()
    reader = jpype.JClass("org.mpxj.reader.UniversalProjectReader")()
    plan = reader.read(source)
    if copy:
        jpype.JClass("org.mpxj.mspdi.MSPDIWriter")().write(plan, copy)
    print(json.dumps([_told(task) for task in plan.getTasks() if task.getUniqueID().intValue()]))  # noqa: T201


def _told(task: Any) -> dict[str, Any]:
    return {
        "name": str(task.getName()),
        "key": str(task.getText(1)),
        "start": str(task.getStart()),
        "finish": str(task.getFinish()),
        "duration": str(task.getDuration()),
        "milestone": bool(task.getMilestone()),
        "summary": bool(task.getSummary()),
        "parent": str(task.getParentTask().getName()) if task.getParentTask() else "",
        "waits": [
            [str(each.getPredecessorTask().getName()), str(each.getType()), str(each.getLag())]
            for each in task.getPredecessors()
        ],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
