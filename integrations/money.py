"""Amounts of money as whole numbers of the currency's smallest unit, and how vendors write them.

The digits of each currency are those of ISO 4217, list one (SIX, the maintenance agency of the
standard, https://www.six-group.com/en/products-services/financial-information/market-reference-data/data-standards.html);
what Stripe and PayPal do differently stands at docs.stripe.com/currencies and
developer.paypal.com/reference/currency-codes. Codes for metals, bonds, funds and tests are left
out: nobody pays with them.
"""

from decimal import Decimal, InvalidOperation
from typing import Final

_DIGITS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD
          CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
          GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD
          LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB
          PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC
          SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW
          ZWG""",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS: Final = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()}

LARGEST_AMOUNT: Final = 999_999_999_999
"""What a payment may be at most, in the smallest unit: more than any vendor takes."""

_STRIPE_EXPONENTS: Final = {"ISK": 2, "UGX": 2, "MGA": 0}
_STRIPE_STEPS: Final = {"ISK": 100, "UGX": 100, **dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 10)}
_PAYPAL_WHOLE: Final = frozenset({"HUF", "TWD"})


class BadAmount(ValueError):
    """An amount that can't be: no such currency, or more digits than it (or the vendor) has."""


def exponent(currency: str) -> int:
    """How many digits stand behind the point: 2 for USD, 0 for JPY, 3 for KWD. Raises BadAmount."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise BadAmount(f"{currency!r} is no currency of ISO 4217.") from None


def to_decimal(amount_minor: int, currency: str) -> str:
    """1234 USD is ``12.34``, 1234 JPY ``1234``. Raises BadAmount for an unknown currency."""
    return f"{Decimal(amount_minor).scaleb(-exponent(currency)):f}"


def shown(amount_minor: int, currency: str) -> str:
    """``12.34 USD``, for people. Raises BadAmount for an unknown currency."""
    return f"{to_decimal(amount_minor, currency)} {currency}"


def from_decimal(text: str, currency: str) -> int:
    """``12.34`` USD is 1234. Raises BadAmount where the currency has no such digits, rather than round."""
    return _whole(_number(text).scaleb(exponent(currency)), f"{text} {currency}")


def to_stripe(amount_minor: int, currency: str) -> int:
    """The amount as Stripe counts it. Raises BadAmount where Stripe can't take it.

    It counts ISK and UGX in hundredths that must be 00, MGA in whole ariary, and takes currencies of
    three digits only in steps of ten.
    """
    scaled = Decimal(amount_minor).scaleb(_stripe_exponent(currency) - exponent(currency))
    amount = _whole(scaled, shown(amount_minor, currency))
    if amount % _STRIPE_STEPS.get(currency, 1):
        raise BadAmount(f"Stripe does not take the last digit of {shown(amount_minor, currency)}.")
    return amount


def from_stripe(amount: int, currency: str) -> int:
    """What Stripe says, in the currency's smallest unit. Raises BadAmount."""
    scaled = Decimal(amount).scaleb(exponent(currency) - _stripe_exponent(currency))
    return _whole(scaled, f"{amount} {currency} of Stripe")


def to_paypal(amount_minor: int, currency: str) -> str:
    """The amount as PayPal writes it: HUF and TWD without digits. Raises BadAmount for such as have some."""
    text = to_decimal(amount_minor, currency)
    if currency not in _PAYPAL_WHOLE:
        return text
    whole, _, digits = text.partition(".")
    if digits.strip("0"):
        raise BadAmount(f"PayPal takes only whole {currency}.")
    return whole


def _stripe_exponent(currency: str) -> int:
    return _STRIPE_EXPONENTS.get(currency, exponent(currency))


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadAmount(f"{text!r} is no amount.") from None
    if not number.is_finite() or number.adjusted() > len(str(LARGEST_AMOUNT)):
        raise BadAmount(f"{text!r} is no amount.")
    return number


def _whole(number: Decimal, told: str) -> int:
    if number != number.to_integral_value():
        raise BadAmount(f"{told} has more digits than the currency.")
    return int(number)
