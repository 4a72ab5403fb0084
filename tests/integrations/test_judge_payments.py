"""What an answer says: whether it is news, and what became of a call. Pure, whatever the order of the answers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.outcomes import RANKS, Asked, Standing, Verdict, checked, is_news, verdict
from integrations.spi import PaymentSnapshot, PaymentStatus

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER, EARLIER = NOON + timedelta(seconds=1), NOON - timedelta(seconds=1)


def snapshot(status, captured=0, refunded=0, **fields) -> PaymentSnapshot:
    usual = {"ref": "pay_1", "amount_minor": 1000, "currency": "USD"}
    return PaymentSnapshot(
        **{**usual, **fields}, status=PaymentStatus(status), captured_minor=captured, refunded_minor=refunded
    )


def standing(status, captured=0, refunded=0, read_at=NOON) -> Standing:
    return Standing(status=PaymentStatus(status), captured_minor=captured, refunded_minor=refunded, read_at=read_at)


def test_every_status_has_its_rank():
    assert set(RANKS) == set(PaymentStatus)


class TestNews:
    def test_the_first_answer_is(self):
        assert is_news(snapshot("failed"), EARLIER, standing("new", read_at=None))

    def test_what_was_asked_for_later_is_even_when_it_goes_back(self):
        assert is_news(snapshot("captured", 1000), LATER, standing("refunded", 1000, 1000))

    def test_what_was_asked_for_earlier_is_not(self):
        assert not is_news(snapshot("authorised"), EARLIER, standing("captured", 1000))
        assert not is_news(snapshot("captured", 1000), EARLIER, standing("captured", 1000))
        assert not is_news(snapshot("captured", 1000), EARLIER, standing("refunded", 1000, 1000))

    def test_unless_it_is_further_on(self):
        assert is_news(snapshot("captured", 1000), EARLIER, standing("processing"))
        refunded_more = snapshot("partially_refunded", 1000, 400)
        assert is_news(refunded_more, EARLIER, standing("partially_refunded", 1000, 200))


ASKED = {
    "create": Asked(kind="create", amount_minor=1000),
    "capture": Asked(kind="capture", amount_minor=1000),
    "cancel": Asked(kind="cancel", amount_minor=1000),
    "refund": Asked(kind="refund", amount_minor=300, before_minor=200),
}


@pytest.mark.parametrize(
    ("kind", "seen", "expected"),
    [
        ("create", snapshot("captured", 1000), Verdict.DONE),
        ("create", snapshot("requires_action"), Verdict.DONE),
        ("create", snapshot("failed"), Verdict.FAILED),
        ("capture", snapshot("captured", 600), Verdict.DONE),
        ("capture", snapshot("authorised"), Verdict.OPEN),
        ("capture", snapshot("cancelled"), Verdict.FAILED),
        ("cancel", snapshot("cancelled"), Verdict.DONE),
        ("cancel", snapshot("authorised"), Verdict.OPEN),
        ("cancel", snapshot("captured", 1000), Verdict.FAILED),
        ("refund", snapshot("partially_refunded", 1000, 500), Verdict.DONE),
        ("refund", snapshot("refunded", 1000, 1000), Verdict.DONE),
        ("refund", snapshot("partially_refunded", 1000, 200), Verdict.OPEN),
        ("refund", snapshot("partially_refunded", 1000, 499), Verdict.OPEN),
    ],
)
def test_what_became_of_a_call(kind, seen, expected):
    assert verdict(ASKED[kind], seen) == expected


STATES = st.builds(
    lambda status, captured, share: snapshot(status, captured, captured * share // 100),
    st.sampled_from(sorted(PaymentStatus)), st.integers(0, 1000), st.integers(0, 100),
)  # fmt: skip


@given(STATES, STATES)
def test_of_two_answers_one_is_not_news_to_the_other_when_both_are_late(one, other):
    """However they arrive, the further one is what stays."""
    known = {"one": one, "other": other}
    final = []
    for order in (("one", "other"), ("other", "one")):
        now = standing("new")
        for name in order:
            seen = known[name]
            if is_news(seen, EARLIER, now):
                now = standing(seen.status, seen.captured_minor, seen.refunded_minor)
        final.append((RANKS[now.status], now.captured_minor, now.refunded_minor))
    assert final[0] == final[1]


@pytest.mark.parametrize(
    "wrong",
    [
        snapshot("captured", 1000, currency="EUR"),
        snapshot("captured", 1000, ref=""),
        snapshot("captured", 1000, ref="x" * 256),
        snapshot("refunded", 1000, 1001),
        snapshot("refunded", 1000, -1),
        snapshot("captured", 1000, action_url="https://pay.example/" + "x" * 2000),
    ],
)
def test_what_can_not_be_true_of_a_payment(wrong):
    with pytest.raises(ValueError, match=r"answer|can't"):
        checked(wrong, "USD")
