from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate


class TasksConfig(AppConfig):
    name = "tasks"

    def ready(self) -> None:
        from tasks import reactions, rooms  # noqa: F401  registers the rules that do the routine

        rooms.register()
        post_migrate.connect(_stock, sender=self)


def _stock(apps: Apps = installed_apps, **kwargs: Any) -> None:
    """A fresh office can count days as contracts do, and plan its deals, from the first migration on."""
    from tasks.date_profiles import install_date_profiles
    from tasks.starter_templates import stock_templates

    try:
        apps.get_model("tasks", "DateProfile")
    except LookupError:  # migrated back to before there were tables
        return
    install_date_profiles()
    stock_templates()  # they count by these profiles
