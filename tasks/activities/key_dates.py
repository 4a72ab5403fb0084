"""What key dates announce in their deal, and calendars and date profiles to the whole office."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from estateman.common.rooms import OFFICE
from tasks.activities.base import OfProject, listed


@dataclass(frozen=True, kw_only=True)
class OfKeyDate(OfProject):
    """What every fact about one key date has: its id, its name and its day, if it is known."""

    key_date_id: int
    key_date: str
    on: str | None


@dataclass(frozen=True, kw_only=True)
class KeyDateAdded(OfKeyDate, Fact, kind="project.key_date_added"):
    def sentence(self) -> str:
        return f"added {self.key_date} to {self.project}" + (f", on {self.on}" if self.on else "")


@dataclass(frozen=True, kw_only=True)
class KeyDateChanged(OfKeyDate, Fact, kind="project.key_date_changed"):
    """``fields`` were changed, by a person. ``was_on`` is the day before; ``met_on`` the day it really happened."""

    fields: tuple[str, ...]
    was_on: str | None
    met_on: str | None

    def sentence(self) -> str:
        if "met_on" in self.fields and self.met_on:
            return f"noted that {self.key_date} of {self.project} happened on {self.met_on}"
        if "on" in self.fields:
            return f"moved {self.key_date} of {self.project} from {self.was_on or 'no day'} to {self.on or 'no day'}"
        return f"changed {listed(self.fields)} of {self.key_date}"


@dataclass(frozen=True, kw_only=True)
class KeyDateRemoved(OfKeyDate, Fact, kind="project.key_date_removed"):
    def sentence(self) -> str:
        return f"removed {self.key_date} from {self.project}"


@dataclass(frozen=True, kw_only=True)
class DateRuleChanged(OfProject, Fact, kind="project.date_rule_changed"):
    """The rule of a key date or a task (``target_kind``) was ``set`` or ``removed``; ``rule`` has it in words."""

    target_kind: str
    target_id: int
    target: str
    change: str
    rule: str

    def sentence(self) -> str:
        if self.change == "removed":
            return f"took its date rule from {self.target}"
        return f"set {self.target} to {self.rule}"


@dataclass(frozen=True, kw_only=True)
class BusinessCalendarChanged(Fact, kind="business_calendar.changed"):
    """A calendar was ``created``, ``changed`` or ``removed``; closing days are a change of it."""

    calendar_id: int
    calendar: str
    change: str

    def rooms(self) -> tuple[str, ...]:
        return (OFFICE,)

    def sentence(self) -> str:
        return f"{self.change} the calendar {self.calendar}"


@dataclass(frozen=True, kw_only=True)
class DateProfileChanged(Fact, kind="date_profile.changed"):
    """A way of counting days was ``created``, ``changed`` or ``removed``."""

    profile_id: int
    profile: str
    change: str

    def rooms(self) -> tuple[str, ...]:
        return (OFFICE,)

    def sentence(self) -> str:
        return f"{self.change} the date profile {self.profile}"
