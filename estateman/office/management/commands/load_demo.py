"""`manage.py load_demo`: the agency "Harbour & Hill", dated around today."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from estateman.office.demo import load_demo
from estateman.people.models import User


class Command(BaseCommand):
    help = "Load the demo agency: twelve staff, three teams, eight deals. Loading it again adds nothing twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when anybody works here already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and User.objects.exists():
            return
        self.stdout.write("Loading the demo agency Harbour & Hill …")
        load_demo()
