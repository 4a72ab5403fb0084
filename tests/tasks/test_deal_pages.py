"""The pages of a deal: who gets them, what they show, and what each costs."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tasks import services
from tasks.models import Baseline, KeyDate

MONDAY = date(2026, 5, 4)
PAGES = ["board", "board?swimlane=label", "gantt", "dates", "report", "automation", "deleted"]


@pytest.fixture
def visit():
    """``visit(agent)``: a browser's client, signed in as that person."""

    def client_of(user):
        client = Client()
        client.force_login(user)
        return client

    return client_of


@pytest.fixture
def planned(deal, make_task, manager, agent):
    """A deal with a chain, a part, a milestone, a done task, and a key date with a follower."""
    photos = make_task("Photos", starts_on=MONDAY, duration_days=2, assignees=[agent])
    text = make_task("Text", after=[photos], duration_days=3)
    make_task("Go live", after=[text], duration_days=0)
    services.edit_task(make_task("Floor plan"), by=manager, changes={"parent": photos})
    services.complete_task(make_task("Agreement"), by=manager, completed_on=MONDAY)
    services.add_key_date(deal, kind="closing", on=date(2026, 6, 1), by=manager)
    return deal


@pytest.mark.parametrize("page", PAGES)
def test_members_see_the_page_and_strangers_do_not_know_of_it(page, planned, visit, viewer, stranger):
    url = f"/projects/{planned.pk}/{page}"
    assert visit(viewer).get(url).status_code == 200
    assert visit(stranger).get(url).status_code == 404
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_a_page_takes_as_many_queries_for_many_tasks(
    page, planned, visit, viewer, make_task, django_assert_max_num_queries
):
    client, url = visit(viewer), f"/projects/{planned.pk}/{page}"
    for number in range(20):
        make_task(f"Task {number}", starts_on=MONDAY)
    with django_assert_max_num_queries(45):
        assert client.get(url).status_code == 200


def test_the_plan_shows_bars_and_what_is_critical(planned, visit, viewer):
    text = visit(viewer).get(f"/projects/{planned.pk}/gantt?zoom=days").content.decode()
    assert text.count('class="gantt-bar"') == planned.tasks.count()
    assert "Closing" in text
    assert 'data-tone="danger">critical' in text


def test_a_kept_plan_is_compared_with(planned, visit, manager):
    answer = visit(manager).post(f"/projects/{planned.pk}/baselines", {"name": "As agreed"})
    kept = Baseline.objects.get()
    assert answer["Location"] == f"/projects/{planned.pk}/gantt?baseline={kept.pk}"
    assert "Against As agreed" in visit(manager).get(answer["Location"]).content.decode()


def test_a_name_is_kept_once(planned, visit, manager):
    for status in (302, 409):
        assert visit(manager).post(f"/projects/{planned.pk}/baselines", {"name": "Twice"}).status_code == status


def test_a_baseline_of_another_deal_is_not_there(planned, visit, manager):
    assert visit(manager).get(f"/projects/{planned.pk}/gantt?baseline=999").status_code == 404
    assert visit(manager).get(f"/projects/{planned.pk}/gantt?baseline=x&zoom=far").status_code == 200


def move(visit, user, key_date, **form):
    url = f"/projects/{key_date.project_id}/dates/{key_date.pk}"
    return visit(user).post(url, {"version": key_date.version, **form}, headers={"hx-request": "true"})


def test_moving_a_key_date_is_looked_at_before_it_is_done(planned, visit, agent, make_task, manager):
    closing = KeyDate.objects.get()
    walk = make_task("Walk through")
    services.set_date_rule(walk, by=manager, after=closing, days=1, direction="before")
    shown = move(visit, agent, closing, on="2026-06-03")
    closing.refresh_from_db()
    assert closing.on == date(2026, 6, 1)
    assert "Walk through" in shown.content.decode()
    done = move(visit, agent, closing, on="2026-06-03", apply="yes")
    closing.refresh_from_db()
    walk.refresh_from_db()
    assert (done["HX-Refresh"], closing.on, walk.due_on) == ("true", date(2026, 6, 3), date(2026, 6, 2))


@pytest.mark.parametrize(
    ("form", "status"),
    [({}, 422), ({"on": "never"}, 422), ({"on": "1066-10-14"}, 422), ({"on": "2026-06-03", "version": 9}, 409)],
)
def test_a_day_that_cannot_be_changes_nothing(planned, visit, agent, form, status):
    closing = KeyDate.objects.get()
    assert move(visit, agent, closing, **form, apply="yes").status_code == status
    closing.refresh_from_db()
    assert closing.on == date(2026, 6, 1)


def test_who_only_looks_moves_nothing(planned, visit, viewer, stranger):
    closing = KeyDate.objects.get()
    assert move(visit, viewer, closing, on="2026-06-03", apply="yes").status_code == 403
    assert move(visit, stranger, closing, on="2026-06-03", apply="yes").status_code == 404


def test_a_key_date_is_added_once(planned, visit, agent):
    form = {"kind": "inspection", "on": "2026-05-11"}
    for status in (302, 422):
        assert visit(agent).post(f"/projects/{planned.pk}/dates/add", form).status_code == status


def test_a_task_has_a_page(planned, visit, viewer, stranger, agent, manager):
    text = planned.tasks.get(name="Text")
    services.comment_on_task(text, body="**Look** at <script>alert(1)</script>", by=agent)
    shown = visit(viewer).get(f"/tasks/{text.pk}").content.decode()
    assert "<strong>Look</strong>" in shown
    assert "<script>alert" not in shown
    assert visit(stranger).get(f"/tasks/{text.pk}").status_code == 404


def test_a_tasks_page_takes_as_many_queries_for_much(planned, visit, viewer, agent, django_assert_max_num_queries):
    text = planned.tasks.get(name="Text")
    for number in range(8):
        services.comment_on_task(text, body=f"Comment {number}", by=agent)
        services.add_checklist_item(text, text=f"Line {number}", by=agent)
    with django_assert_max_num_queries(45):
        visit(viewer).get(f"/tasks/{text.pk}")


def test_deadlines_have_a_page_and_an_address(planned, visit, agent, make_task):
    make_task("Due soon", due_on=timezone.localdate() + timedelta(days=2), assignees=[agent])
    client = visit(agent)
    assert "Due soon" in client.get("/deadlines").content.decode()
    assert "/api/v1/my/deadlines.ics?token=" in client.post("/deadlines").content.decode()


def cards_of(answer):
    return [card.name for column in answer.context["board"].columns for card in column.cards]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("q=photo", {"Photos"}),
        ("mine=on", {"Photos"}),
        ("priority=urgent", {"Go live"}),
        ("due=overdue", {"Photos", "Text", "Go live"}),
        ("label=999&assignee=x&due=never&priority=9", {"Photos", "Text", "Go live", "Floor plan", "Agreement"}),
    ],
)
def test_a_board_is_narrowed_by_its_address(planned, visit, agent, manager, asked, names):
    services.edit_task(planned.tasks.get(name="Go live"), by=manager, changes={"priority": "urgent"})
    answer = visit(agent).get(f"/projects/{planned.pk}/board?{asked}")
    assert set(cards_of(answer)) == names
    assert ("Show all" in answer.content.decode()) == (len(names) < 5)


def test_a_board_in_rows_shows_each_person_and_nobody(planned, visit, viewer, agent):
    text = visit(viewer).get(f"/projects/{planned.pk}/board?swimlane=assignee").content.decode()
    assert f'id="lane-{agent.pk}"' in text
    assert 'id="lane-none"' in text
    photos = planned.tasks.get(name="Photos")
    assert f'id="task-{agent.pk}-{photos.pk}"' in text


def test_to_htmx_a_board_is_its_cards_and_how_many_of_them(planned, visit, viewer):
    answer = visit(viewer).get(f"/projects/{planned.pk}/board?q=photo", headers={"hx-request": "true"})
    text = answer.content.decode()
    assert "<form" not in text
    assert "1 of 5 cards" in text


def test_a_deal_is_starred_on_its_page_and_comes_first(planned, visit, agent, stranger):
    browser = visit(agent)
    services.open_project(name="1 Abbey Road", kind="lease", by=agent)
    url = f"/projects/{planned.pk}/star"
    assert 'aria-pressed="true"' in browser.post(url, {"starred": "on"}).content.decode()
    listed = [project.pk for project in browser.get("/projects").context["projects"]]
    assert listed[0] == planned.pk
    assert 'aria-pressed="true"' in browser.get(f"/projects/{planned.pk}/dates").content.decode()
    assert 'aria-pressed="false"' in browser.post(url, {"starred": ""}).content.decode()
    assert not agent.starred_projects.exists()
    assert visit(stranger).post(url, {"starred": "on"}).status_code == 404


def test_a_deleted_task_is_brought_back_by_who_might_have_deleted_it(planned, visit, manager, viewer, stranger):
    text = planned.tasks.get(name="Text")
    services.delete_task(text, by=manager, bridge=False)
    page, url = f"/projects/{planned.pk}/deleted", f"/projects/{planned.pk}/deleted/{text.pk}"
    assert "Text" in visit(viewer).get(page).content.decode()
    assert url not in visit(viewer).get(page).content.decode()
    assert visit(viewer).post(url).status_code == 403
    assert visit(stranger).post(url).status_code == 404
    assert not planned.tasks.filter(pk=text.pk).exists()
    assert url in visit(manager).get(page).content.decode()
    assert "is back in" in visit(manager).post(url, follow=True).content.decode()
    assert planned.tasks.filter(pk=text.pk).exists()


def test_a_full_column_takes_nothing_back(planned, visit, manager):
    text = planned.tasks.get(name="Text")
    services.delete_task(text, by=manager, bridge=False)
    services.change_column(text.column, by=manager, changes={"wip_limit": 1, "wip_is_hard": True})
    answer = visit(manager).post(f"/projects/{planned.pk}/deleted/{text.pk}", follow=True)
    assert "takes no more than 1" in answer.content.decode()
    assert not planned.tasks.filter(pk=text.pk).exists()
