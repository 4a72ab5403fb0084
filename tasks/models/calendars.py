"""How days are counted: business calendars, named profiles of how contracts count, and a count of days."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models

from estateman.common.versions import Versioned
from tasks.public_holidays import UnknownCountry, public_holidays
from tasks.workdays import Workdays


class Counting(models.TextChoices):
    """What is counted from one day to the other."""

    BUSINESS = "business", "business days"
    CALENDAR = "calendar", "calendar days"
    OFF_WEEKENDS = "off_weekends", "calendar days, not landing on a weekend"


class Roll(models.TextChoices):
    """Where a day goes that lands where it may not."""

    NONE = "none", "stays"
    BACK = "back", "to the business day before"
    FORWARD = "forward", "to the business day after"


class Direction(models.TextChoices):
    BEFORE = "before"
    AFTER = "after"


def validate_weekdays(numbers: object) -> None:
    """Field validator: raises ValidationError unless it is a list of 0 (Monday) to 6 (Sunday), each once, not empty."""
    if not isinstance(numbers, list) or not numbers or len(set(map(repr, numbers))) != len(numbers):
        raise ValidationError("List the weekdays that are worked, 0 for Monday to 6 for Sunday, each once.")
    if not all(type(number) is int and 0 <= number <= 6 for number in numbers):
        raise ValidationError("A weekday is a number from 0 for Monday to 6 for Sunday.")


def monday_to_friday() -> list[int]:
    return [0, 1, 2, 3, 4]


class BusinessCalendar(Versioned):
    """Which days are business days: weekdays, less a country's holidays, less the office's own closures."""

    key = models.SlugField(unique=True, help_text="What it is known by, whatever it is called")
    name = models.CharField(max_length=120)
    weekdays = models.JSONField(default=monday_to_friday, validators=[validate_weekdays])
    country = models.CharField(max_length=2, blank=True, help_text="Whose public holidays are kept, like US; or none")
    subdivision = models.CharField(max_length=10, blank=True, help_text="Of that country, like CA; or the whole of it")
    keeps_observed = models.BooleanField(
        default=True, help_text="Whether the Friday or Monday on which a weekend's holiday is kept is one, too"
    )

    class Meta:
        db_table = "business_calendars"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        try:
            self.public_holidays()
        except UnknownCountry as unknown:
            raise ValidationError({"country": str(unknown)}) from None

    def public_holidays(self) -> frozenset[date]:
        """Raises UnknownCountry."""
        if not self.country:
            return frozenset()
        return public_holidays(self.country, self.subdivision, keeps_observed=self.keeps_observed)

    def workdays(self) -> Workdays:
        """Its business days, to count with. One query, for the closures, unless they were prefetched."""
        closures = [closure.on for closure in self.closures.all()]
        return Workdays(frozenset(self.weekdays), self.public_holidays().union(closures))


class Closure(models.Model):
    """A day on which the office itself is closed."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="closures")
    on = models.DateField()
    name = models.CharField(max_length=120)

    class Meta:
        db_table = "business_closures"
        ordering = ("on",)
        constraints = [models.UniqueConstraint(fields=["calendar", "on"], name="closure_once_per_day")]

    def __str__(self) -> str:
        return f"{self.name} ({self.on})"


class DateProfile(Versioned):
    """How the contracts of one place, or one law, count days. A start, to be checked against the contract at hand."""

    key = models.SlugField(unique=True, help_text="What it is known by, whatever it is called")
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, help_text="The rule in words, and where it stands")
    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.PROTECT, related_name="profiles")
    counting = models.CharField(max_length=20, choices=Counting.choices, default=Counting.CALENDAR)
    weekend_roll = models.CharField(max_length=10, choices=Roll.choices, default=Roll.NONE)
    holiday_roll = models.CharField(max_length=10, choices=Roll.choices, default=Roll.NONE)
    skip_holidays = models.BooleanField(default=False, help_text="Leave holidays out when counting calendar days")
    deadline_time = models.TimeField(null=True, blank=True, help_text="Until when on the last day, where it says so")

    class Meta:
        db_table = "date_profiles"

    def __str__(self) -> str:
        return self.name


class DayCount(models.Model):
    """So many days before or after another day.

    What it leaves empty of how days are counted is as its profile says; without one as the project's profile says.
    """

    days = models.PositiveSmallIntegerField(help_text="0 is the same day")
    direction = models.CharField(max_length=10, choices=Direction.choices, default=Direction.AFTER)
    profile = models.ForeignKey(DateProfile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    counting = models.CharField(max_length=20, choices=Counting.choices, blank=True)
    weekend_roll = models.CharField(max_length=10, choices=Roll.choices, blank=True)
    holiday_roll = models.CharField(max_length=10, choices=Roll.choices, blank=True)
    skip_holidays = models.BooleanField(null=True, blank=True)

    class Meta:
        abstract = True


class Sets(models.TextChoices):
    """Which day of a task a rule sets; the other follows from the duration."""

    START = "start"
    DUE = "due"
