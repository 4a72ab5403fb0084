"""The public holidays of a country, by the library `holidays`, for every year a plan may hold."""

from datetime import date
from functools import lru_cache

import holidays

YEARS = range(2000, 2100)


class UnknownCountry(ValueError):
    """No holidays are known for this country, or for this part of it."""


@lru_cache(maxsize=64)
def public_holidays(country: str, subdivision: str = "", *, keeps_observed: bool = True) -> frozenset[date]:
    """The holidays of ``country`` (ISO 3166, like US) or its ``subdivision`` (like CA).

    With ``keeps_observed`` the weekdays on which those of a weekend are kept belong to them. Raises UnknownCountry.
    """
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=YEARS, observed=keeps_observed)
    except NotImplementedError as unknown:
        raise UnknownCountry(str(unknown)) from None
    return frozenset(found)
