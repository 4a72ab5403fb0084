"""Templates that are applied by themselves, where a deal of their kind comes to stand."""

import pytest

from tasks import services
from tasks.activities import ProjectChanged, TemplateApplied
from tasks.models import ProjectTemplate
from tasks.services.refusals import WipLimitExceeded


def applied(project):
    return list(project.applied_templates.order_by("pk").values_list("template__key", flat=True))


@pytest.mark.parametrize(
    ("kind", "status", "keys"),
    [
        ("purchase", "under_contract", ["contract-to-close-buyer"]),
        ("listing", "under_contract", ["contract-to-close-seller"]),
        ("lease", "under_contract", []),
        ("listing", "closed", ["after-close"]),
        ("purchase", "closed", ["after-close"]),
        ("lease", "closed", ["after-close"]),
        ("marketing", "closed", []),
        ("internal", "closed", []),
        *((kind, "active", []) for kind in ("listing", "purchase", "lease", "marketing", "internal")),
    ],
)
def test_kind_and_status_say_which(manager, kind, status, keys):
    opened = services.open_project(name="1 Pier Road", kind=kind, status=status, by=manager)
    moved = services.open_project(name="2 Pier Road", kind=kind, status="preparing", by=manager)
    services.edit_project(moved, by=manager, changes={"status": status})
    assert applied(opened) == applied(moved) == keys
    assert opened.tasks.exists() == bool(keys)


def test_a_deal_under_contract_is_planned_in_the_same_breath(api, deal, manager, agent, told):
    answer = api(manager).patch(f"/api/v1/projects/{deal.pk}", {"status": "under_contract"})
    assert answer.status_code == 200, answer.data
    assert answer.data["tasks_open"] == deal.tasks.count() > 20
    assert deal.tasks.get(key="accepted").assignee_ids == [agent.pk]
    assert [fact.template for fact in told(TemplateApplied)] == ["Contract to close (seller)"]


def test_it_is_applied_once_however_often_the_deal_comes_to_stand_there(deal, manager):
    for status in ("under_contract", "active", "under_contract"):
        services.edit_project(deal, by=manager, changes={"status": status})
    assert applied(deal) == ["contract-to-close-seller"]


def test_its_plan_begins_on_the_day_the_deal_comes_to_stand_there(deal, manager, time_machine):
    time_machine.move_to("2026-06-03T02:00:00Z")  # still Tuesday the 2nd where the deal is
    services.edit_project(deal, by=manager, changes={"status": "under_contract"})
    assert deal.tasks.get(key="accepted").due_on.isoformat() == "2026-06-02"
    assert deal.key_dates.get(kind="inspection").on.isoformat() == "2026-06-12"


def test_it_begins_with_a_deal_that_has_not_begun(deal, manager, time_machine):
    time_machine.move_to("2026-04-01T12:00:00Z")
    services.edit_project(deal, by=manager, changes={"status": "under_contract"})
    assert deal.tasks.get(key="accepted").due_on == deal.starts_on


def test_another_change_applies_nothing(deal, manager):
    services.edit_project(deal, by=manager, changes={"status": "under_contract"})
    ProjectTemplate.objects.filter(key="multiple-offers").update(applies_on="under_contract")
    services.edit_project(deal, by=manager, changes={"name": "14 Quay Street"})
    assert applied(deal) == ["contract-to-close-seller"]


def test_one_out_of_use_is_not_applied(deal, manager):
    services.delete_template(ProjectTemplate.objects.get(key="contract-to-close-seller"), by=manager)
    services.edit_project(deal, by=manager, changes={"status": "under_contract"})
    assert applied(deal) == []


def test_the_template_one_opens_a_deal_with_is_not_applied_again(manager):
    template = ProjectTemplate.objects.get(key="contract-to-close-buyer")
    deal = services.open_project(
        name="1 Pier Road", kind="purchase", status="under_contract", template=template, by=manager
    )
    assert applied(deal) == ["contract-to-close-buyer"]


def test_where_the_board_is_full_the_deal_stays_where_it_stood(api, deal, manager, column, told):
    services.change_column(column("Backlog"), by=manager, changes={"wip_limit": 2, "wip_is_hard": True})
    with pytest.raises(WipLimitExceeded):
        services.edit_project(deal, by=manager, changes={"status": "under_contract"})
    answer = api(manager).patch(f"/api/v1/projects/{deal.pk}", {"status": "under_contract"})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "wip_limit_exceeded")
    deal.refresh_from_db()
    assert (deal.status, applied(deal), told(ProjectChanged)) == ("active", [], [])


@pytest.mark.django_db(transaction=True)
def test_eight_who_say_it_at_once_plan_the_deal_once(manager, in_threads):
    deal = services.open_project(name="1 Pier Road", kind="purchase", by=manager)

    def say(_):
        mine = type(deal).objects.get(pk=deal.pk)
        return services.edit_project(mine, by=manager, changes={"status": "under_contract"})

    assert not [each for each in in_threads(8, say) if isinstance(each, Exception)]
    assert applied(deal) == ["contract-to-close-buyer"]
    assert deal.tasks.filter(key="closing").count() == 1
