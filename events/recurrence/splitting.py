"""A series cut in two at one of its dates: what was before it, and what goes on from it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from events.recurrence.expansion import LONGEST_YEARS, bounds, local_starts
from events.recurrence.rules import Rule, parse_rule
from events.recurrence.zones import Series

_SECOND = timedelta(seconds=1)


def split(series: Series, at: datetime) -> tuple[Series, Series]:
    """The part of ``series`` before the local start ``at``, and the part from there on; both have dates.

    Together they have the dates that the whole has. A COUNT is shared out between them; without one, the first part
    ends one second before ``at``. Raises ValueError when either part would be empty: there is nothing to cut then.
    """
    before = _part(series, [local for local in _written(series) if local < at], _ended(series, at))
    after = _part(series, [local for local in _written(series) if local >= at], _carried_on(series, at))
    return before, after


def _written(series: Series) -> list[datetime]:
    """The dates that no rule names."""
    return sorted({*series.rdates, *(() if series.rule else (series.starts_at,))})


def _part(series: Series, written: Collection[datetime], ruled: tuple[datetime, Rule] | None) -> Series:
    if not (written or ruled):
        raise ValueError("Nothing of the series lies on that side.")
    first, rule = ruled or (min(written), None)
    dates = {*written, first}

    def mine(local: datetime) -> bool:
        return local in dates or (rule is not None and local >= first and (last is None or local <= last))

    last = bounds(rule, first).last if rule else None
    return replace(
        series,
        starts_at=first,
        rule=rule,
        last=last,
        rdates=tuple(sorted(set(written) - ({first} if rule is None else set()))),
        exdates=frozenset(local for local in series.exdates if mine(local)),
        moved={key: place for key, place in series.moved.items() if mine(key)},
    )


def _ended(series: Series, at: datetime) -> tuple[datetime, Rule] | None:
    """The rule's dates before ``at``."""
    rule = series.rule
    if rule is None or series.starts_at >= at:
        return None
    if rule.count is None:
        # At midnight a date alone says the same, and is what a whole-day event must have (RFC 5545, 3.3.10).
        last = at - _SECOND
        written = (
            f"{last:%Y%m%d}" if last.time() == datetime.max.time().replace(microsecond=0) else f"{last:%Y%m%dT%H%M%S}"
        )
        return series.starts_at, _rewritten(rule, f"UNTIL={written}")
    return series.starts_at, _rewritten(rule, f"COUNT={_number_before(series, rule, at)}")


def _carried_on(series: Series, at: datetime) -> tuple[datetime, Rule] | None:
    """The rule's dates from ``at`` on."""
    rule = series.rule
    if rule is None:
        return None
    until = series.last or max(at, series.starts_at) + timedelta(days=366 * LONGEST_YEARS)
    first = next(local_starts(rule, series.starts_at, after=at, until=until), None)
    if first is None:
        return None
    if rule.count is None:
        return first, rule
    return first, _rewritten(rule, f"COUNT={rule.count - _number_before(series, rule, at)}")


def _number_before(series: Series, rule: Rule, at: datetime) -> int:
    before = local_starts(rule, series.starts_at, after=series.starts_at, until=at - _SECOND)
    return sum(1 for _ in islice(before, rule.count))


def _rewritten(rule: Rule, end: str) -> Rule:
    parts = [part for part in rule.text.split(";") if part and not part.startswith(("COUNT=", "UNTIL="))]
    return parse_rule(";".join([*parts, end]))
