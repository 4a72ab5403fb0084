"""Who gets which page, and what each costs."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from estateman.people.models import User
from notifications.models import Category, Notification
from notifications.services import Message, notify
from tasks import services
from tasks.models import Project, ProjectTemplate, Task

TODAY = date(2026, 3, 2)


@pytest.fixture
def visit():
    """``visit(agent).get("/")``: Django's client, signed in as that person; ``visit(None)`` is nobody."""

    def client_of(user: User | None) -> Client:
        client = Client()
        if user:
            client.force_login(user)
        return client

    return client_of


@pytest.fixture
def project(manager, agent) -> Project:
    found = services.open_project(name="12 Quay Street", kind="listing", by=manager)
    services.add_member(found, user=agent, role="member", by=manager)
    return found


@pytest.fixture
def task(project, manager, agent) -> Task:
    return services.create_task(project, name="Take photos", assignees=[agent], by=manager)


@pytest.fixture
def told(agent):
    """``told(3)``: so many notifications in the agent's inbox."""

    def tell(count: int) -> list[Notification]:
        earlier = agent.notifications.count()
        for number in range(earlier, earlier + count):
            title = f"Task {number}"
            message = Message(kind="task.assigned", category=Category.TASKS, title=title, dedupe_key=title, channels=())
            notify([agent.pk], message)
        return list(agent.notifications.order_by("-seq"))

    return tell


@pytest.mark.parametrize("path", ["/", "/projects", "/projects/new", "/inbox", "/my-day/tasks", "/my-day/points"])
def test_staff_see_the_page_and_strangers_the_door(path, visit, agent):
    assert visit(agent).get(path).status_code == 200
    answer = visit(None).get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/login?next={path}")


@pytest.mark.parametrize(
    "route",
    [("get", "/projects/{project}/board"), ("post", "/tasks/{task}/complete"), ("post", "/tasks/{task}/reopen")],
)
def test_a_deal_is_there_for_its_people_and_not_for_strangers(route, visit, agent, stranger, project, task):
    method, path = route
    path = path.format(project=project.pk, task=task.pk)
    assert getattr(visit(agent), method)(path).status_code == 200
    assert getattr(visit(stranger), method)(path).status_code == 404
    assert getattr(visit(None), method)(path).status_code == 302


@pytest.mark.parametrize("path", ["/tasks/{task}/complete", "/inbox/read-all", "/logout"])
def test_what_changes_something_is_never_a_get(path, visit, agent, task):
    assert visit(agent).get(path.format(task=task.pk)).status_code == 405


def test_a_viewer_looks_at_the_board_and_moves_nothing(visit, project, task, manager, coordinator):
    services.add_member(project, user=coordinator, role="viewer", by=manager)
    page = visit(coordinator).get(f"/projects/{project.pk}/board")
    assert page.status_code == 200
    assert b"data-may-move" not in page.content
    assert visit(coordinator).post(f"/tasks/{task.pk}/complete").status_code == 403


def test_completing_answers_the_day_and_says_how_to_undo_it(visit, agent, task):
    answer = visit(agent).post(f"/tasks/{task.pk}/complete")
    task.refresh_from_db()
    assert task.is_completed
    assert f"/tasks/{task.pk}/reopen" in answer["HX-Trigger"]
    assert b"Take photos" not in answer.content


def test_a_rule_in_the_way_is_told_beside_the_task(visit, agent, manager, project, task):
    later = services.create_task(project, name="Write the text", assignees=[agent], by=manager)
    services.add_dependency(later, predecessor=task, by=manager)
    answer = visit(agent).post(f"/tasks/{later.pk}/complete")
    assert answer.status_code == 409
    assert "wait for: Take photos" in answer.content.decode()


def test_htmx_gets_the_columns_alone(visit, agent, project, task):
    whole = visit(agent).get(f"/projects/{project.pk}/board")
    part = visit(agent).get(f"/projects/{project.pk}/board", headers={"HX-Request": "true"})
    assert b"<html" in whole.content
    assert b"<html" not in part.content
    assert b"Take photos" in part.content


def test_a_deal_is_opened_from_a_template_with_its_people(visit, manager, agent):
    template = ProjectTemplate.objects.create(key="launch", name="Launch", kind="listing")
    template.tasks.create(key="photos", name="Take photos", role="listing_agent")
    form = {"name": "7 Row", "kind": "listing", "starts_on": TODAY, "template": template.pk}
    answer = visit(manager).post("/projects/new", {**form, "role_listing_agent": agent.pk})
    opened = Project.objects.get(name="7 Row")
    assert answer["Location"] == f"/projects/{opened.pk}/board"
    assert opened.tasks.get().assignee_ids == [agent.pk]


def test_the_form_asks_for_the_people_that_the_template_needs(visit, manager):
    template = ProjectTemplate.objects.create(key="launch", name="Launch", kind="lease")
    template.tasks.create(key="photos", name="Take photos", role="marketing")
    part = visit(manager).get("/projects/new", {"template": template.pk}, headers={"HX-Request": "true"})
    assert b"role_marketing" in part.content
    assert b"role_listing_agent" not in part.content
    assert b'value="lease" selected' in part.content


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("starts_on", "soon"), ("kind", "castle"), ("template", "99999"), ("template", "x")],
)
def test_a_wrong_field_is_told_on_the_form(field, value, visit, manager):
    form = {"name": "7 Row", "kind": "listing", "starts_on": TODAY} | {field: value}
    answer = visit(manager).post("/projects/new", form)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Project.objects.exists()


def test_the_inbox_is_ones_own(visit, agent, stranger, told):
    first = told(1)[0]
    assert visit(agent).get(f"/inbox/{first.pk}").status_code == 200
    assert visit(stranger).get(f"/inbox/{first.pk}").status_code == 404
    assert visit(stranger).post(f"/inbox/{first.pk}/read").status_code == 404
    first.refresh_from_db()
    assert first.read_at is None


def test_reading_answers_how_many_are_left(visit, agent, told):
    newest, *_ = told(3)
    answer = visit(agent).post(f"/inbox/{newest.pk}/read")
    assert answer["HX-Trigger"] == '{"unread": {"count": 2}}'


def test_mark_all_read_leaves_what_came_after_the_page(visit, agent, told):
    newest, seen, _ = told(3)
    visit(agent).post("/inbox/read-all", {"upto_seq": seen.seq})
    assert list(Notification.objects.for_user(agent).unread()) == [newest]


def test_the_inbox_goes_on_where_the_page_ended(visit, agent, told):
    everything = told(35)
    first = visit(agent).get("/inbox")
    assert f"before={everything[29].seq}" in first.content.decode()
    rest = visit(agent).get(f"/inbox?before={everything[29].seq}", headers={"HX-Request": "true"})
    assert rest.content.decode().count("<li") == 5


@pytest.mark.parametrize("before", ["soon", "-1", "²", "9" * 30])
def test_a_place_in_the_inbox_is_a_whole_number(before, visit, agent):
    assert visit(agent).get("/inbox", {"before": before}).status_code == 400


@pytest.fixture
def fill(manager, agent, project, told):
    """``fill(3)``: so much more of everything on the agent's pages."""

    def more(times: int) -> None:
        due = timezone.localdate() + timedelta(days=1)
        for _ in range(times):
            other = services.open_project(name="Another", kind="listing", by=manager, roles={"listing_agent": agent})
            first = services.create_task(project, name="First", due_on=due, assignees=[agent], by=manager)
            second = services.create_task(project, name="Second", assignees=[agent, manager], by=manager)
            services.add_dependency(second, predecessor=first, by=manager)
            services.create_task(other, name="Elsewhere", assignees=[agent], by=manager)
        told(20 * times)

    return more


@pytest.mark.parametrize("path", ["/", "/projects", "/projects/{project}/board", "/inbox"])
def test_a_page_costs_the_same_however_much_it_shows(path, visit, agent, project, fill, django_assert_max_num_queries):
    path, client = path.format(project=project.pk), visit(agent)
    fill(1)
    with django_assert_max_num_queries(20) as few:
        client.get(path)
    fill(12)
    with django_assert_max_num_queries(len(few)):
        client.get(path)


def test_nobody_is_sent_away_from_the_site_after_signing_in(visit, agent):
    answer = visit(None).post(
        "/login", {"username": agent.email, "password": "correct horse", "next": "https://evil.example/"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_the_demo_people_stand_at_the_door_only_where_they_may_sign_in(visit, settings, agent):
    User.objects.filter(pk=agent.pk).update(is_demo=True)
    settings.DEMO_LOGINS = True
    assert b"Alex Agent" in visit(None).get("/login").content
    settings.DEMO_LOGINS = False
    assert b"Alex Agent" not in visit(None).get("/login").content


def test_too_many_wrong_passwords_close_the_door_for_a_while(visit, agent):
    for _ in range(11):
        answer = visit(None).post("/login", {"username": agent.email, "password": "guess"})
    assert "Too many wrong passwords" in answer.content.decode()
