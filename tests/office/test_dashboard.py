"""The admin's first page and sidebar, by who looks at them."""

from datetime import date

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory

from estateman.office.dashboard import admin_sidebar
from tasks import services


@pytest.fixture
def sidebar(rf: RequestFactory):
    """``sidebar(manager)``: the titles of its entries, by group."""

    def seen_by(user) -> dict[str, list[str]]:
        request = rf.get("/admin/")
        request.user = user
        return {group.get("title", ""): [item["title"] for item in group["items"]] for group in admin_sidebar(request)}

    return seen_by


def test_an_admin_finds_every_registered_model_once(sidebar, admin_user):
    shown = [title for entries in sidebar(admin_user).values() for title in entries]
    assert len(shown) == len(admin.site._registry) + 2


def test_the_stripe_mirror_is_one_folded_group(rf, admin_user):
    request = rf.get("/admin/")
    request.user = admin_user
    stripe = next(group for group in admin_sidebar(request) if group.get("title") == "Stripe mirror")
    assert stripe["collapsible"]
    assert len(stripe["items"]) > 20


def test_a_manager_sees_the_groups_that_are_theirs(sidebar, manager):
    groups = sidebar(manager)
    assert "Projects & tasks" in groups
    assert "Stripe mirror" not in groups
    assert "System" not in groups


def test_the_dashboard_counts_what_needs_a_look(admin_user, manager, django_assert_max_num_queries):
    project = services.open_project(name="12 Quay Street", kind="listing", by=manager)
    services.create_task(project, name="Late", due_on=date(2020, 1, 2), by=manager)
    client = Client()
    client.force_login(admin_user)
    with django_assert_max_num_queries(25):
        page = client.get("/admin/")
    figures = {figure.title: figure.count for figure in page.context["figures"]}
    assert figures == {"Open deals": 1, "Overdue tasks": 1, "Undelivered messages": 0, "Dead reactions": 0}
    assert "12 Quay Street" in page.content.decode()


def test_the_dashboard_shows_a_manager_no_more_than_they_may_see(manager):
    client = Client()
    client.force_login(manager)
    page = client.get("/admin/")
    assert page.status_code == 200
    assert [figure.title for figure in page.context["figures"]] == [
        "Open deals",
        "Overdue tasks",
        "Undelivered messages",
    ]


def test_staff_without_the_admin_are_turned_away(agent):
    client = Client()
    client.force_login(agent)
    assert client.get("/admin/").status_code == 302
