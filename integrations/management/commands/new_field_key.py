"""`manage.py new_field_key`: a key for FIELD_KEYS."""

from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Print a new key for FIELD_KEYS. To rotate, put it before the others (FIELD_KEYS=new,old), "
        "restart, run rotate_credentials, and then take the old one out."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(Fernet.generate_key().decode())
