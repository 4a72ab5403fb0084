from tasks.admin import projects, tasks, templates  # noqa: F401  registers them
