"""Ticking what is on a checklist, setting it aside, filling its slot and reviewing it."""

import pytest

from tasks import services
from tasks.activities import (
    ChecklistItemDone,
    ChecklistItemNotApplicable,
    ChecklistItemReopened,
    ChecklistItemReviewed,
)
from tasks.models import ChecklistItem


@pytest.fixture
def act(api):
    """``act(agent, item, "done")``: POST that verb."""
    return lambda who, item, verb, **body: api(who).post(
        f"/api/v1/tasks/{item.task_id}/checklist/{item.pk}/{verb}", body
    )


@pytest.fixture
def item(make_task, make_item):
    return make_item(make_task(), "Sign it")


@pytest.fixture
def reviewed(make_task, make_item, agent):
    """Done, and waiting for its review."""
    return services.do_checklist_item(make_item(make_task(), "Sign it", needs_review=True), by=agent)


def code(answer):
    return answer.status_code, answer.data["errors"][0]["code"]


def test_ticking_settles_it(act, agent, item, told):
    answer = act(agent, item, "done")
    assert answer.status_code == 200
    assert (answer.data["state"], answer.data["done_by"], answer.data["is_settled"]) == ("done", agent.pk, True)
    assert answer.data["done_by_name"] == "Alex Agent"
    assert answer.data["done_at"]
    (fact,) = told(ChecklistItemDone)
    assert (fact.item, fact.checklist_done, fact.checklist_total) == ("Sign it", 1, 1)
    assert fact.sentence() == "ticked “Sign it” of Photos"


def test_ticking_twice_is_once(act, agent, coordinator, item, told):
    assert act(agent, item, "done").data == act(coordinator, item, "done").data
    assert len(told(ChecklistItemDone)) == 1


@pytest.mark.django_db(transaction=True)
def test_ticking_it_at_once_is_once(make_task, make_item, agent, in_threads, told):
    item = make_item(make_task())

    def tick(_):
        mine = ChecklistItem.objects.select_related("task__project").get(pk=item.pk)
        return services.do_checklist_item(mine, by=agent).version

    assert in_threads(6, tick) == [2] * 6
    assert len(told(ChecklistItemDone)) == 1


def test_what_is_taken_up_again_is_open(act, agent, item, told):
    act(agent, item, "done")
    answer = act(agent, item, "reopen")
    assert (answer.data["state"], answer.data["done_by"], answer.data["done_at"]) == ("open", None, None)
    assert act(agent, item, "reopen").data == answer.data
    assert [fact.checklist_done for fact in told(ChecklistItemReopened)] == [0]


def test_what_does_not_apply_is_settled_with_a_reason(act, agent, item, told):
    answer = act(agent, item, "not-applicable", reason="Cash buyer")
    assert (answer.data["state"], answer.data["reason"], answer.data["is_settled"]) == (
        "not_applicable",
        "Cash buyer",
        True,
    )
    act(agent, item, "not-applicable", reason="Cash buyer")
    assert act(agent, item, "not-applicable", reason="They pay cash").data["reason"] == "They pay cash"
    assert [fact.reason for fact in told(ChecklistItemNotApplicable)] == ["Cash buyer", "They pay cash"]
    assert act(agent, item, "done").data["reason"] == ""


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 301}])
def test_without_a_reason_it_applies(act, agent, item, body):
    answer = act(agent, item, "not-applicable", **body)
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "reason")


def test_a_slot_is_done_by_a_document(act, agent, make_task, make_item, make_file, told):
    task = make_task()
    item, file = make_item(task, needs_document=True), make_file(task, "disclosure.pdf")
    assert code(act(agent, item, "done")) == (409, "document_needed")
    answer = act(agent, item, "document", attachment=file.pk)
    assert (answer.status_code, answer.data["state"], answer.data["document"]) == (200, "done", file.pk)
    assert answer.data["document_name"] == "disclosure.pdf"
    act(agent, item, "document", attachment=file.pk)
    assert [fact.document_id for fact in told(ChecklistItemDone)] == [file.pk]


def test_taken_up_again_it_keeps_its_document(act, agent, make_task, make_item, make_file):
    task = make_task()
    item, file = make_item(task, needs_document=True), make_file(task)
    act(agent, item, "document", attachment=file.pk)
    assert act(agent, item, "reopen").data["document"] == file.pk
    assert act(agent, item, "done").data["state"] == "done"


def test_a_document_is_a_file_of_the_same_task(act, item, agent, stranger, make_task, make_file):
    elsewhere = make_file(make_task("Other"))
    hidden = services.open_project(name="Quiet", kind="listing", by=stranger, is_private=True)
    unseen = make_file(services.create_task(hidden, name="Secret", by=stranger), by=stranger)
    for attachment in (elsewhere.pk, unseen.pk, 2**63, 0, "x", None):
        answer = act(agent, item, "document", attachment=attachment)
        assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "attachment")


def test_another_document_is_reviewed_anew(act, agent, manager, make_task, make_item, make_file):
    task = make_task()
    item = make_item(task, needs_document=True, needs_review=True)
    act(agent, item, "document", attachment=make_file(task).pk)
    assert act(manager, item, "review", accept=True).data["review"] == "accepted"
    answer = act(agent, item, "document", attachment=make_file(task, "better.pdf").pk)
    assert (answer.data["review"], answer.data["reviewed_by"], answer.data["is_settled"]) == ("pending", None, False)


def test_what_is_accepted_is_settled(act, manager, agent, reviewed, told):
    assert not reviewed.is_settled
    answer = act(manager, reviewed, "review", accept=True, note="Well done")
    assert (answer.data["review"], answer.data["reviewed_by"], answer.data["is_settled"]) == (
        "accepted",
        manager.pk,
        True,
    )
    (fact,) = told(ChecklistItemReviewed)
    assert (fact.accepted, fact.done_by_id, fact.checklist_done) == (True, agent.pk, 1)
    assert fact.sentence() == "accepted “Sign it” of Photos: Well done"


def test_what_is_rejected_is_open_again_and_says_why(act, manager, agent, reviewed, told):
    silent = act(manager, reviewed, "review", accept=False, note=" ")
    assert (silent.status_code, silent.data["errors"][0]["attr"]) == (400, "note")
    answer = act(manager, reviewed, "review", accept=False, note="Page 3 is not signed.")
    assert (answer.data["state"], answer.data["review"], answer.data["done_by"]) == ("open", "rejected", None)
    assert answer.data["review_note"] == "Page 3 is not signed."
    (fact,) = told(ChecklistItemReviewed)
    assert (fact.accepted, fact.note, fact.done_by_id) == (False, "Page 3 is not signed.", agent.pk)
    again = act(agent, reviewed, "done")
    assert (again.data["review"], again.data["review_note"]) == ("pending", "")


def test_what_does_not_wait_for_a_review_is_not_reviewed(act, manager, item, reviewed):
    assert code(act(manager, item, "review", accept=True)) == (409, "nothing_to_review")
    act(manager, reviewed, "review", accept=True)
    assert code(act(manager, reviewed, "review", accept=True)) == (409, "nothing_to_review")


def test_reviews_are_for_those_who_manage_the_deal_and_for_compliance(act, people, deal, reviewed):
    refused = [act(who, reviewed, "review", accept=True).status_code for who in (people.agent, people.viewer)]
    assert refused == [403, 403]
    looking_on = deal.memberships.get(user=people.viewer)
    services.change_member(looking_on, deal_role="compliance", by=people.manager)
    assert act(people.viewer, reviewed, "review", accept=True).status_code == 200


@pytest.mark.parametrize("verb", ["done", "reopen", "not-applicable", "document", "review"])
def test_a_stale_act_is_refused(act, agent, manager, item, make_file, verb):
    services.edit_checklist_item(item, by=agent, changes={"needs_review": True})
    if verb in {"reopen", "review"}:
        services.do_checklist_item(item, by=agent)
    body = {
        "not-applicable": {"reason": "New"},
        "document": {"attachment": make_file(item.task).pk},
        "review": {"accept": True},
    }.get(verb, {})
    assert code(act(manager, item, verb, **body, version=1)) == (409, "version_conflict")


def test_viewers_touch_nothing_and_strangers_find_nothing(act, viewer, stranger, item, make_file):
    bodies = {
        "done": {},
        "reopen": {},
        "not-applicable": {"reason": "New"},
        "document": {"attachment": make_file(item.task).pk},
        "review": {"accept": True},
    }
    assert {act(viewer, item, verb, **body).status_code for verb, body in bodies.items()} == {403}
    plain = {verb: body for verb, body in bodies.items() if verb != "document"}
    assert {act(stranger, item, verb, **body).status_code for verb, body in plain.items()} == {404}


def test_an_archived_deals_items_rest(act, agent, manager, deal, item):
    services.archive_project(deal, by=manager)
    for verb, body in (("done", {}), ("reopen", {}), ("not-applicable", {"reason": "New"})):
        assert code(act(agent, item, verb, **body)) == (409, "project_archived")
    assert code(act(manager, item, "review", accept=True)) == (409, "project_archived")
