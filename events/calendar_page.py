"""The drawn calendar: days with hours, months of weeks, and lists of days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from estateman.common import clock
from estateman.people.models import TeamMembership, User
from events.calendar_window import Window
from events.layout import side_by_side
from events.models import Access, Answer, Attendee, Calendar, OccurrenceAnswer
from events.models.calendars import CalendarQuerySet
from events.occurrences import EventOccurrence, occurrences_for
from events.recurrence import instant

USUAL_HOURS = (7, 20)
HOUR_HEIGHT = 48
LOWEST = 24
SHOWN_IN_MONTH = 4
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Entry:
    """One occurrence as it is drawn: on the reader's clocks, or on no clock at all for whole days."""

    event: int | None
    recurrence_id: datetime
    title: str
    location: str
    calendar: str
    color: str
    starts: datetime
    ends: datetime
    all_day: bool
    answer: str
    is_tentative: bool
    is_past: bool

    @property
    def is_bar(self) -> bool:
        """Whether it stands above the hours, over all its days."""
        return self.all_day or self.ends - self.starts >= _DAY

    @property
    def first(self) -> date:
        return self.starts.date()

    @property
    def last(self) -> date:
        return max(self.starts, self.ends - timedelta(microseconds=1)).date()


def calendars_chosen_for(user: User, visible: CalendarQuerySet) -> set[int]:
    """What somebody sees who has not chosen: their own, their teams', the office's and what was shared with them.

    Where they have nothing but the office's, all that they may see.
    """
    teams = TeamMembership.objects.filter(user=user).values("team")
    shared = Q(shares__user=user) | Q(shares__team__in=teams)
    near = visible.filter(Q(owner=user) | Q(team__in=teams) | shared)
    chosen = visible.filter(Q(pk__in=near.values("pk")) | Q(owner=None, team=None)) if near.exists() else visible
    return set(chosen.values_list("pk", flat=True))


def entries_for(user: User, window: Window, *, calendars: Mapping[int, Calendar], chosen: set[int]) -> list[Entry]:
    """What ``user`` sees in ``window`` of the ``chosen`` of their ``calendars``, and what they are invited to.

    In order of start, whole days first. The number of queries is constant.
    """
    start, end = (
        instant(datetime.combine(day, time.min), user.timezone) for day in (window.first, window.days[-1] + _DAY)
    )
    # A whole day elsewhere begins up to a day sooner or later than here.
    found = occurrences_for(user, start - _DAY, end + _DAY)
    answers = _answers(user, {each.event for each in found if each.event})
    now = clock.now()
    drawn = [
        _entry(each, user, calendars.get(each.calendar), answers.get((each.event, each.recurrence_id)) or whole, now)
        for each in found
        if (whole := answers.get((each.event, None), "")) or each.calendar in chosen
    ]
    inside = [each for each in drawn if each.first <= window.days[-1] and each.last >= window.first]
    return sorted(inside, key=lambda each: (not each.is_bar, each.starts, each.ends, each.title))


def _answers(user: User, events: set[int]) -> dict[tuple[int | None, datetime | None], str]:
    """What ``user`` said to each event, by date or (None) for the whole of it."""
    said: dict[tuple[int | None, datetime | None], str] = {}
    for event, status in Attendee.objects.filter(user=user, event__in=events).values_list("event", "status"):
        said[event, None] = status
    dates = OccurrenceAnswer.objects.filter(attendee__user=user, attendee__event__in=events)
    for event, recurrence_id, status in dates.values_list("attendee__event", "recurrence_id", "status"):
        said[event, recurrence_id] = status
    return said


def _entry(found: EventOccurrence, user: User, calendar: Calendar | None, answer: str, now: datetime) -> Entry:
    zone = ZoneInfo(found.timezone) if found.all_day else user.zone
    return Entry(
        event=found.event,
        recurrence_id=found.recurrence_id,
        title=found.title,
        location=found.location,
        calendar=calendar.name if calendar else "Invitation",
        color=calendar.color if calendar else "#64748b",
        starts=_wall(found.starts_at, zone),
        ends=_wall(found.ends_at, zone),
        all_day=found.all_day,
        answer=answer,
        is_tentative=found.status == "tentative" or answer in {Answer.NEEDS_ACTION, Answer.TENTATIVE, Answer.WAITING},
        is_past=found.ends_at <= now,
    )


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


@dataclass(frozen=True)
class Box:
    """An entry on its day: left and width in hundredths of the day's width, top and height in pixels."""

    entry: Entry
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Bar:
    """An entry over whole days: from the ``at``-th day of the row on (1 is the first), over ``span`` of them.

    ``begins`` is when it does so in this row; None for whole days, and where it began before.
    """

    entry: Entry
    at: int
    span: int
    begins: datetime | None


@dataclass(frozen=True)
class Day:
    date: date
    boxes: list[Box] = field(default_factory=list)
    now_y: float | None = None


@dataclass(frozen=True)
class Grid:
    """Days with their hours, drawn between ``first_hour`` and ``last_hour``."""

    days: list[Day]
    bars: list[Bar]
    hours: list[tuple[int, time]]
    height: int
    first_hour: int


def time_grid(entries: Sequence[Entry], days: Sequence[date], now: datetime) -> Grid:
    """``now`` is on the reader's clocks. Early and late entries make the days longer than USUAL_HOURS."""
    timed = [each for each in entries if not each.is_bar]
    pieces = {day: [piece for each in timed if (piece := _piece(each, day))] for day in days}
    spans = [span for of_day in pieces.values() for _, span in of_day]
    first = min([USUAL_HOURS[0], *(since // 60 for since, _ in spans)])
    last = max([USUAL_HOURS[1], *(-(-until // 60) for _, until in spans)])
    return Grid(
        days=[Day(day, _boxes(pieces[day], first), _now_y(day, now, first, last)) for day in days],
        bars=_bars(entries, days),
        hours=[((hour - first) * HOUR_HEIGHT, time(hour)) for hour in range(first, last)],
        height=(last - first) * HOUR_HEIGHT,
        first_hour=first,
    )


def _piece(entry: Entry, day: date) -> tuple[Entry, tuple[int, int]] | None:
    """The part of it on ``day``, in minutes after midnight."""
    midnight = datetime.combine(day, time.min)
    since, until = max(entry.starts, midnight), min(entry.ends, midnight + _DAY)
    if not (entry.first <= day <= entry.last):
        return None
    minutes = tuple(int((moment - midnight).total_seconds() // 60) for moment in (since, until))
    return entry, (minutes[0], max(minutes[1], minutes[0] + 1))


def _boxes(pieces: Sequence[tuple[Entry, tuple[int, int]]], first_hour: int) -> list[Box]:
    # What is too short to be read is drawn longer, and so takes its place in the row.
    drawn = [(since, max(until, since + LOWEST * 60 // HOUR_HEIGHT)) for _, (since, until) in pieces]
    boxes = []
    for (entry, _), (since, until), place in zip(pieces, drawn, side_by_side(drawn), strict=True):
        width = 100 / place.columns
        top = (since - first_hour * 60) * HOUR_HEIGHT / 60
        height = (until - since) * HOUR_HEIGHT / 60
        boxes.append(Box(entry, round(place.column * width, 2), top, round(width, 2), height))
    return boxes


def _now_y(day: date, now: datetime, first: int, last: int) -> float | None:
    minutes = now.hour * 60 + now.minute - first * 60
    return minutes * HOUR_HEIGHT / 60 if day == now.date() and 0 <= minutes <= (last - first) * 60 else None


def _bars(entries: Iterable[Entry], days: Sequence[date]) -> list[Bar]:
    shown = [each for each in entries if each.is_bar and each.first <= days[-1] and each.last >= days[0]]
    shown.sort(key=lambda each: (each.first, -(each.last - each.first).days))
    return [_bar(each, days) for each in shown]


def _bar(entry: Entry, days: Sequence[date]) -> Bar:
    first, last = max(entry.first, days[0]), min(entry.last, days[-1])
    begins = entry.starts if first == entry.first and not entry.all_day else None
    return Bar(entry, (first - days[0]).days + 1, (last - first).days + 1, begins)


@dataclass(frozen=True)
class MonthDay:
    """``more`` is how many entries there are beside those that fit."""

    date: date
    entries: list[Entry]
    more: int
    is_outside: bool


@dataclass(frozen=True)
class Week:
    days: list[MonthDay]
    bars: list[Bar]


def weeks_of(entries: Sequence[Entry], window: Window) -> list[Week]:
    """The month's weeks, each day with at most SHOWN_IN_MONTH entries."""
    days = window.days
    rows = [days[number : number + 7] for number in range(0, len(days), 7)]
    return [Week([_month_day(entries, day, window) for day in row], _bars(entries, row)) for row in rows]


def _month_day(entries: Iterable[Entry], day: date, window: Window) -> MonthDay:
    mine = [each for each in entries if not each.is_bar and each.first == day]
    fit = SHOWN_IN_MONTH if len(mine) <= SHOWN_IN_MONTH else SHOWN_IN_MONTH - 1
    return MonthDay(day, mine[:fit], len(mine[fit:]), is_outside=day.month != window.day.month)


@dataclass(frozen=True)
class Line:
    """An entry in the list of one day: when it begins and ends on that day; None where it does so on another."""

    entry: Entry
    begins: datetime | None
    ends: datetime | None


def listed(entries: Sequence[Entry], days: Iterable[date]) -> list[tuple[date, list[Line]]]:
    """The days that have something, with it."""
    by_day = ((day, [_line(each, day) for each in entries if each.first <= day <= each.last]) for day in days)
    return [(day, mine) for day, mine in by_day if mine]


def _line(entry: Entry, day: date) -> Line:
    if entry.all_day:
        return Line(entry, None, None)
    return Line(entry, entry.starts if entry.first == day else None, entry.ends if entry.last == day else None)


def readable(calendars: Iterable[Calendar]) -> list[Calendar]:
    """Those whose rooms one may hear; each has ``access`` (see ``CalendarQuerySet.visible_to``)."""
    return [each for each in calendars if getattr(each, "access", 0) >= Access.READ]
