"""Names that one project has only once, however they are written."""

from typing import Any

from django.db.models import Model, QuerySet

from tasks.services.refusals import NameTaken


def require_free_name(rows: QuerySet[Any], name: str, *, what: str, but: Model | None = None) -> None:
    """Raises NameTaken where one of ``rows``, other than ``but``, is called ``name``.

    ``what`` says whose it is, as in "The board has a column".
    """
    same = rows.filter(name__iexact=name)
    if (same.exclude(pk=but.pk) if but else same).exists():
        raise NameTaken(f"{what} called {name} already.")
