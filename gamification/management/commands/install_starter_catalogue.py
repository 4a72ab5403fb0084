"""Adds what is missing of the metrics and achievements that every office starts with."""

from typing import Any

from django.core.management.base import BaseCommand

from gamification.catalogue import ACHIEVEMENTS, METRICS, install_catalogue


class Command(BaseCommand):
    help = "Add what is missing of the starter metrics and achievements (migrate does so too)"

    def handle(self, *args: Any, **options: Any) -> None:
        install_catalogue()
        self.stdout.write(f"{len(METRICS)} metrics and {len(ACHIEVEMENTS)} achievements are there.")
