from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate


class GamificationConfig(AppConfig):
    name = "gamification"
    verbose_name = "Gamification"

    def ready(self) -> None:
        from gamification import reactions  # noqa: F401  registers them

        post_migrate.connect(_stock, sender=self)


def _stock(apps: Apps = installed_apps, **kwargs: Any) -> None:
    """A fresh office has something to earn from the first migration on."""
    from gamification.catalogue import install_catalogue

    try:
        apps.get_model("gamification", "AchievementLevel")
    except LookupError:  # migrated back to before there were tables
        return
    install_catalogue()
