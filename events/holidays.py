"""The public holidays of a country or a part of it, by name, from the library `holidays`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

import holidays

LONGEST_NAME = 200


class UnknownCountry(ValueError):
    """No holidays are known for it; the message says how to write one."""


@dataclass(frozen=True)
class Holiday:
    """One day. ``uid`` is the same however often it is looked up."""

    uid: str
    name: str
    on: date

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.on, time.min)


def holidays_of(code: str, years: Iterable[int]) -> list[Holiday]:
    """Those of ``code``, like US or US-NY, in order, named in English where that is known. Raises UnknownCountry."""
    country, dash, subdivision = code.partition("-")
    try:
        # The library would take its own classes' names as well.
        known = holidays.country_holidays(country if re.fullmatch("[A-Z]{2}", country) else "")
    except NotImplementedError:
        known = None
    if known is None or (dash and subdivision not in known.subdivisions):
        raise UnknownCountry("Write a country like US, or a part of one like US-NY.")
    english = next((each for each in ("en_US", *known.supported_languages) if _is_english(each, known)), None)
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=set(years), language=english)
    return [
        Holiday(f"{day:%Y%m%d}-{code}@holidays.estateman", name[:LONGEST_NAME], day)
        for day, name in sorted(found.items())
    ]


def _is_english(language: str, country: holidays.HolidayBase) -> bool:
    return language.startswith("en") and language in country.supported_languages
