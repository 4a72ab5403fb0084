"""The calendars and the ways to count days that a new office starts with.

They are a start, to be edited and checked against the contract at hand. Where the law is not certain that a day is a
holiday, the calendar leaves it out: a deadline that falls on it is then shown on that day, which is never too late.
What is counted backwards from a closing errs the other way, so the federal rule for it has a calendar of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.db import transaction

from tasks.models import BusinessCalendar, Closure, Counting, DateProfile, Roll
from tasks.public_holidays import YEARS

SUNDAY = 6
CHECK = "Check your contract: its own words go before this profile."
NEW_YEAR, JUNETEENTH, INDEPENDENCE, VETERANS, CHRISTMAS = (1, 1), (6, 19), (7, 4), (11, 11), (12, 25)

Closed = Iterator[tuple[date, str]]


@dataclass(frozen=True)
class _Calendar:
    name: str
    country: str = ""
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    keeps_observed: bool = True
    closures: Callable[[], Closed] = lambda: iter(())


@dataclass(frozen=True)
class _Profile:
    name: str
    calendar: str
    description: str
    counting: Counting = Counting.CALENDAR
    roll: Roll = Roll.NONE
    deadline_time: time | None = None


def _mondays_for_sundays(*days: tuple[int, int]) -> Closed:
    """The Mondays on which holidays of a fixed date are kept that fall on a Sunday."""
    for year in YEARS:
        for month, day in days:
            if (holiday := date(year, month, day)).weekday() == SUNDAY:
                yield holiday + timedelta(days=1), f"For the holiday of Sunday, {holiday:%B} {day}"


def _californian() -> Closed:
    """California Government Code § 6701; of the Saturdays only Veterans Day is kept on the Friday before."""
    yield from _mondays_for_sundays(NEW_YEAR, INDEPENDENCE, VETERANS, CHRISTMAS)
    for year in YEARS:
        if (veterans_day := date(year, *VETERANS)).weekday() == SUNDAY - 1:
            yield veterans_day - timedelta(days=1), "For Veterans Day"


def _coloradan() -> Closed:
    """Colorado Revised Statutes § 24-11-101: Frances Xavier Cabrini Day, and Mondays for Sundays."""
    yield from _mondays_for_sundays(NEW_YEAR, JUNETEENTH, INDEPENDENCE, VETERANS, CHRISTMAS)
    for year in range(2020, YEARS.stop):
        first = date(year, 10, 1)
        yield first + timedelta(days=-first.weekday() % 7), "Frances Xavier Cabrini Day"


CALENDARS = {
    "weekdays": _Calendar("Mondays to Fridays"),
    "us-federal": _Calendar("US federal holidays, also as observed", "US"),
    "us-federal-days": _Calendar("US federal holidays, on their own days only", "US", keeps_observed=False),
    "trid-specific": _Calendar("TRID specific business days", "US", weekdays=(0, 1, 2, 3, 4, 5), keeps_observed=False),
    "california": _Calendar("California", "US", keeps_observed=False, closures=_californian),
    "colorado": _Calendar("Colorado", "US", keeps_observed=False, closures=_coloradan),
}

_CALIFORNIAN_HOLIDAYS = (
    "Holidays are the federal ones, which all stand in Government Code § 6700 too, moved as § 6701 says: from a "
    "Sunday to the Monday, and not from a Saturday, save Veterans Day. § 6700 has more days (Lincoln Day, Cesar Chavez "
    "Day, Admission Day and others): add those you rely on as closures."
)
_TRID_SOURCE = "Regulation Z, 12 CFR 1026.2(a)(6) and its official interpretation 2(a)(6)-2."

PROFILES = {
    "california-rpa": _Profile(
        "California: C.A.R. purchase agreement",
        "california",
        "Calendar days; the day of the event is day 0. A last day on a Saturday, Sunday or legal holiday moves to the "
        "next day that is none, and ends at 11:59 pm. C.A.R. form RPA, definition of days (paragraph 30F to 30H of the "
        f"earlier editions, “Counting Days” in the later ones). {_CALIFORNIAN_HOLIDAYS} {CHECK}",
        roll=Roll.FORWARD,
        deadline_time=time(23, 59),
    ),
    "california-rpa-deposit": _Profile(
        "California: C.A.R. purchase agreement, deposit",
        "california",
        "Business days, for the delivery of the initial deposit to escrow; the day of acceptance is day 0. C.A.R. form "
        f"RPA, paragraph 3. {_CALIFORNIAN_HOLIDAYS} {CHECK}",
        counting=Counting.BUSINESS,
    ),
    "texas-trec": _Profile(
        "Texas: TREC contract",
        "us-federal-days",
        "Calendar days; the effective date is day 0. Weekends and holidays count, and nothing moves a last day that "
        "falls on one. The option period ends at 5 pm local time. TREC One to Four Family Residential Contract "
        "(Resale) and Texas REALTORS' guidance on counting days. Earnest money and option fee have a profile of their "
        f"own. {CHECK}",
    ),
    "texas-trec-money": _Profile(
        "Texas: TREC contract, earnest money and option fee",
        "us-federal-days",
        "Calendar days; the effective date is day 0. Where the last day to deliver the earnest money or the option fee "
        "falls on a Saturday, Sunday or legal holiday, it is the next day that is none. TREC One to Four Family "
        "Residential Contract (Resale), paragraph 5A. The contract does not list the legal holidays: here they are the "
        f"federal ones, on their own days. {CHECK}",
        roll=Roll.FORWARD,
    ),
    "colorado": _Profile(
        "Colorado: contract to buy and sell, deadlines not extended",
        "colorado",
        "Calendar days; the first day is excluded, the last one included. The box “Will” is not ticked, so a deadline "
        "on a weekend or holiday stays there. It ends at 11:59 pm Mountain Time, unless a Time of Day Deadline is set. "
        f"Colorado Real Estate Commission form CBS1, § 3, day, computation of period of days, deadlines. {CHECK}",
        deadline_time=time(23, 59),
    ),
    "colorado-extended": _Profile(
        "Colorado: contract to buy and sell, deadlines extended",
        "colorado",
        "As the other one, with the box “Will” ticked: a deadline on a Saturday, Sunday, federal or Colorado state "
        "holiday is extended to the next day that is none. Form CBS1, § 3, deadlines. Holidays are the federal ones, "
        "Frances Xavier Cabrini Day (C.R.S. § 24-11-101), and the Monday for a holiday on a Sunday; the Friday before "
        f"one on a Saturday is left out. {CHECK}",
        roll=Roll.FORWARD,
        deadline_time=time(23, 59),
    ),
    "florida-far-bar": _Profile(
        "Florida: FAR/BAR contract",
        "us-federal",
        "Calendar days; the effective date is day 0. What ends on a Saturday, Sunday or national legal holiday, or on "
        "the day on which one is observed, extends to 5 pm, where the property is, of the next business day (later "
        "editions leave the hour out). Florida Realtors/Florida Bar Residential Contract, also AS IS, standard 18F. "
        f"{CHECK}",
        roll=Roll.FORWARD,
        deadline_time=time(17, 0),
    ),
    "trid-specific": _Profile(
        "TRID: specific business days",
        "trid-specific",
        "All days except Sundays and the legal public holidays of 5 U.S.C. 6103(a). Saturdays count, and so does the "
        "Friday or Monday on which a holiday of a fixed date is observed. For the Closing Disclosure, received three "
        f"business days before consummation (12 CFR 1026.19(f)(1)(ii)), and for rescission. {_TRID_SOURCE} {CHECK}",
        counting=Counting.BUSINESS,
    ),
    "trid-general": _Profile(
        "TRID: general business days",
        "us-federal",
        "Days on which the creditor's offices are open to the public for substantially all of its business: here "
        "Mondays to Fridays but the federal holidays as observed; give your lender's days a calendar of their own. For "
        "the Loan Estimate, within three business days of the application (12 CFR 1026.19(e)(1)(iii)(A)). "
        f"{_TRID_SOURCE} {CHECK}",
        counting=Counting.BUSINESS,
    ),
}


@transaction.atomic
def install_date_profiles() -> None:
    """Give an office that has no profile all of these. What it edited or deleted afterwards stays so."""
    if DateProfile.objects.exists():
        return
    calendars = {key: _installed(key, calendar) for key, calendar in CALENDARS.items()}
    for key, profile in PROFILES.items():
        DateProfile.objects.create(
            key=key,
            name=profile.name,
            description=profile.description,
            calendar=calendars[profile.calendar],
            counting=profile.counting,
            weekend_roll=profile.roll,
            holiday_roll=profile.roll,
            deadline_time=profile.deadline_time,
        )


def _installed(key: str, stock: _Calendar) -> BusinessCalendar:
    """The calendar of that key: the office's, where it has one."""
    calendar, is_new = BusinessCalendar.objects.get_or_create(
        key=key,
        defaults={
            "name": stock.name,
            "country": stock.country,
            "weekdays": list(stock.weekdays),
            "keeps_observed": stock.keeps_observed,
        },
    )
    if is_new:
        Closure.objects.bulk_create(Closure(calendar=calendar, on=day, name=name) for day, name in stock.closures())
    return calendar
