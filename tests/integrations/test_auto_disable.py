"""What fails for a day is taken out of use, the office is told, and a passing test brings it back."""

from datetime import timedelta

import pytest

from estateman.activity.models import Activity
from estateman.common import clock
from integrations import services
from integrations.jobs.health import watch_health
from integrations.models import Integration, Kind, Mode, Status
from notifications.models import Notification

NOTICE = "integration.disabled"


@pytest.fixture
def failing():
    """``failing(integration, hours=25, failures=20)``: it has failed for so long and so often."""

    def make(integration: Integration, *, hours: float = 25, failures: int = 20, **fields) -> Integration:
        Integration.objects.filter(pk=integration.pk).update(
            status=Status.FAILING,
            failing_since=clock.now() - timedelta(hours=hours),
            failures_in_row=failures,
            **fields,
        )
        integration.refresh_from_db()
        return integration

    return make


@pytest.fixture
def kept(manager):
    """``kept("One", kind="sms")``: an integration of that kind. What it is built of does not matter here."""

    def make(name: str, *, kind: str = Kind.PAYMENT, mode: str = Mode.SANDBOX) -> Integration:
        made = services.create_integration(
            provider="sandbox", name=name, mode="sandbox", config={}, credentials={}, by=manager
        )
        Integration.objects.filter(pk=made.pk).update(kind=kind, mode=mode)
        made.refresh_from_db()
        return made

    return make


@pytest.fixture
def other_post(kept):
    """Another way for e-mail, so that the first one can be done without."""
    return kept("Other post", kind=Kind.EMAIL)


def statuses():
    return list(Integration.objects.order_by("pk").values_list("status", flat=True))


def test_a_day_without_success_and_20_failures_put_it_out_of_use(sandbox, other_post, failing):
    failing(sandbox, hours=26, failures=24)
    watch_health()
    sandbox.refresh_from_db()
    assert sandbox.status == Status.DISABLED
    assert sandbox.disabled_because == "24 calls failed in a row, none worked for 26 h."
    assert Activity.objects.filter(kind=NOTICE).count() == 1


@pytest.mark.parametrize(("hours", "failures"), [(23.9, 500), (500, 19)])
def test_either_of_them_alone_does_not(sandbox, other_post, failing, hours, failures):
    failing(sandbox, hours=hours, failures=failures)
    watch_health()
    assert statuses() == [Status.FAILING, Status.ACTIVE]


def test_it_is_done_and_told_once(sandbox, other_post, failing):
    failing(sandbox)
    assert services.disable_failing(sandbox)
    assert not services.disable_failing(sandbox)
    assert Activity.objects.filter(kind=NOTICE).count() == 1


def test_one_that_worked_meanwhile_stays(sandbox, other_post, failing):
    stale = failing(sandbox)
    Integration.objects.filter(pk=sandbox.pk).update(status=Status.ACTIVE, failures_in_row=0, failing_since=None)
    assert not services.disable_failing(stale)
    assert statuses() == [Status.ACTIVE] * 2


@pytest.mark.usefixtures("other_post")
def test_the_leaders_are_told_what_to_do(sandbox, failing, admin_user, manager, agent, settle):
    failing(sandbox)
    watch_health()
    settle()
    told = Notification.objects.filter(kind=NOTICE)
    assert set(told.values_list("user", flat=True)) == {admin_user.pk, manager.pk}
    notice = told[0]
    assert notice.title == "Sandbox was disabled"
    assert notice.body == (
        "20 calls failed in a row, none worked for 25 h. Repair it, then test it: a pass puts it back to use."
    )


def test_the_reason_is_shown_wherever_its_health_is(sandbox, other_post, failing, api, manager):
    failing(sandbox)
    watch_health()
    rows = api(manager).get("/api/v1/integrations/health").data["integrations"]
    (shown,) = [each for each in rows if each["name"] == "Sandbox"]
    assert shown["status"] == "disabled"
    assert shown["disabled_because"] == "20 calls failed in a row, none worked for 25 h."
    assert shown["reasons"][0] == "It was disabled: 20 calls failed in a row, none worked for 25 h."


def test_a_passing_test_brings_it_back_and_clears_what_was_held_against_it(sandbox, other_post, failing, manager):
    failing(sandbox)
    watch_health()
    assert services.test_integration(sandbox, by=manager).ok
    sandbox.refresh_from_db()
    assert (sandbox.status, sandbox.disabled_because) == (Status.ACTIVE, "")
    assert (sandbox.failing_since, sandbox.failures_in_row) == (None, 0)
    watch_health()
    assert statuses() == [Status.ACTIVE] * 2


def test_a_failing_test_leaves_it_out_of_use(smtp, closed_port, kept, failing, manager):
    kept("Other post", kind=Kind.EMAIL, mode=Mode.LIVE)
    mail = failing(smtp(closed_port))
    watch_health()
    assert not services.test_integration(mail, by=manager).ok
    mail.refresh_from_db()
    assert mail.status == Status.DISABLED
    assert mail.disabled_because


def test_switching_it_on_by_hand_begins_anew(sandbox, other_post, failing, manager):
    failing(sandbox)
    watch_health()
    sandbox.refresh_from_db()
    services.edit_integration(sandbox, changes={"status": "active"}, by=manager)
    watch_health()
    sandbox.refresh_from_db()
    assert (sandbox.status, sandbox.disabled_because) == (Status.ACTIVE, "")


@pytest.mark.parametrize("kind", [Kind.PAYMENT, Kind.EMAIL, Kind.SMS])
class TestTheLastOfAKind:
    def test_is_never_taken_away(self, kept, failing, kind):
        failing(kept("Only", kind=kind))
        watch_health()
        assert statuses() == [Status.FAILING]

    def test_one_may_go_while_another_of_its_mode_can_be_used(self, kept, failing, kind):
        failing(kept("Gone", kind=kind))
        kept("Works", kind=kind)
        watch_health()
        assert statuses() == [Status.DISABLED, Status.ACTIVE]

    def test_a_sandbox_is_no_other(self, kept, failing, kind):
        failing(kept("Live", kind=kind, mode=Mode.LIVE))
        kept("Sandbox", kind=kind)
        watch_health()
        assert statuses() == [Status.FAILING, Status.ACTIVE]

    def test_nor_is_one_of_another_kind(self, kept, failing, kind):
        failing(kept("Only", kind=kind))
        kept("Calendar", kind=Kind.CALENDAR)
        watch_health()
        assert statuses() == [Status.FAILING, Status.ACTIVE]

    @pytest.mark.django_db(transaction=True)
    def test_of_two_that_fail_at_once_one_stays(self, kept, failing, in_threads, kind):
        both = [failing(kept(name, kind=kind)) for name in ("One", "Other")]
        done = in_threads(2, lambda number: services.disable_failing(both[number]))
        assert sorted(done) == [False, True]
        assert sorted(statuses()) == [Status.DISABLED, Status.FAILING]


def test_the_last_calendar_may_go(kept, failing):
    failing(kept("Only", kind=Kind.CALENDAR))
    watch_health()
    assert statuses() == [Status.DISABLED]
