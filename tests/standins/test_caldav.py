"""CalDAV against Radicale."""

import httpx
import pytest

from integrations import services
from integrations.models import Status

CALENDAR = """<?xml version="1.0" encoding="utf-8"?>
<c:mkcalendar xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:" xmlns:a="http://apple.com/ns/ical/"><d:set><d:prop>
<d:displayname>{name}</d:displayname><a:calendar-color>#0d6b5eff</a:calendar-color>
<c:supported-calendar-component-set><c:comp name="{component}"/></c:supported-calendar-component-set>
</d:prop></d:set></c:mkcalendar>"""


@pytest.fixture
def calendars(radicale):
    """Two calendars of maria's and a list of things to do."""
    for place, name, component in (
        ("showings", "Showings & visits", "VEVENT"),
        ("team", "Équipe", "VEVENT"),
        ("todo", "To do", "VTODO"),
    ):
        made = httpx.request(
            "MKCALENDAR",
            f"{radicale.url}/maria/{place}/",
            content=CALENDAR.format(name=name.replace("&", "&amp;"), component=component).encode(),
            auth=("maria", "any"),
            trust_env=False,
        )
        assert made.status_code == 201, made.text
    return radicale


def integration(url, manager):
    return services.create_integration(
        provider="caldav",
        name="Radicale",
        config={"url": url, "username": "maria"},
        credentials={"password": "any-password-0815"},
        by=manager,
    )


@pytest.mark.parametrize("path", ["", "/", "/maria/", "/maria/showings/"])
def test_the_accounts_calendars_are_found_from_any_of_its_addresses(calendars, manager, path):
    found = services.list_calendars(integration(calendars.url + path, manager), by=manager)
    by_name = {each.name: each for each in found}
    assert sorted(by_name) == ["Showings & visits", "Équipe"]
    showings = by_name["Showings & visits"]
    assert showings.id == f"{calendars.url}/maria/showings/"
    assert (showings.color, showings.may_write) == ("#0d6b5e", True)


def test_a_test_counts_them_and_passes(calendars, manager):
    found = services.test_integration(integration(calendars.url, manager), by=manager)
    assert (found.ok, found.detail) == (True, "127.0.0.1 shows maria 2 calendars.")


def test_an_account_without_calendars_passes_too(radicale, manager):
    assert services.test_integration(integration(radicale.url, manager), by=manager).ok


def test_over_the_api(calendars, manager, api):
    path = f"/api/v1/integrations/{integration(calendars.url, manager).pk}/calendars"
    assert len(api(manager).get(path).data["results"]) == 2


def test_an_address_that_keeps_no_calendars_fails(calendars, manager):
    made = integration(f"{calendars.url}/.web/", manager)
    assert not services.test_integration(made, by=manager).ok
    made.refresh_from_db()
    assert made.status == Status.ACTIVE  # once is not often enough to be failing
