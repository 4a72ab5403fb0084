"""Projects, tasks and templates in the admin."""

import pytest

from tasks import services
from tasks.activities import LabelChanged, ProjectOpened, TaskChanged
from tasks.models import Label, Project, ProjectTemplate, Task


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


@pytest.mark.parametrize("model", ["project", "task", "projecttemplate", "templatetask", "label", "recurrence"])
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
    form = {
        "name": "5 Mill Lane",
        "kind": "lease",
        "status": "active",
        "starts_on": "2026-05-04",
        "timezone": "America/Denver",
    }
    inlines = {
        f"{prefix}-{field}": 0
        for prefix in ("memberships", "key_dates", "columns", "applied_templates")
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
    inlines = {
        f"{p}-{f}": 0
        for p in ("assignments", "watchings", "incoming", "checklist", "date_changes")
        for f in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    assert admin.post(url, {**form, **inlines}).status_code == 302
    task.refresh_from_db()
    assert (task.name, task.due_on.isoformat()) == ("Film", "2026-05-07")
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


def test_a_deleted_task_is_found_and_brought_back(act, admin, make_task):
    task = make_task("Photos")
    assert act("task", "put_away", task) == ["Done: 1."]
    assert "Photos" not in admin.get("/admin/tasks/task/").content.decode()
    assert "Photos" in admin.get("/admin/tasks/task/?deleted=yes").content.decode()
    assert "Save" not in admin.get(f"/admin/tasks/task/{task.pk}/change/").content.decode()
    answer = admin.post(
        "/admin/tasks/task/?deleted=yes", {"action": "restore", "_selected_action": [task.pk]}, follow=True
    )
    assert [str(message) for message in answer.context["messages"]] == ["Done: 1."]
    assert Task.objects.get(pk=task.pk).deleted_at is None


def test_a_task_in_the_middle_of_a_chain_is_not_deleted_here(act, make_task):
    photos = make_task("Photos", after=[make_task("Staging")])
    make_task("Go live", after=[photos])
    (message,) = act("task", "put_away", photos)
    assert message.startswith("Photos: Go live wait for Photos")


def test_labels_are_arranged_through_the_services(admin, deal, make_task, told):
    form = {"project": deal.pk, "name": "Paperwork", "color": "#0f766e"}
    assert admin.post("/admin/tasks/label/add/", form).status_code == 302
    label = Label.objects.get()
    make_task(labels=[label])
    url = f"/admin/tasks/label/{label.pk}"
    assert admin.post(f"{url}/change/", {"name": "Papers", "color": "#0f766e"}).status_code == 302
    again = admin.post("/admin/tasks/label/add/", form | {"name": "papers"}, follow=True)
    *_, refused = (str(message) for message in again.context["messages"])
    assert refused == "12 Quay Street has a label called papers already."
    assert admin.post(f"{url}/delete/", {"post": "yes"}).status_code == 302
    assert [(fact.label, fact.change) for fact in told(LabelChanged)] == [
        ("Paperwork", "added"),
        ("Papers", "changed"),
        ("Papers", "removed"),
    ]


def test_a_recurrence_is_looked_at_only(admin, manager, deal, make_task):
    task = services.set_recurrence(make_task(due_on=deal.starts_on), every=2, unit="week", by=manager)
    page = admin.get(f"/admin/tasks/recurrence/{task.recurrence_id}/change/")
    assert page.status_code == 200
    assert "Save" not in page.content.decode()


@pytest.mark.parametrize("model", ["label", "automationrule", "keydate"])
@pytest.mark.parametrize("at_once", [True, False])
def test_what_a_rule_forbids_is_not_deleted_and_the_page_says_why(admin, deal, manager, make_rule, model, at_once):
    make = {
        "label": lambda: services.create_label(deal, name="Paperwork", by=manager),
        "automationrule": lambda: make_rule("task_created", [{"action": "complete"}]),
        "keydate": lambda: services.add_key_date(deal, kind="closing", by=manager),
    }
    row = make[model]()
    services.archive_project(deal, by=manager)
    list_, confirmed = f"/admin/tasks/{model}/", {"post": "yes"}
    chosen = confirmed | {"action": "delete_selected", "_selected_action": [row.pk]}
    answer = (
        admin.post(list_, chosen, follow=True)
        if at_once
        else admin.post(f"{list_}{row.pk}/delete/", confirmed, follow=True)
    )
    assert "12 Quay Street is archived" in str(*answer.context["messages"])
    assert type(row).objects.get() == row


def test_an_action_does_what_is_ones_own_to_do_and_names_the_rest(act, manager, agent, make_task):
    private = services.open_project(name="Private", kind="lease", is_private=True, by=agent)
    services.add_member(private, user=manager, role="viewer", by=agent)
    mine, theirs = make_task("Mine"), services.create_task(private, name="Theirs", by=agent)
    assert act("task", "complete", mine, theirs) == ["Theirs: This is not yours to do.", "Done: 1."]
    assert list(Task.objects.completed()) == [mine]
