"""The whole house seen at once: my day, the demo agency, the dashboard, health, and `manage.py serve`."""
