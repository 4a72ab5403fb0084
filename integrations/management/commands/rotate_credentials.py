"""`manage.py rotate_credentials`: move every sealed value to the current key."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.rotation import SealedRow, reseal, sealed_rows
from integrations.sealing import Unsealable, current_key_id, unseal


class Command(BaseCommand):
    help = (
        "Seal every credential under the first of FIELD_KEYS. It may be interrupted and run again: "
        "each row is moved by itself, and what is moved already is left alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail unless all is done")
        parser.add_argument("--batch", type=int, default=200, help="rows read at a time")

    def handle(self, *args: Any, check: bool, batch: int, **options: Any) -> None:
        moved, current, waiting, shut = 0, 0, 0, 0
        for row in sealed_rows(batch=batch):
            if not self._opens(row):
                shut += 1
            elif row.sealed.is_current:
                current += 1
            elif check:
                waiting += 1
            else:
                moved += reseal(row)
        self.stdout.write(
            f"Current key {current_key_id()}: {current + moved} under it, "
            f"{moved} of them moved now, {waiting} waiting, {shut} can't be opened."
        )
        if waiting or shut:
            raise CommandError(_what_to_do(waiting, shut))

    def _opens(self, row: SealedRow) -> bool:
        try:
            unseal(row.sealed, place=row.place)
        except Unsealable as error:
            self.stderr.write(f"{row}: {error}")
            return False
        return True


def _what_to_do(waiting: int, shut: int) -> str:
    if waiting:
        return "Run rotate_credentials before taking the old key out."
    return "Keep the old keys until these credentials were entered again."
