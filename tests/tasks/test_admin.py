"""Projects, tasks and templates in the admin."""

import pytest

from tasks import services
from tasks.activities import ProjectOpened, TaskChanged
from tasks.models import Project, ProjectTemplate


@pytest.fixture
def admin(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def act(admin):
    """Choose an action for rows of a list; returns what the admin says then."""

    def run(model, action, *rows):
        chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
        answer = admin.post(f"/admin/tasks/{model}/", chosen, follow=True)
        return [str(message) for message in answer.context["messages"]]

    return run


@pytest.mark.parametrize("model", ["project", "task", "projecttemplate", "templatetask"])
def test_lists_open_at_a_constant_cost(admin, manager, make_task, listing_launch, model, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(25) as counted:
            assert admin.get(f"/admin/tasks/{model}/?q=a").status_code == 200
        return len(counted)

    make_task()
    few = queries()
    services.open_project(name="5 Mill Lane", kind="lease", by=manager)
    make_task()
    ProjectTemplate.objects.create(key="another", name="Another plan", kind="lease")
    assert queries() <= few


def test_a_project_is_opened_and_changed_through_the_services(admin, manager, told):
    form = {"name": "5 Mill Lane", "kind": "lease", "status": "active", "starts_on": "2026-05-04"}
    inlines = {
        f"{prefix}-{field}": 0
        for prefix in ("memberships", "columns", "applied_templates")
        for field in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    assert admin.post("/admin/tasks/project/add/", {**form, **inlines}).status_code == 302
    project = Project.objects.get()
    assert project.memberships.get().user == manager
    assert [fact.project for fact in told(ProjectOpened)] == ["5 Mill Lane"]
    url = f"/admin/tasks/project/{project.pk}/change/"
    assert admin.post(url, {**form, **inlines, "name": "7 Mill Lane"}).status_code == 302
    project.refresh_from_db()
    assert (project.name, project.version) == ("7 Mill Lane", 2)


def test_projects_are_archived_and_restored(act, admin, deal):
    assert act("project", "archive", deal) == ["Done: 1."]
    assert "Save" not in admin.get(f"/admin/tasks/project/{deal.pk}/change/").content.decode()
    act("project", "restore", deal)
    deal.refresh_from_db()
    assert deal.archived_at is None


def test_a_task_is_changed_through_the_services(admin, make_task, told):
    task = make_task("Photos", after=[make_task("Staging")])
    url = f"/admin/tasks/task/{task.pk}/change/"
    assert admin.get(url).status_code == 200
    form = {
        "name": "Film",
        "priority": "normal",
        "scheduling_mode": "automatic",
        "duration_days": 3,
        "starts_on": "2026-05-04",
        "progress": 0,
    }
    inlines = {f"{p}-{f}": 0 for p in ("assignments", "incoming") for f in ("TOTAL_FORMS", "INITIAL_FORMS")}
    assert admin.post(url, {**form, **inlines}).status_code == 302
    task.refresh_from_db()
    assert (task.name, task.due_on.isoformat()) == ("Film", "2026-05-06")
    assert len(told(TaskChanged)) == 1


def test_tasks_are_completed_and_reopened_and_the_admin_says_which_may_not_be(act, make_task):
    staging = make_task("Staging")
    photos = make_task("Photos", after=[staging])
    assert act("task", "complete", photos) == ["Photos: This has to wait for: Staging."]
    assert act("task", "complete", staging, photos) == ["Done: 2."]
    assert act("task", "reopen", photos) == ["Done: 1."]
    photos.refresh_from_db()
    assert not photos.is_completed


def test_a_private_deal_is_its_members_only(admin, agent):
    project = services.open_project(name="Quiet sale", kind="listing", by=agent, is_private=True)
    assert "Quiet sale" not in admin.get("/admin/tasks/project/").content.decode()
    assert admin.get(f"/admin/tasks/project/{project.pk}/change/").status_code == 302


def test_a_template_is_edited(admin, listing_launch):
    task = listing_launch.tasks.get(key="staging")
    for url in (f"projecttemplate/{listing_launch.pk}", f"templatetask/{task.pk}"):
        assert admin.get(f"/admin/tasks/{url}/change/").status_code == 200


def test_an_agent_has_no_business_there(client, agent):
    client.force_login(agent)
    assert client.get("/admin/tasks/project/").status_code == 302
