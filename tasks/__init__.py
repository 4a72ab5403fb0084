"""Tasks: projects, tasks, dependencies, schedule."""
