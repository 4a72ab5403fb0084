from tasks.admin import automation, baselines, comments, details, key_dates, projects, tasks, templates, time  # noqa: F401  registers them
