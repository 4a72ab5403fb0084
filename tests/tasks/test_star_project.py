"""Keeping a deal at the top of one's list, and what one sees of a deal."""

import pytest

from tasks import services
from tasks.models import BusinessCalendar, DateProfile, Project, ProjectStar


@pytest.fixture
def star(api):
    return lambda who, project: api(who).post(f"/api/v1/projects/{project.pk}/star")


@pytest.fixture
def other(agent):
    return services.open_project(name="3 Mill Lane", kind="lease", by=agent)


def test_a_star_is_ones_own(api, star, agent, viewer, deal, other):
    assert star(agent, deal).data["starred"] is True
    assert star(agent, deal).status_code == 200
    assert api(agent).get(f"/api/v1/projects/{deal.pk}").data["starred"] is True
    assert api(viewer).get(f"/api/v1/projects/{deal.pk}").data["starred"] is False
    found = api(agent).get("/api/v1/projects?starred=true").data["results"]
    assert [each["id"] for each in found] == [deal.pk]
    assert [each["id"] for each in api(agent).get("/api/v1/projects?starred=false").data["results"]] == [other.pk]
    for _ in range(2):
        assert api(agent).delete(f"/api/v1/projects/{deal.pk}/star").status_code == 204
    assert not ProjectStar.objects.exists()


def test_strangers_star_nothing(star, stranger, deal):
    assert star(stranger, deal).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_starred_eight_times_at_once_it_has_one_star(deal, agent, in_threads):
    results = in_threads(8, lambda _: services.star_project(deal, by=agent).pk)
    assert results == [deal.pk] * 8
    assert ProjectStar.objects.count() == 1


def test_starred_deals_stand_first_on_the_page(client, agent, deal, other, make_task):
    client.force_login(agent)
    make_task(due_on=deal.starts_on)
    assert [each.name for each in client.get("/projects").context["projects"]] == ["12 Quay Street", "3 Mill Lane"]
    services.star_project(other, by=agent)
    assert [each.name for each in client.get("/projects").context["projects"]] == ["3 Mill Lane", "12 Quay Street"]


def test_the_list_costs_the_same_however_long_it_is(api, agent, deal, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(4) as counted:
            assert api(agent).get("/api/v1/projects").status_code == 200
        return len(counted)

    few = queries()
    for number in range(5):
        services.star_project(services.open_project(name=f"{number}", kind="lease", by=agent), by=agent)
    assert queries() == few


def test_a_deal_names_its_clients_and_stands_where_who_opened_it_lives(api, agent):
    agent.timezone = "America/Chicago"
    agent.save()
    body = {"name": "3 Mill Lane", "kind": "lease", "client_names": "Pat and Lee Poe"}
    told = api(agent).post("/api/v1/projects", body).data
    assert (told["client_names"], told["timezone"]) == ("Pat and Lee Poe", "America/Chicago")
    assert [each["id"] for each in api(agent).get("/api/v1/projects?q=poe").data["results"]] == [told["id"]]
    said = api(agent).post("/api/v1/projects", body | {"timezone": "America/Denver"}).data
    assert said["timezone"] == "America/Denver"
    changed = api(agent).patch(f"/api/v1/projects/{told['id']}", {"timezone": "America/Denver", "client_names": ""})
    assert (changed.data["timezone"], changed.data["client_names"]) == ("America/Denver", "")
    assert api(agent).post("/api/v1/projects", body | {"timezone": "Mars"}).data["errors"][0]["attr"] == "timezone"


def test_a_deal_has_its_own_calendar_and_way_of_counting(api, manager, deal):
    calendar = BusinessCalendar.objects.create(key="own", name="Own")
    profile = DateProfile.objects.create(key="own", name="Own", calendar=calendar)
    changes = {"calendar": calendar.pk, "date_profile": profile.pk}
    told = api(manager).patch(f"/api/v1/projects/{deal.pk}", changes).data
    assert (told["calendar"], told["date_profile"]) == (calendar.pk, profile.pk)
    for field in changes:
        answer = api(manager).patch(f"/api/v1/projects/{deal.pk}", {field: 2**70})
        assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, field)
    told = api(manager).patch(f"/api/v1/projects/{deal.pk}", {"calendar": None}, format="json").data
    assert told["calendar"] is None


def test_what_happened_in_a_deal_is_told_the_latest_first(api, agent, viewer, stranger, deal, other):
    services.create_task(deal, name="Photos", by=agent)
    services.create_task(other, name="Keys", by=agent)
    url = f"/api/v1/projects/{deal.pk}/activity"
    told = api(viewer).get(url).data["results"]
    assert told[0]["sentence"] == "created Photos"
    assert all(each["rooms"] == [f"project:{deal.pk}"] for each in told)
    assert len(api(viewer).get(f"{url}?kind=task.created").data["results"]) == 1
    assert api(viewer).get(f"{url}?actor={stranger.pk}").data["results"] == []
    assert api(stranger).get(url).status_code == 404


def test_what_happened_costs_the_same_however_much_it_was(api, agent, deal, make_task, django_assert_max_num_queries):
    for number in range(5):
        make_task(f"Photos {number}")
    with django_assert_max_num_queries(4):
        assert api(agent).get(f"/api/v1/projects/{deal.pk}/activity").status_code == 200


def test_the_page_that_opens_a_deal_asks_for_its_clients_and_how_it_counts(client, agent):
    client.force_login(agent)
    calendar = BusinessCalendar.objects.create(key="own", name="Own")
    profile = DateProfile.objects.create(key="own", name="Own way", calendar=calendar)
    assert "Own way" in client.get("/projects/new").content.decode()
    form = {"name": "3 Mill Lane", "kind": "lease", "starts_on": "2026-05-04", "client_names": "Pat Poe"}
    assert client.post("/projects/new", form | {"calendar": calendar.pk, "date_profile": profile.pk}).status_code == 302
    project = Project.objects.get()
    assert (project.client_names, project.calendar, project.date_profile) == ("Pat Poe", calendar, profile)
