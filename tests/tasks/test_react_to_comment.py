"""Little pictures under a comment."""

from urllib.parse import quote

import pytest

from tasks import services
from tasks.activities import CommentReacted
from tasks.models import CommentReaction, Emoji, TaskComment


@pytest.fixture
def comment(make_task, agent):
    return services.comment_on_task(make_task(), body="Sold!", by=agent)


@pytest.fixture
def react(api):
    def send(who, comment, emoji, *, method="put"):
        url = f"/api/v1/tasks/{comment.task_id}/comments/{comment.pk}/reactions/{quote(emoji)}"
        return getattr(api(who), method)(url)

    return send


def test_reactions_are_counted_by_emoji_and_say_which_are_mine(react, api, people, comment, told):
    react(people.coordinator, comment, "🎉")
    react(people.agent, comment, "🎉")
    answer = react(people.agent, comment, "❤️")
    assert answer.status_code == 200
    assert answer.data["reactions"] == [
        {"emoji": "🎉", "count": 2, "mine": True},
        {"emoji": "❤️", "count": 1, "mine": True},
    ]
    seen = api(people.viewer).get(f"/api/v1/tasks/{comment.task_id}/comments").data["results"][0]["reactions"]
    assert [each["mine"] for each in seen] == [False, False]
    facts = told(CommentReacted)
    assert [(fact.emoji, fact.given, fact.count) for fact in facts] == [
        ("🎉", True, 1),
        ("🎉", True, 2),
        ("❤️", True, 1),
    ]
    assert facts[0].sentence() == "reacted with 🎉 to a comment on Photos"


def test_reacting_twice_is_once(react, agent, comment, told):
    assert react(agent, comment, "👍").data == react(agent, comment, "👍").data
    assert len(told(CommentReacted)) == 1


def test_a_reaction_is_taken_back(react, agent, coordinator, comment, told):
    react(coordinator, comment, "👍")
    react(agent, comment, "👍")
    for _ in range(2):
        assert react(agent, comment, "👍", method="delete").status_code == 204
    assert [reaction.user for reaction in comment.reactions.all()] == [coordinator]
    (*_, fact) = told(CommentReacted)
    assert (fact.given, fact.count, fact.sentence()) == (False, 1, "took 👍 back from a comment on Photos")
    assert len(told(CommentReacted)) == 3


@pytest.mark.parametrize("emoji", [*Emoji.values, "❤"])
def test_every_emoji_there_is_may_be_given_with_or_without_its_colour_mark(react, agent, comment, emoji):
    assert react(agent, comment, emoji).status_code == 200
    assert CommentReaction.objects.get().emoji in Emoji.values


@pytest.mark.parametrize("emoji", ["x", "👍👍", "💩", "\ufe0f", "thumbs up", "0"])
def test_others_are_not_there(react, agent, comment, emoji):
    assert react(agent, comment, emoji).status_code == 404
    assert react(agent, comment, emoji, method="delete").status_code == 404


def test_a_comment_that_lost_its_words_gets_none(react, agent, comment):
    services.delete_comment(comment, by=agent)
    answer = react(agent, comment, "👍")
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "comment_deleted")
    assert react(agent, comment, "👍", method="delete").status_code == 204


def test_viewers_do_not_react_and_strangers_find_nothing(react, viewer, stranger, comment):
    for who, status in ((viewer, 403), (stranger, 404)):
        assert [react(who, comment, "👍", method=method).status_code for method in ("put", "delete")] == [status] * 2


def test_an_archived_deals_comments_rest(react, agent, manager, deal, comment):
    services.archive_project(deal, by=manager)
    for method in ("put", "delete"):
        answer = react(agent, comment, "👍", method=method)
        assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "project_archived")


@pytest.mark.django_db(transaction=True)
def test_reacting_at_once_is_once(make_task, agent, in_threads, told):
    comment = services.comment_on_task(make_task(), body="Sold!", by=agent)

    def react(_):
        mine = TaskComment.objects.select_related("task__project").get(pk=comment.pk)
        services.react_to_comment(mine, emoji="👍", by=agent)

    assert in_threads(6, react) == [None] * 6
    assert comment.reactions.count() == 1
    assert len(told(CommentReacted)) == 1
