"""When an appointment of a booking page can be had, and with whom."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q, QuerySet

from estateman.common import clock
from estateman.people.models import User
from events.availability import Hours, Interval, working
from events.busy import busy_of, hours_of, things_of
from events.models import Appointment, BookingPage, BookingPageHost, Event, Resource
from events.permissions import can_book, can_decide_booking, can_write_calendar
from events.recurrence import instant, span
from events.slots import Thing
from events.starts import Starts, open_starts

_DAY, _TICK = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True)
class Offer:
    """An appointment that can be had: when it begins, and the ids of the hosts who are free then."""

    starts_at: datetime
    hosts: tuple[int, ...]


def offers(
    page: BookingPage, start: datetime, end: datetime, *, host: int | None = None, leaving_out: Event | None = None
) -> list[Offer]:
    """What can be booked from ``start`` until before ``end``, in order; with this ``host`` only, if one is named.

    Nothing begins sooner than the page's notice, or later than its days ahead, counted in its zone; a closed page has
    nothing, not even to move to. ``leaving_out``
    is an appointment's own event, whose time does not stand in its way. The number of queries does not depend on the
    days or the appointments.
    """
    now = clock.now()
    start = max(start, now + timedelta(minutes=page.notice_minutes), now + _TICK)
    end = min(end, _last_end(page, now))
    hosts = [each for each in usable_hosts(page) if host is None or each.user_id == host]
    if not page.is_active or start >= end or not hosts or (page.resource and not page.resource.is_active):
        return []
    search = _Search(page, hosts, start, end, leaving_out)
    by_start: dict[datetime, list[int]] = defaultdict(list)
    for each in hosts:
        for begins in search.starts_of(each):
            by_start[begins].append(each.user_id)
    return [Offer(begins, tuple(by_start[begins])) for begins in sorted(by_start) if search.is_possible(begins)]


def usable_hosts(page: BookingPage) -> list[BookingPageHost]:
    """Those who work here still, may write into the calendar that their appointments go to, and get its resource."""
    hosts = page.hosts.filter(user__is_active=True, calendar__archived_at=None).select_related("user", "calendar")
    return [
        host
        for host in hosts
        if host.calendar.owner_id == host.user_id or can_write_calendar(host.user, host.calendar)
        if page.resource is None or _gets(host.user, page.resource)
    ]


def _gets(host: User, resource: Resource) -> bool:
    """At once: a visitor is not told that something must be approved first."""
    return can_book(host, resource) and (not resource.needs_approval or can_decide_booking(host, resource))


def fairest(page: BookingPage, hosts: Iterable[int], starts_at: datetime) -> int:
    """Of these hosts the one who has the fewest appointments of the page on that day, then whoever waited longest."""
    start, end = _day_around(page, starts_at)
    that_day = Count("pk", filter=Q(starts_at__gte=start, starts_at__lt=end))
    counted = _booked(page).values("host").annotate(that_day=that_day, latest=Max("created_at"))
    had = {row["host"]: (row["that_day"], row["latest"]) for row in counted}
    never = (0, datetime.min.replace(tzinfo=UTC))
    return min(hosts, key=lambda host: (*had.get(host, never), host))


def _booked(page: BookingPage) -> QuerySet[Appointment]:
    return Appointment.objects.filter(page=page, status=Appointment.Status.BOOKED).order_by()


def _last_end(page: BookingPage, now: datetime) -> datetime:
    today = clock.local_date(now, page.timezone)
    return _midnight(today + timedelta(days=page.days_ahead + 1), page.timezone)


def _midnight(day: date, timezone: str) -> datetime:
    return instant(datetime.combine(day, time.min), timezone)


def _day_around(page: BookingPage, moment: datetime) -> Interval:
    day = clock.local_date(moment, page.timezone)
    return _midnight(day, page.timezone), _midnight(day + _DAY, page.timezone)


class _Search:
    """All that is read for one window, before any start is looked at."""

    def __init__(
        self,
        page: BookingPage,
        hosts: Sequence[BookingPageHost],
        start: datetime,
        end: datetime,
        leaving_out: Event | None,
    ) -> None:
        self.page, self.start, self.end = page, start, end
        self.duration = timedelta(minutes=page.duration_minutes)
        self.before, self.after = (
            timedelta(minutes=minutes) for minutes in (page.buffer_before_minutes, page.buffer_after_minutes)
        )
        around = start - 2 * _DAY, end + 2 * _DAY
        self.hours = hours_of([host.user for host in hosts], *around)
        self.busy = busy_of([host.user_id for host in hosts], *around, leaving_out=leaving_out)
        self.thing = self._thing(leaving_out)
        self.booked = self._count(around, leaving_out)

    def _thing(self, leaving_out: Event | None) -> Thing | None:
        if self.page.resource is None:
            return None
        found = things_of([self.page.resource], self.start - _DAY, self.end + _DAY, leaving_out=leaving_out)
        return found[self.page.resource.pk]

    def _count(self, around: Interval, leaving_out: Event | None) -> Counter[tuple[int, date]]:
        """How many appointments each host has on each of the page's days."""
        if self.page.daily_limit is None:
            return Counter()
        near = _booked(self.page).filter(starts_at__range=around).exclude(event=leaving_out)
        return Counter((host, self._day(starts_at)) for host, starts_at in near.values_list("host", "starts_at"))

    def _day(self, moment: datetime) -> date:
        return clock.local_date(moment, self.page.timezone)

    def starts_of(self, host: BookingPageHost) -> Iterator[datetime]:
        """When an appointment with them can begin, counted from where each day's hours begin."""
        spans = list(self._days(self.hours[host.user_id]))
        blocked = [busy.blocked for busy in self.busy[host.user_id]]
        limit = self.page.daily_limit
        for begins in open_starts(
            spans,
            blocked,
            duration=self.duration,
            step=timedelta(minutes=self.page.step_minutes),
            before=self.before,
            after=self.after,
        ):
            is_full = limit is not None and self.booked[host.user_id, self._day(begins)] >= limit
            if self.start <= begins < self.end and not is_full:
                yield begins

    def _days(self, hours: Hours) -> Iterator[Interval]:
        """The hours day by day, whatever the window: an appointment begins at the same times however one asks."""
        zone = ZoneInfo(hours.timezone)
        day, last = self.start.astimezone(zone).date(), self.end.astimezone(zone).date()
        while day <= last:
            yield from working(hours, _midnight(day, hours.timezone), _midnight(day + _DAY, hours.timezone))
            day += _DAY

    def is_possible(self, begins: datetime) -> bool:
        """Whether the resource is free, and the page's clocks can name that time: in autumn one hour has two."""
        local = begins.astimezone(ZoneInfo(self.page.timezone)).replace(tzinfo=None, fold=0)
        named = span(local, self.page.timezone, self.page.duration_minutes)
        if (named.starts_at, named.ends_at) != (begins, begins + self.duration):
            return False
        return self.thing is None or bool(self.thing.starts(Starts(begins, _DAY, 1, self.duration)))
