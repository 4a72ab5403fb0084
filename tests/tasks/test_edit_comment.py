"""Editing comments, deleting them, and what they said before."""

import pytest

from tasks import services
from tasks.activities import CommentDeleted, CommentEdited, TaskMentioned
from tasks.models import TaskComment


@pytest.fixture
def comment(make_task, agent):
    return services.comment_on_task(make_task(), body="The key is at the *gate*.", by=agent)


@pytest.fixture
def url():
    return lambda comment, rest="": f"/api/v1/tasks/{comment.task_id}/comments/{comment.pk}{rest}"


@pytest.fixture
def edit(api, url):
    return lambda who, comment, **body: api(who).patch(url(comment), body)


@pytest.fixture
def delete(api, url):
    return lambda who, comment: api(who).delete(url(comment))


@pytest.fixture
def revisions(api, url):
    return lambda who, comment: api(who).get(url(comment, "/revisions"))


def code(answer):
    return answer.status_code, answer.data["errors"][0]["code"]


def test_it_is_said_otherwise_and_what_it_said_is_kept(edit, revisions, agent, viewer, comment, told):
    answer = edit(agent, comment, body="The key is at the *desk*.", version=1)
    assert (answer.status_code, answer.data["body"], answer.data["version"]) == (200, "The key is at the *desk*.", 2)
    assert answer.data["edited_at"]
    edit(agent, comment, body="The key is gone.")
    kept = revisions(viewer, comment).data["results"]
    assert [(each["body"], each["by"], each["by_name"]) for each in kept] == [
        ("The key is at the *gate*.", agent.pk, "Alex Agent"),
        ("The key is at the *desk*.", agent.pk, "Alex Agent"),
    ]
    assert "<em>gate</em>" in kept[0]["body_html"]
    assert [fact.excerpt for fact in told(CommentEdited)] == ["The key is at the desk.", "The key is gone."]


def test_saying_the_same_changes_nothing(edit, agent, comment, told):
    answer = edit(agent, comment, body=comment.body)
    assert (answer.data["version"], answer.data["edited_at"]) == (1, None)
    assert not comment.revisions.exists()
    assert told(CommentEdited) == []


def test_whoever_is_named_is_told_once_however_often_it_is_edited(edit, agent, coordinator, manager, comment, told):
    assert edit(agent, comment, body="@cora").data["mentions"] == [coordinator.pk]
    assert edit(agent, comment, body="@maria").data["mentions"] == [manager.pk]
    assert set(edit(agent, comment, body="@cora @maria").data["mentions"]) == {coordinator.pk, manager.pk}
    assert [fact.user_id for fact in told(TaskMentioned)] == [coordinator.pk, manager.pk]


def test_its_files_are_changed(edit, agent, make_file, comment, told):
    one, two = make_file(comment.task, "one.pdf"), make_file(comment.task, "two.pdf")
    edit(agent, comment, attachments=[one.pk])
    answer = edit(agent, comment, attachments=[two.pk])
    assert [each["name"] for each in answer.data["attachments"]] == ["two.pdf"]
    assert (answer.data["version"], answer.data["edited_at"]) == (3, None)
    one.refresh_from_db()
    assert one.comment is None
    assert [fact.attachment_ids for fact in told(CommentEdited)] == [(one.pk,), (two.pk,)]
    assert edit(agent, comment, attachments=[]).data["attachments"] == []
    assert not comment.revisions.exists()


def test_a_stale_edit_is_refused(edit, agent, comment):
    edit(agent, comment, body="Second")
    answer = edit(agent, comment, body="Third", version=1)
    assert code(answer) == (409, "version_conflict")
    assert answer.data["current"]["body"] == "Second"


def test_only_its_author_edits_it_while_they_work_there(edit, people, deal, comment):
    others = (people.manager, people.coordinator, people.viewer, people.stranger)
    assert [edit(who, comment, body="No").status_code for who in others] == [403, 403, 403, 404]
    services.change_member(deal.memberships.get(user=people.agent), role="viewer", by=people.manager)
    assert edit(people.agent, comment, body="No").status_code == 403


@pytest.mark.parametrize("body", [{"body": ""}, {"body": "a\0"}, {"body": None}, {"version": 0}])
def test_what_is_wrong_is_named(edit, agent, comment, body):
    answer = edit(agent, comment, **body)
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, next(iter(body)))


def test_deleted_it_keeps_its_place_and_loses_its_words(api, delete, agent, make_file, comment, told):
    file = make_file(comment.task)
    services.edit_comment(comment, by=agent, body="@cora", attachments=[file])
    services.react_to_comment(comment, emoji="👍", by=agent)
    services.comment_on_task(comment.task, body="After", by=agent)
    assert delete(agent, comment).status_code == 204
    first, second = api(agent).get(f"/api/v1/tasks/{comment.task_id}/comments").data["results"]
    gone = {"body": "", "body_html": "", "mentions": [], "reactions": [], "attachments": [], "author": agent.pk}
    assert {name: first[name] for name in gone} == gone
    assert first["deleted_at"]
    assert second["body"] == "After"
    assert comment.task.attachments.get().comment is None
    assert len(told(CommentDeleted)) == 1


def test_deleting_twice_is_once(delete, agent, manager, comment, told):
    assert [delete(who, comment).status_code for who in (agent, manager)] == [204, 204]
    assert len(told(CommentDeleted)) == 1
    assert comment.revisions.count() == 1


def test_who_manages_the_deal_may_delete_it_too(delete, coordinator, viewer, stranger, manager, comment):
    statuses = [delete(who, comment).status_code for who in (coordinator, viewer, stranger, manager)]
    assert statuses == [403, 403, 404, 204]


def test_what_is_deleted_is_not_edited(delete, edit, agent, comment):
    delete(agent, comment)
    assert code(edit(agent, comment, body="Again")) == (409, "comment_deleted")


def test_what_a_deleted_comment_said_is_read_by_who_said_it_and_who_manages_the_deal(
    delete, revisions, people, comment
):
    assert revisions(people.viewer, comment).status_code == 200
    delete(people.agent, comment)
    asking = (people.coordinator, people.viewer, people.stranger, people.agent, people.manager)
    assert [revisions(who, comment).status_code for who in asking] == [403, 403, 404, 200, 200]
    said = [each["body"] for each in revisions(people.manager, comment).data["results"]]
    assert said == ["The key is at the *gate*."]


def test_revisions_are_found_under_their_own_task(api, agent, make_task, comment):
    other = make_task("Other")
    assert api(agent).get(f"/api/v1/tasks/{other.pk}/comments/{comment.pk}/revisions").status_code == 404
    assert api(agent).get(f"/api/v1/tasks/{comment.task_id}/comments/{2**70}/revisions").status_code == 404


def test_an_archived_deals_comments_rest(edit, delete, agent, manager, deal, comment):
    services.archive_project(deal, by=manager)
    assert code(edit(agent, comment, body="Late")) == (409, "project_archived")
    assert code(delete(agent, comment)) == (409, "project_archived")


@pytest.mark.django_db(transaction=True)
def test_edits_at_once_are_all_kept(make_task, agent, in_threads):
    comment = services.comment_on_task(make_task(), body="first", by=agent)

    def edit(number):
        mine = TaskComment.objects.select_related("task__project").get(pk=comment.pk)
        services.edit_comment(mine, by=agent, body=f"@cora {number}")

    assert in_threads(5, edit) == [None] * 5
    comment.refresh_from_db()
    said = [*comment.revisions.values_list("body", flat=True), comment.body]
    assert (said[0], len(said), len(set(said)), comment.version) == ("first", 6, 6, 6)
    assert comment.mentioned.count() == 1


def test_revisions_cost_the_same_however_many_there_are(revisions, edit, agent, comment, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(10) as counted:
            assert revisions(agent, comment).status_code == 200
        return len(counted)

    edit(agent, comment, body="1")
    few = queries()
    for number in range(2, 5):
        edit(agent, comment, body=str(number))
    assert queries() == few
