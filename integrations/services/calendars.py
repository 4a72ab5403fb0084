"""The calendars of a provider."""

from estateman.common.errors import RuleBroken
from estateman.people.models import User
from integrations.models import Integration, Kind
from integrations.permissions import require_manager
from integrations.services.grants import call_as
from integrations.spi import CalendarList, CalendarProvider, RemoteCalendar
from integrations.spi.operations import LIST_CALENDARS


class KeepsNoCalendars(RuleBroken):
    """This integration is of another kind."""

    code = "keeps_no_calendars"


def list_calendars(integration: Integration, *, by: User) -> tuple[RemoteCalendar, ...]:
    """The calendars that ``by``'s account there may see; what was found is remembered for a minute.

    Not to be called inside a transaction. Raises KeepsNoCalendars; NoConsent when ``by`` has not
    connected an account, else ProviderError.
    """
    require_manager(by)
    if integration.kind != Kind.CALENDAR:
        raise KeepsNoCalendars(f"{integration.name} keeps no calendars.")
    return call_as(integration, LIST_CALENDARS, _list, by=by).calendars


def _list(provider: CalendarProvider) -> CalendarList:
    return provider.list_calendars()
