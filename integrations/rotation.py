"""Every sealed value of the house, and how each moves to the current key."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model

from integrations.sealing import Place, Sealed, SealedField, seal, unseal


@dataclass(frozen=True)
class SealedRow:
    """One sealed value and where it stands."""

    model: type[Model]
    pk: int
    place: Place
    sealed: Sealed

    def __str__(self) -> str:
        return f"{self.place.model} {self.pk}, {self.place.field}"


def sealed_rows(*, batch: int = 200) -> Iterator[SealedRow]:
    """Every sealed value there is, read ``batch`` rows at a time."""
    for model, field in _sealed_fields():
        found = model._base_manager.exclude(**{field: None}).order_by("pk")
        last = 0
        while rows := list(found.filter(pk__gt=last).values_list("pk", "uuid", field)[:batch]):
            for pk, uuid, sealed in rows:
                yield SealedRow(model, pk, Place(model._meta.label_lower, str(uuid), field), sealed)
            last = rows[-1][0]


def _sealed_fields() -> Iterator[tuple[type[Model], str]]:
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, SealedField):
                yield model, field.name


def reseal(row: SealedRow) -> bool:
    """Move one value to the current key. False when somebody changed it meanwhile.

    Raises Unsealable.
    """
    values = {name: secret.reveal() for name, secret in unseal(row.sealed, place=row.place).items()}
    same = row.model._base_manager.filter(**{"pk": row.pk, row.place.field: row.sealed})
    return bool(same.update(**{row.place.field: seal(values, place=row.place)}))
