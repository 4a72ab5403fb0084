"""The door: turns, breaker, tries, memory and log around each call to a provider."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from estateman.common import clock
from estateman.common.requests import current_request_id
from integrations import services
from integrations.door import call, calling
from integrations.limits import FAILURES_UNTIL_OPEN, FIRST_PAUSE, PROBE_LEASE
from integrations.models import Gate, Grant, Integration, Status
from integrations.registry import USUAL_RATE
from integrations.sealing import Secret
from integrations.spi import (
    Answer,
    AuthFailed,
    BreakerOpen,
    Gone,
    InvalidConfig,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Unreachable,
)
from integrations.spi.operations import LIST_CALENDARS, TEST
from integrations.transport import AddressRefused
from tests.integrations.samples import SAMPLES
from tests.support.vendor import EAGER_READ, READ, WRITE, Vendor, ask, fail, gate_of, last_log


@pytest.fixture
def slept(monkeypatch):
    """How long the door slept each time; it does not really."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


class TestTurns:
    def test_the_bucket_is_as_large_as_the_integration_or_its_provider_says(self, sandbox):
        assert calling._rate(sandbox) == USUAL_RATE
        sandbox.calls_per_minute = 5
        assert (calling._rate(sandbox).per_minute, calling._rate(sandbox).burst) == (5, 5)
        sandbox.calls_per_minute = 5000
        assert (calling._rate(sandbox).per_minute, calling._rate(sandbox).burst) == (5000, 100)
        sandbox.calls_per_minute = 0
        assert calling._rate(sandbox) == USUAL_RATE

    def test_who_comes_a_little_early_waits_and_it_is_logged(self, sandbox, slept):
        sandbox.calls_per_minute = 60
        with time_machine.travel(clock.now(), tick=False):
            for _ in range(62):
                ask(sandbox, Vendor())
        assert slept == [0] * 60 + [1, 2]
        assert [log.waited_ms for log in sandbox.logs.order_by("-pk")[:3]] == [2000, 1000, 0]

    def test_who_would_wait_for_longer_is_told_when_to_come_back_and_nothing_is_lost(self, sandbox):
        sandbox.calls_per_minute = 1
        vendor = Vendor()
        with time_machine.travel(clock.now(), tick=False) as now:
            ask(sandbox, vendor)
            for _ in range(3):
                with pytest.raises(RateLimited, match="no more than 1 calls a minute") as later:
                    ask(sandbox, vendor)
                assert later.value.retry_after == 60
            assert (last_log(sandbox).error_kind, last_log(sandbox).tries) == ("rate_limited", 0)
            now.shift(60)
            ask(sandbox, vendor)
        assert vendor.asked == 2
        sandbox.refresh_from_db()
        assert (sandbox.failures_in_row, gate_of(sandbox).failures) == (0, 0)

    def test_nobody_waits_for_a_clock_that_was_put_back(self, sandbox, slept):
        with time_machine.travel(clock.now(), tick=False) as now:
            for _ in range(3):
                ask(sandbox, Vendor())
            now.shift(-30 * 24 * 3600)
            for _ in range(3):
                ask(sandbox, Vendor())
        assert slept[:4] == [0] * 4
        assert max(slept) <= calling.MOST_WAIT_SECONDS


class TestBreaker:
    def test_the_fifth_failure_opens_it_and_nobody_is_asked_any_more(self, sandbox):
        fail(sandbox)
        vendor = Vendor()
        with pytest.raises(BreakerOpen, match="left in peace for 30 s") as shut:
            ask(sandbox, vendor)
        assert vendor.asked == 0
        assert shut.value.retry_after == pytest.approx(30, abs=1)
        assert (last_log(sandbox).error_kind, last_log(sandbox).tries) == ("breaker_open", 0)

    def test_its_refusals_count_for_nothing(self, sandbox):
        fail(sandbox)
        for _ in range(3):
            with pytest.raises(BreakerOpen):
                ask(sandbox, Vendor())
        sandbox.refresh_from_db()
        assert (sandbox.failures_in_row, gate_of(sandbox).failures) == (FAILURES_UNTIL_OPEN, FAILURES_UNTIL_OPEN)

    @pytest.mark.parametrize(
        "error",
        [
            ProviderError("Nobody lives there.", permanent=True),
            Gone("Unsubscribed."),
            RateLimited("Slower.", retry_after=60),
            AuthFailed("Who?"),
        ],
    )
    def test_what_says_nothing_of_its_health_does_not_open_it(self, sandbox, error):
        fail(sandbox, times=8, error=error)
        assert gate_of(sandbox).opened_at is None

    def test_after_the_pause_one_try_is_made_and_a_success_closes_it(self, sandbox):
        fail(sandbox)
        with time_machine.travel(clock.now() + FIRST_PAUSE):
            ask(sandbox, Vendor())
            ask(sandbox, Vendor())
        assert (gate_of(sandbox).opened_at, gate_of(sandbox).failures) == (None, 0)

    def test_a_failed_probe_is_not_repeated_and_doubles_the_pause(self, sandbox, slept):
        fail(sandbox)
        vendor = Vendor(Unreachable("Still nobody."))
        with time_machine.travel(clock.now() + FIRST_PAUSE, tick=False):
            with pytest.raises(Unreachable, match="Still nobody"):
                ask(sandbox, vendor, READ)
            assert vendor.asked == 1
            with pytest.raises(BreakerOpen) as shut:
                ask(sandbox, vendor, READ)
            assert shut.value.retry_after == 60

    def test_a_probe_that_tells_nothing_gives_its_place_back(self, sandbox):
        fail(sandbox)
        with time_machine.travel(clock.now() + FIRST_PAUSE):
            fail(sandbox, times=2, error=ProviderError("Not this message.", permanent=True))
            assert gate_of(sandbox).probe_until is None
            assert gate_of(sandbox).opened_at is not None

    def test_a_probe_that_never_ended_makes_room_after_its_lease(self, sandbox):
        fail(sandbox)
        with time_machine.travel(clock.now() + FIRST_PAUSE):
            with pytest.raises(KeyboardInterrupt):
                call(sandbox, WRITE, raises(KeyboardInterrupt()))
            with pytest.raises(BreakerOpen):
                ask(sandbox, Vendor())
        with time_machine.travel(clock.now() + FIRST_PAUSE + PROBE_LEASE):
            ask(sandbox, Vendor())

    def test_a_refused_turn_does_not_end_somebody_elses_probe(self, sandbox):
        fail(sandbox)
        with time_machine.travel(clock.now() + FIRST_PAUSE, tick=False):
            sandbox.calls_per_minute = 1
            Gate.objects.update(probe_until=clock.now() + PROBE_LEASE, next_free_at=clock.now() + timedelta(minutes=1))
            with pytest.raises(RateLimited):
                ask(sandbox, Vendor(), TEST)
            assert gate_of(sandbox).probe_until is not None

    def test_testing_by_hand_passes_it(self, sandbox, manager):
        fail(sandbox)
        assert services.test_integration(sandbox, by=manager).ok
        ask(sandbox, Vendor())

    def test_an_edit_closes_it(self, sandbox, manager):
        fail(sandbox)
        services.edit_integration(sandbox, changes={"config": {}}, by=manager)
        ask(sandbox, Vendor())


def raises(error: BaseException):
    def act(provider):
        raise error

    return act


class TestTries:
    @pytest.mark.parametrize("operation", [READ, WRITE])
    @pytest.mark.parametrize("error", [Unreachable("Nobody."), ProviderError("Not now."), RateLimited("Slower.")])
    def test_what_was_not_accepted_is_tried_again(self, sandbox, slept, operation, error):
        vendor = Vendor(error, error, Answer(detail="At last."))
        assert ask(sandbox, vendor, operation).detail == "At last."
        assert (last_log(sandbox).tries, sandbox.logs.count(), last_log(sandbox).ok) == (3, 1, True)
        assert len(slept) == 3  # its turn, and two pauses

    def test_three_times_and_no_more(self, sandbox, slept):
        vendor = Vendor(Unreachable("Nobody."))
        with pytest.raises(Unreachable):
            ask(sandbox, vendor)
        assert (vendor.asked, last_log(sandbox).tries) == (3, 3)
        assert gate_of(sandbox).failures == 1

    def test_what_may_have_been_accepted_is_tried_again_only_where_that_is_harmless(self, sandbox, slept):
        for operation, asked in ((WRITE, 1), (READ, 3)):
            vendor = Vendor(OutcomeUnknown("Silence."))
            with pytest.raises(OutcomeUnknown):
                ask(sandbox, vendor, operation)
            assert vendor.asked == asked

    @pytest.mark.parametrize(
        "error", [ProviderError("Never.", permanent=True), AuthFailed("Who?"), AddressRefused("No."), Gone("Gone.")]
    )
    def test_what_would_be_the_same_again_is_not(self, sandbox, error):
        vendor = Vendor(error)
        with pytest.raises(type(error)):
            ask(sandbox, vendor, READ)
        assert vendor.asked == 1

    def test_who_is_told_when_to_come_back_does_so_if_it_is_soon(self, sandbox, slept):
        ask(sandbox, Vendor(RateLimited("Slower.", retry_after=3), Answer()))
        assert 3 <= slept[1] <= 3.25
        vendor = Vendor(RateLimited("Much slower.", retry_after=30))
        with pytest.raises(RateLimited) as later:
            ask(sandbox, vendor)
        assert (vendor.asked, later.value.retry_after) == (1, 30)

    def test_a_provider_that_breaks_while_it_writes_may_have_written(self, sandbox):
        vendor = Vendor(KeyError("id"))
        with pytest.raises(OutcomeUnknown, match="own code broke"):
            ask(sandbox, vendor)
        assert vendor.asked == 1
        with pytest.raises(ProviderError) as read:
            ask(sandbox, Vendor(KeyError("id")), EAGER_READ)
        assert type(read.value) is ProviderError

    @pytest.mark.parametrize(
        "mistake", [KeyError("id"), TypeError("No."), OutcomeUnknown("Perhaps."), InvalidConfig("config.port", "No.")]
    )
    def test_a_provider_that_breaks_before_anybody_was_asked_has_sent_nothing(self, sandbox, slept, mistake):
        vendor = Vendor()

        def build(integration, secrets, line):
            raise mistake

        with pytest.raises(Unreachable):
            ask(sandbox, vendor, build=build)
        assert vendor.asked == 0
        assert last_log(sandbox).error_kind == "unreachable"

    def test_a_provider_without_its_credentials_says_that_it_needs_them(self, manager):
        sample = SAMPLES["stripe"]
        stripe = services.create_integration(
            provider="stripe", name="Stripe", config={}, credentials=sample.credentials, by=manager
        )
        Integration.objects.update(credentials=stripe.seal({}))
        stripe.refresh_from_db()
        vendor = Vendor()
        with pytest.raises(AuthFailed, match="Stripe needs credentials: api_key is not set"):
            ask(stripe, vendor)
        stripe.refresh_from_db()
        assert (vendor.asked, stripe.status) == (0, Status.NEEDS_CREDENTIALS)

    def test_a_provider_that_refuses_while_it_is_built_is_heard(self, sandbox):
        def build(integration, secrets, line):
            raise Gone("It is no more.")

        with pytest.raises(Gone, match="no more"):
            ask(sandbox, Vendor(), build=build)

    def test_a_provider_may_have_errors_of_its_own(self, sandbox):
        class Declined(ProviderError):
            kind = "declined"

            def __init__(self, code: int) -> None:
                super().__init__(f"Declined: {code}", permanent=True)

        with pytest.raises(Declined, match="Declined: 51") as told:
            ask(sandbox, Vendor(Declined(51)))
        assert told.value.permanent
        assert last_log(sandbox).error_kind == "declined"

    def test_an_answer_that_is_none_is_a_mistake_of_the_provider(self, sandbox):
        with pytest.raises(OutcomeUnknown, match="own code broke"):
            call(sandbox, WRITE, lambda provider: None)  # type: ignore[type-var]  # that is the point


class TestMemory:
    def test_an_answer_is_remembered_under_its_key_where_the_operation_allows_it(self, sandbox):
        vendor = Vendor(Answer(detail="first"), Answer(detail="second"))
        told = [ask(sandbox, vendor, LIST_CALENDARS, cache_key=key).detail for key in ("a", "a", "b")]
        assert told == ["first", "first", "second"]
        assert sandbox.logs.count() == 2

    @pytest.mark.parametrize(("operation", "key"), [(LIST_CALENDARS, None), (READ, "a")])
    def test_otherwise_it_is_not(self, sandbox, operation, key):
        vendor = Vendor()
        for _ in range(2):
            ask(sandbox, vendor, operation, cache_key=key)
        assert vendor.asked == 2

    def test_an_edit_makes_it_forgotten(self, sandbox, manager):
        vendor = Vendor()
        ask(sandbox, vendor, LIST_CALENDARS, cache_key="a")
        services.edit_integration(sandbox, changes={"name": "Other"}, by=manager)
        ask(sandbox, vendor, LIST_CALENDARS, cache_key="a")
        assert vendor.asked == 2

    def test_what_one_person_may_see_is_not_shown_to_another(self, sandbox, grant, agent, manager):
        vendor = Vendor(Answer(detail="Alex's"), Answer(detail="Maria's"))
        told = [
            ask(sandbox, vendor, LIST_CALENDARS, cache_key="a", grant=grant(user)).detail for user in (agent, manager)
        ]
        assert told == ["Alex's", "Maria's"]

    def test_a_failure_is_not_remembered(self, sandbox):
        vendor = Vendor(ProviderError("No.", permanent=True), Answer(detail="Yes."))
        with pytest.raises(ProviderError):
            ask(sandbox, vendor, LIST_CALENDARS, cache_key="a")
        assert ask(sandbox, vendor, LIST_CALENDARS, cache_key="a").detail == "Yes."


@pytest.fixture
def grant(sandbox):
    """``grant(user)``: that person's consent at the sandbox."""

    def give(user) -> Grant:
        given = Grant(integration=sandbox, user=user, expires_at=clock.now() + timedelta(hours=1))
        given.tokens = given.seal(access=Secret("access-3391-of-alex"), refresh=Secret("refresh-3391-of-alex"))
        given.save()
        return given

    return give


class TestGrants:
    def test_a_provider_gets_the_tokens_and_nobody_reads_them(self, sandbox, grant, agent):
        def act(provider) -> Answer:
            return Answer(detail=f"as {provider['access_token'].reveal()}")

        told = call(sandbox, READ, act, grant=grant(agent), build=lambda integration, secrets, line: secrets)
        assert told.detail == "as ••••"

    def test_consent_that_one_person_withdrew_is_no_fault_of_the_integration(self, sandbox, grant, agent):
        given = grant(agent)
        for _ in range(8):
            with pytest.raises(AuthFailed):
                ask(sandbox, Vendor(AuthFailed("Withdrawn.")), grant=given)
        sandbox.refresh_from_db()
        assert (sandbox.status, sandbox.failures_in_row) == (Status.ACTIVE, 0)
        assert sandbox.logs.filter(error_kind="auth").count() == 8

    def test_credentials_that_are_not_accepted_are(self, sandbox):
        fail(sandbox, times=1, error=AuthFailed("Wrong key."))
        sandbox.refresh_from_db()
        assert sandbox.status == Status.NEEDS_CREDENTIALS


class TestLog:
    def test_it_says_what_was_done_for_whom(self, sandbox):
        before = clock.now()
        ask(sandbox, Vendor(), correlation_id="x" * 80)
        log = last_log(sandbox)
        assert (log.operation, log.ok, log.detail, log.tries, log.waited_ms) == ("send", True, "Done.", 1, 0)
        assert log.correlation_id == "x" * 64
        assert before <= log.started_at <= clock.now()

    def test_by_itself_it_names_the_request_that_led_to_it(self, sandbox):
        token = current_request_id.set("request-7")
        try:
            ask(sandbox, Vendor())
        finally:
            current_request_id.reset(token)
        assert last_log(sandbox).correlation_id == "request-7"
        ask(sandbox, Vendor())
        assert last_log(sandbox).correlation_id == ""

    @pytest.mark.django_db(transaction=True)
    def test_a_call_inside_a_transaction_is_refused_before_anything_leaves(self, sandbox):
        vendor = Vendor()
        with pytest.raises(RuntimeError), transaction.atomic():
            ask(sandbox, vendor)
        assert vendor.asked == 0
