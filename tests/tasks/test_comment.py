"""Saying something about a task."""

import pytest

from tasks import services
from tasks.activities import TaskCommented, TaskMentioned
from tasks.models import TaskWatcher


@pytest.fixture
def say(api):
    return lambda who, task, body="Done.", **rest: api(who).post(
        f"/api/v1/tasks/{task.pk}/comments", {"body": body, **rest}
    )


@pytest.fixture
def comments(api, agent):
    return lambda task: api(agent).get(f"/api/v1/tasks/{task.pk}/comments").data["results"]


def test_a_comment_is_markdown_made_safe(say, comments, agent, make_task, told):
    task = make_task()
    answer = say(agent, task, "The **keys** are <script>alert(1)</script>\n\nat the gate")
    assert answer.status_code == 201
    expected = {
        "task": task.pk,
        "author": agent.pk,
        "author_name": "Alex Agent",
        "body": "The **keys** are <script>alert(1)</script>\n\nat the gate",
        "mentions": [],
        "attachments": [],
        "reactions": [],
        "edited_at": None,
        "deleted_at": None,
        "version": 1,
    }
    assert {name: answer.data[name] for name in expected} == expected
    assert "<strong>keys</strong>" in answer.data["body_html"]
    assert "<script>" not in answer.data["body_html"]
    assert comments(task) == [answer.data]
    (fact,) = told(TaskCommented)
    assert (fact.comment_id, fact.by_id) == (answer.data["id"], agent.pk)
    assert fact.excerpt == "The keys are <script>alert(1)</script> at the gate"
    assert fact.sentence() == "commented on Photos"


def test_comments_stand_in_the_order_they_were_made(say, comments, agent, coordinator, make_task):
    task = make_task()
    for who, body in ((agent, "One"), (coordinator, "Two"), (agent, "Three")):
        say(who, task, body)
    assert [each["body"] for each in comments(task)] == ["One", "Two", "Three"]


def test_whom_it_names_is_told(say, people, make_task, told):
    body = "@cora and @vera, ask @maria@harbour.example. `@alex` not. @cora?"
    answer = say(people.agent, make_task(), body)
    named = [people.coordinator, people.viewer, people.manager]
    assert answer.data["mentions"] == [user.pk for user in named]
    facts = told(TaskMentioned)
    assert [(fact.user_id, fact.user) for fact in facts] == [(user.pk, user.name) for user in named]
    assert facts[0].sentence() == "mentioned Cora Coordinator on Photos"
    assert facts[0].excerpt.startswith("@cora and @vera")
    assert told(TaskCommented)[0].mention_ids == tuple(user.pk for user in named)


def test_strangers_and_those_who_left_are_not_named(say, agent, stranger, coordinator, make_task, told):
    coordinator.is_active = False
    coordinator.save()
    assert say(agent, make_task(), "@sam @cora").data["mentions"] == []
    assert told(TaskMentioned) == []


def test_of_a_private_deal_only_its_members_are_named(say, agent, manager, coordinator):
    quiet = services.open_project(name="Quiet", kind="listing", by=agent, is_private=True)
    services.add_member(quiet, user=coordinator, by=agent)
    task = services.create_task(quiet, name="Photos", by=agent)
    assert say(agent, task, "@maria @cora").data["mentions"] == [coordinator.pk]


def test_naming_oneself_tells_nobody(say, agent, make_task, told):
    assert say(agent, make_task(), "Note to @alex").data["mentions"] == [agent.pk]
    assert told(TaskMentioned) == []


def test_it_says_who_follows_the_task_and_may_see_it(say, people, make_task, told):
    task = make_task(assignees=[people.coordinator, people.agent])
    for user in (people.viewer, people.stranger):
        TaskWatcher.objects.create(task=task, user=user)
    say(people.agent, task)
    following = {people.coordinator.pk, people.agent.pk, people.viewer.pk}
    assert set(told(TaskCommented)[0].follower_ids) == following


def test_files_of_the_task_hang_on_it(say, agent, make_task, make_file, told):
    task = make_task()
    file = make_file(task)
    answer = say(agent, task, "See the offer", attachments=[file.pk])
    assert [each["name"] for each in answer.data["attachments"]] == ["offer.pdf"]
    file.refresh_from_db()
    assert file.comment_id == answer.data["id"]
    assert told(TaskCommented)[0].attachment_ids == (file.pk,)


def test_files_of_others_do_not(say, agent, make_task, make_file):
    task = make_task()
    taken, elsewhere = make_file(task), make_file(make_task("Other"))
    say(agent, task, attachments=[taken.pk])
    for attachments in ([elsewhere.pk], [taken.pk], [2**63], ["x"], "x", [None]):
        answer = say(agent, task, attachments=attachments)
        assert (answer.status_code, answer.data["errors"][0]["attr"].partition(".")[0]) == (400, "attachments")
    assert task.comments.count() == 1


@pytest.mark.parametrize("body", ["", "  ", None, "a\0", "x" * 20_001, ["x"]])
def test_what_is_wrong_is_named(say, agent, make_task, body):
    answer = say(agent, make_task(), body)
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "body")


def test_viewers_read_and_strangers_find_nothing(say, api, viewer, stranger, make_task):
    task = make_task()
    assert [say(who, task).status_code for who in (viewer, stranger)] == [403, 404]
    url = f"/api/v1/tasks/{task.pk}/comments"
    assert [api(who).get(url).status_code for who in (viewer, stranger)] == [200, 404]


def test_an_archived_deal_is_not_talked_about(say, agent, manager, deal, make_task):
    task = make_task()
    services.archive_project(deal, by=manager)
    answer = say(agent, task)
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "project_archived")


def test_one_comment_is_read(api, say, agent, viewer, stranger, make_task):
    task = make_task()
    said = say(agent, task).data
    url = f"/api/v1/tasks/{task.pk}/comments/{said['id']}"
    assert api(viewer).get(url).data == said
    assert api(stranger).get(url).status_code == 404
    assert api(agent).get(f"/api/v1/tasks/{make_task('Other').pk}/comments/{said['id']}").status_code == 404


def test_a_list_costs_the_same_however_long_it_is(api, people, make_task, make_file, django_assert_max_num_queries):
    task = make_task()

    def queries():
        with django_assert_max_num_queries(10) as counted:
            assert api(people.agent).get(f"/api/v1/tasks/{task.pk}/comments").status_code == 200
        return len(counted)

    def talk(who):
        files = [make_file(task, by=who)]
        comment = services.comment_on_task(task, body="@cora @maria, look", attachments=files, by=who)
        services.react_to_comment(comment, emoji="👍", by=who)

    talk(people.agent)
    few = queries()
    for who in (people.agent, people.coordinator):
        talk(who)
    assert queries() == few


def test_a_long_comment_full_of_names_takes_no_time(say, agent, make_task):
    assert say(agent, make_task(), "@a @b@c.de **@x** " * 1100).status_code == 201
