"""Comments, files and checklists in the admin: to be looked at."""

import pytest

from tasks import services


@pytest.fixture
def admin(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def discussed(make_task, make_file, make_item, agent):
    """A task with a file, an edited comment and a checklist."""
    task = make_task()
    comment = services.comment_on_task(task, body="The key is at the gate.", by=agent)
    services.edit_comment(comment, body="The key is gone.", by=agent)
    make_item(task, "Ask for the key", is_required=True)
    make_file(task, "Plan <1>.pdf")
    return task


@pytest.mark.parametrize("model", ["taskcomment", "attachment"])
def test_lists_open_at_a_constant_cost(admin, discussed, make_file, coordinator, model, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(25) as counted:
            assert admin.get(f"/admin/tasks/{model}/?q=p").status_code == 200
        return len(counted)

    few = queries()
    for number in range(3):
        make_file(discussed, f"p{number}.pdf", by=coordinator)
        services.comment_on_task(discussed, body="p", by=coordinator)
    assert queries() <= few


def test_a_comment_is_read_with_what_it_said_before(admin, discussed):
    comment = discussed.comments.get()
    page = admin.get(f"/admin/tasks/taskcomment/{comment.pk}/change/").content.decode()
    assert "The key is gone." in page
    assert "The key is at the gate." in page
    assert "Save" not in page


def test_a_file_is_fetched_from_where_everybody_fetches_it(admin, discussed):
    file = discussed.attachments.get()
    page = admin.get(f"/admin/tasks/attachment/{file.pk}/change/").content.decode()
    assert f'href="/api/v1/tasks/{discussed.pk}/attachments/{file.pk}"' in page
    assert "Plan &lt;1&gt;.pdf" in page
    assert file.file.name not in page


def test_a_task_shows_its_checklist(admin, discussed):
    assert "Ask for the key" in admin.get(f"/admin/tasks/task/{discussed.pk}/change/").content.decode()


def test_what_is_private_is_its_members_only(admin, agent, make_file):
    quiet = services.open_project(name="Quiet", kind="listing", by=agent, is_private=True)
    task = services.create_task(quiet, name="Secret task", by=agent)
    services.comment_on_task(task, body="Hush", by=agent)
    make_file(task, "secret.pdf", by=agent)
    for model in ("taskcomment", "attachment"):
        page = admin.get(f"/admin/tasks/{model}/").content.decode()
        assert "Secret task" not in page
