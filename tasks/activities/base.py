"""What all that projects and tasks announce has in common."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class OfProject:
    """What all of these have: the project, by id and by the name it had."""

    project_id: int
    project: str

    def rooms(self) -> tuple[str, ...]:
        return (f"project:{self.project_id}",)


@dataclass(frozen=True, kw_only=True)
class OfTask(OfProject):
    """What every fact about one task has: its id and the name it had."""

    task_id: int
    task: str


def listed(fields: tuple[str, ...]) -> str:
    """The names of fields as a sentence has them."""
    return ", ".join(field.removesuffix("_id").replace("_", " ") for field in fields)
