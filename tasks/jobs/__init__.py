"""The worker's side of tasks and projects, one file per matter."""

from tasks.jobs import files, notices, time

__all__ = ["files", "notices", "time"]
