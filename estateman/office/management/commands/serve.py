"""`manage.py serve`: web server, worker and clock in one process, for one machine."""

import socket
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from estateman.env import is_loopback
from estateman.office.embedded import run
from estateman.people.models import User


class Command(BaseCommand):
    help = "Serve the whole of Estateman from this one process, on HOST and PORT."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demo agency when there is nobody yet")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.SCALED_OUT:
            raise CommandError("serve is for one process. Scaled out, start web, worker and beat each: make run-scaled")
        _refuse_taken_port(settings.HOST, settings.PORT)
        call_command("migrate", interactive=False, verbosity=0)
        if options["demo"]:
            call_command("load_demo", if_empty=True, stdout=self.stdout)
        run(settings.HOST, settings.PORT, when_ready=self._say_where)

    def _say_where(self) -> None:
        self.stdout.write(f"\nEstateman serves {settings.SITE_URL}\n\n")
        demo = User.objects.filter(is_demo=True, role__in=("manager", "agent", "coordinator")).order_by("pk")
        if settings.DEMO_LOGINS and demo:
            self.stdout.write("Sign in with a demo login (password: demo):\n")
            for user in (demo.filter(role=role).first() for role in ("manager", "agent", "coordinator")):
                if user:
                    self.stdout.write(f"  {user.email:<32}{user.role}\n")
        elif not is_loopback(settings.HOST):
            self.stdout.write("Others can reach this address, so the demo logins are off.\n")
            self.stdout.write("Make yourself one: .venv/bin/python manage.py createsuperuser\n")
        self.stdout.write(
            f"\nThen: your day at {settings.SITE_URL}/, the API at {settings.SITE_URL}/api/docs,\n"
            f"the admin at {settings.SITE_URL}/admin/. The tour is in README.md. Ctrl-C ends it.\n"
        )
        self.stdout.flush()


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            raise CommandError(
                f"{host}:{port} can't be used ({error.strerror}). Choose another: PORT=8001 make run"
            ) from None
