"""Amounts in the smallest unit, as decimals, and as vendors count them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.money import (
    EXPONENTS,
    LARGEST_AMOUNT,
    BadAmount,
    exponent,
    from_decimal,
    from_stripe,
    shown,
    to_decimal,
    to_paypal,
    to_stripe,
)

CURRENCIES = st.sampled_from(sorted(EXPONENTS))
AMOUNTS = st.integers(min_value=0, max_value=LARGEST_AMOUNT)


@given(AMOUNTS, CURRENCIES)
def test_a_decimal_and_back_is_the_same(amount, currency):
    text = to_decimal(amount, currency)
    assert from_decimal(text, currency) == amount
    assert len(text.partition(".")[2]) == exponent(currency)


@given(AMOUNTS, CURRENCIES)
def test_what_stripe_takes_comes_back_the_same_and_the_rest_is_refused(amount, currency):
    try:
        theirs = to_stripe(amount, currency)
    except BadAmount:
        assert currency in {"MGA", "BHD", "JOD", "KWD", "OMR", "TND"}
    else:
        assert from_stripe(theirs, currency) == amount


@given(AMOUNTS, CURRENCIES)
def test_what_paypal_takes_comes_back_the_same_and_the_rest_is_refused(amount, currency):
    try:
        theirs = to_paypal(amount, currency)
    except BadAmount:
        assert currency in {"HUF", "TWD"}
    else:
        assert from_decimal(theirs, currency) == amount


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1234, "USD", "12.34"), (5, "USD", "0.05"), (0, "USD", "0.00"), (1234, "JPY", "1234"), (1234, "KWD", "1.234"),
        (1234, "ISK", "1234"), (1234, "UGX", "1234"), (1234, "HUF", "12.34"), (1234, "TWD", "12.34"),
        (1234, "CLF", "0.1234"), (-1234, "EUR", "-12.34"), (10**15, "USD", "10000000000000.00"),
    ],
)  # fmt: skip
def test_decimals(amount, currency, text):
    assert to_decimal(amount, currency) == text
    assert shown(amount, currency) == f"{text} {currency}"


@pytest.mark.parametrize(
    ("amount", "currency", "theirs"),
    [
        (1234, "USD", 1234), (500, "JPY", 500), (5, "ISK", 500), (5, "UGX", 500), (1500, "MGA", 15),
        (1230, "KWD", 1230), (1234, "HUF", 1234), (1234, "TWD", 1234),
    ],
)  # fmt: skip
def test_stripes_own_counting(amount, currency, theirs):
    assert to_stripe(amount, currency) == theirs
    assert from_stripe(theirs, currency) == amount


@pytest.mark.parametrize(("amount", "currency"), [(1234, "KWD"), (1, "BHD"), (1550, "MGA")])
def test_what_stripe_does_not_take(amount, currency):
    with pytest.raises(BadAmount):
        to_stripe(amount, currency)


@pytest.mark.parametrize(("amount", "currency"), [(50, "ISK"), (150, "UGX")])
def test_what_stripe_can_not_have_said(amount, currency):
    with pytest.raises(BadAmount):
        from_stripe(amount, currency)


def test_paypals_whole_currencies():
    assert to_paypal(120_000, "HUF") == "1200"
    with pytest.raises(BadAmount, match="PayPal takes only whole TWD"):
        to_paypal(1234, "TWD")


@pytest.mark.parametrize("currency", ["usd", "", "XXX", "XAU", "BTC", "US", "USDX"])
def test_what_is_no_currency(currency):
    for use in (lambda: exponent(currency), lambda: to_decimal(1, currency), lambda: to_stripe(1, currency)):
        with pytest.raises(BadAmount):
            use()


@pytest.mark.parametrize("text", ["", "x", "1,50", "NaN", "Infinity", "1e400", "9" * 5000, "1.234", "1.001"])
def test_what_is_no_amount_of_dollars(text):
    with pytest.raises(BadAmount):
        from_decimal(text, "USD")


def test_digits_that_say_nothing_are_taken():
    assert from_decimal("12.340", "USD") == 1234
    assert from_decimal("12.3", "USD") == 1230
    assert from_decimal("5.00", "JPY") == 5
