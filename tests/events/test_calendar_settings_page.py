"""A calendar's settings, on a page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from estateman.people.models import FeedToken
from events.models import Access, Calendar, DataSync
from events.services import share_calendar
from integrations.services import create_integration
from tests.support.oauth import CLIENT_SECRET, OAuthVendor

ICS = b"""BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20260301T000000Z\r
DTSTART:20260302T140000Z\r\nDTEND:20260302T150000Z\r\nSUMMARY:Taken in\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"""


@pytest.fixture(autouse=True)
def _sunday(clock):
    return clock


@pytest.fixture
def path(calendar):
    return f"/calendars/{calendar.pk}"


def form(**fields):
    usual = {"name": "Alex", "color": "#2563eb", "timezone": "America/New_York", "conflicts": "warn", "version": 1}
    return {**usual, **fields}


def test_it_is_changed(browser, path, calendar):
    sent = form(name="Showings", color="#0f766e", conflicts="refuse", reminder_minutes=[10, 60])
    assert browser.post(f"{path}/settings", sent).status_code == 302
    calendar.refresh_from_db()
    assert (calendar.name, calendar.color, calendar.conflicts) == ("Showings", "#0f766e", "refuse")
    assert calendar.reminder_minutes == [10, 60]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a\x00"),
        ("color", "red"),
        ("timezone", "Mars/Base"),
        ("conflicts", "x"),
        ("reminder_minutes", "7"),
    ],
)
def test_what_is_wrong_is_said(browser, path, calendar, field, value):
    answer = browser.post(f"{path}/settings", form(**{field: value}))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert Calendar.objects.get().version == 1


def test_an_old_form_is_refused(browser, path):
    assert browser.post(f"{path}/settings", form(name="Other", version=9)).status_code == 409


def test_strangers_find_nothing_and_readers_see_only_what_is_theirs(
    client, path, calendar, coordinator, stranger, agent
):
    client.force_login(stranger)
    assert client.get(f"{path}/settings").status_code == 404
    assert client.post(f"{path}/feed").status_code == 404
    share_calendar(calendar, user=coordinator, access=Access.READ, by=agent)
    client.force_login(coordinator)
    page = client.get(f"{path}/settings").content.decode()
    assert "Make an address" in page
    assert "You read it" in page
    for word in ("Shared with", "Take in a file", "Put this calendar away"):
        assert word not in page
    assert client.post(f"{path}/settings", form(name="Mine")).status_code == 403
    assert client.post(f"{path}/archive").status_code == 403


def test_it_is_shared_and_not_any_more(browser, path, calendar, coordinator, team):
    browser.post(f"{path}/share", {"holder": f"user-{coordinator.pk}", "access": 3})
    browser.post(f"{path}/share", {"holder": f"team-{team.pk}", "access": 1})
    found = browser.get(f"{path}/settings").context["shares"]
    assert [(str(each.user or each.team), words) for each, words in found] == [
        ("Cora Coordinator", "writes into it"),
        ("Harbour sales", "sees when it is busy"),
    ]
    browser.post(f"{path}/shares/{found[0][0].pk}/end")
    assert calendar.shares.count() == 1
    assert browser.post(f"{path}/share", {"holder": "user-x", "access": 9}).status_code == 422


def test_its_secret_address_is_told_once_and_revoked(browser, path, client, calendar):
    address = browser.post(f"{path}/feed").context["address"]
    assert client.get(address.partition("/api")[1] + address.partition("/api")[2]).status_code == 200
    page = browser.get(f"{path}/settings")
    assert address not in page.content.decode()
    assert page.context["has_feed"]
    browser.post(f"{path}/feed", {"revoke": "1"})
    assert not FeedToken.objects.exists()


def test_a_file_is_taken_in(browser, path, calendar):
    found = browser.post(f"{path}/import", {"file": SimpleUploadedFile("mine.ics", ICS)}).context["imported"]
    assert (found.created, found.skipped) == (1, [])
    assert calendar.events.get().title == "Taken in"


@pytest.mark.parametrize("content", [b"", b"no calendar", b"\x00\xff"])
def test_a_file_that_is_none_is_refused(browser, path, calendar, content):
    answer = browser.post(f"{path}/import", {"file": SimpleUploadedFile("mine.ics", content)})
    assert (answer.status_code, list(answer.context["file_form"].errors)) == (422, ["file"])
    assert not calendar.events.exists()


def test_it_is_put_away_unless_something_is_ahead(browser, path, plan, calendar):
    event = plan("2026-03-02T09:00")
    assert browser.post(f"{path}/archive").status_code == 409
    event.delete()
    assert browser.post(f"{path}/archive").status_code == 302
    assert browser.get(f"{path}/settings").status_code == 404


def test_links_show_what_their_last_runs_did(browser, path, calendar, agent, google):
    link = calendar.links.create(user=agent, integration=google, remote_id="x", remote_name="Alex elsewhere")
    DataSync.objects.create(link=link, status="done", created_here=3, changed_there=2)
    page = browser.get(f"{path}/settings").content.decode()
    assert "Alex elsewhere" in page
    assert "+3" in page
    assert "~2" in page


def test_an_agent_connects_their_own_account_there_and_back_and_links_with_it(browser, path, calendar, agent, manager):
    with OAuthVendor() as vendor:
        integration = create_integration(
            provider="google_calendar",
            name="Google",
            config=vendor.config,
            credentials={"client_secret": CLIENT_SECRET},
            by=manager,
        )
        chosen = {"integration": integration.pk}
        assert "Connect my account at Google" in browser.get(f"{path}/settings").content.decode()
        asked = browser.post(f"{path}/account/connect", chosen)
        back = browser.get("/integrations/oauth/callback", vendor.consent(asked.url))
        assert back.url == f"{path}/settings?with={integration.pk}#links"
        assert "maria@harbour.example" in browser.get(back.url).content.decode()
        assert "Connect my account" not in browser.get(f"{path}/settings").content.decode()
        browser.post(
            f"{path}/links", {**chosen, "remote_id": "maria@harbour.example", "direction": "pull", "winner": "newest"}
        )
        assert calendar.links.get().user == agent
        browser.post(f"{path}/account/disconnect", chosen)
    assert "Connect my account at Google" in browser.get(f"{path}/settings").content.decode()


def test_the_offices_account_is_nothing_to_connect(browser, path, google):
    for verb in ("connect", "disconnect"):
        assert browser.post(f"{path}/account/{verb}", {"integration": google.pk}).status_code == 404
    assert "Calendars" not in browser.get(f"{path}/settings?with={google.pk}").content.decode()


def test_a_link_is_paused_goes_on_and_ends(browser, path, calendar, agent, google):
    link = calendar.links.create(user=agent, integration=google, remote_id="x")
    browser.post(f"{path}/links/{link.pk}/stop")
    assert not calendar.links.get().is_active
    browser.post(f"{path}/links/{link.pk}/start")
    assert calendar.links.get().is_active
    browser.post(f"{path}/links/{link.pk}/end")
    assert not calendar.links.exists()


@pytest.fixture
def google(manager):
    return create_integration(
        provider="sandbox_calendar", name="Calendars", mode="sandbox", config={}, credentials={}, by=manager
    )


@pytest.mark.parametrize("sent", ["share", "feed", "import", "links", "archive"])
def test_whoever_comes_back_to_what_was_sent_sees_the_page(browser, client, path, sent):
    assert browser.get(f"{path}/{sent}").headers["Location"] == f"{path}/settings"
    assert browser.put(f"{path}/{sent}").status_code == 405
    client.logout()
    assert client.post(f"{path}/{sent}").headers["Location"] == f"/login?next={path}/{sent}"


def test_whoever_comes_back_to_what_was_sent_from_another_page_sees_that(browser):
    for sent, page in {
        "/calendars/open": "/calendar",
        "/hours/week": "/hours",
        "/hours/off/1/end": "/hours",
        "/resources/3/blackouts": "/resources/3",
        "/booking-pages/2/delete": "/booking-pages/2",
    }.items():
        assert browser.get(sent).headers["Location"] == page
