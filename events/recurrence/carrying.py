"""When a whole series moves, the dates that were taken out or added go with it."""

from collections.abc import Iterable
from datetime import datetime

from events.recurrence.zones import Series, find_occurrence


def carry_exdates(before: Series, after: Series, *, all_day: bool) -> list[datetime]:
    """``before``'s exdates as ``after`` names them, so that a date taken out does not come back with a new hour.

    The same day at the new time, if the series still takes place that day; else as far along as the start went.
    ``all_day`` is whether ``after`` takes whole days: no date has an hour of its own then.
    """
    return sorted({_carried(exdate, before, after, all_day=all_day) for exdate in before.exdates})


def _carried(exdate: datetime, before: Series, after: Series, *, all_day: bool) -> datetime:
    same_day = _at_new_time(exdate, before, after, all_day=all_day)
    along = exdate + (after.starts_at - before.starts_at)
    if find_occurrence(after, same_day) is None and find_occurrence(after, along) is not None:
        return along
    return same_day


def carry_keys(before: Series, after: Series, keys: Iterable[datetime], *, all_day: bool) -> dict[datetime, datetime]:
    """By the key of a date in ``before``, its key in ``after``, each once; dates that ``after`` lacks are left out."""
    carried = {key: _carried(key, before, after, all_day=all_day) for key in keys}
    # Whoever keeps the day goes before whoever comes to it from another.
    in_order = sorted(carried.items(), key=lambda pair: (pair[0].date() != pair[1].date(), pair))
    owners: dict[datetime, datetime] = {}
    for key, new in in_order:
        if find_occurrence(after, new) is not None:
            owners.setdefault(new, key)
    return {key: new for new, key in owners.items()}


def carry_rdates(before: Series, after: Series, *, all_day: bool) -> list[datetime]:
    """``before``'s added dates: those at the series' usual time follow it to the new one, others stay."""
    return sorted({_at_new_time(rdate, before, after, all_day=all_day) for rdate in before.rdates})


def _at_new_time(local: datetime, before: Series, after: Series, *, all_day: bool) -> datetime:
    follows = all_day or local.time() == before.starts_at.time()
    return datetime.combine(local.date(), after.starts_at.time()) if follows else local
