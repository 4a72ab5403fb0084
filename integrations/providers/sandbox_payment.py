"""A payment gateway for demo and development: it remembers every payment and moves no money.

What it remembers stands as files in DATA_DIR, because that outlives the process and is seen by all processes of a
machine. Three methods make trouble on purpose: ``pm_decline`` is declined, ``pm_action`` wants the payer to do
something (and is done when it is looked at the next time), and of ``pm_silence`` the answer never comes, although it
was accepted.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings

from integrations.registry import provider
from integrations.sealing import Secret
from integrations.spi import (
    Found,
    Health,
    OutcomeUnknown,
    PaymentRequest,
    PaymentSnapshot,
    PaymentStatus,
    ProviderError,
)
from integrations.transport import Line

DECLINED, WANTS_ACTION, SILENT = "pm_decline", "pm_action", "pm_silence"
_REF = re.compile(r"sandbox_[0-9a-f]{32}")


@dataclass(frozen=True)
class SandboxPaymentConfig:
    """It has nothing to set."""


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """One payment as it is remembered; ``keys`` are those of what was done with it already."""

    ref: str
    status: str
    amount_minor: int
    currency: str
    captures_at_once: bool
    captured_minor: int = 0
    refunded_minor: int = 0
    failure: str = ""
    keys: list[str] = field(default_factory=list)


@provider(
    "sandbox_payment",
    kind="payment",
    label="Sandbox: takes every payment and moves no money",
    config=SandboxPaymentConfig,
    modes=("sandbox",),
)
class SandboxGateway:
    """Says yes, as far as a gateway would."""

    def __init__(self, config: SandboxPaymentConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        """Takes what every provider takes and needs none of it."""

    def check(self) -> Health:
        return Health(ok=True, detail="The sandbox takes every payment and moves no money.")

    def create(self, request: PaymentRequest) -> PaymentSnapshot:
        kept = _read(_ref_of(request.key)) or _write(_begun(request))
        if request.method == SILENT:
            raise OutcomeUnknown("The sandbox has it, and pretends that the line broke.")
        return _seen(kept)

    def capture(self, ref: str, *, amount_minor: int, currency: str, key: str) -> PaymentSnapshot:
        kept = _known(ref)
        if key not in kept.keys:
            _refuse_unless(kept, possible=kept.status == PaymentStatus.AUTHORISED and amount_minor <= kept.amount_minor)
            kept = _done(kept, key, status=PaymentStatus.CAPTURED, captured_minor=amount_minor)
        return _seen(kept)

    def cancel(self, ref: str, *, key: str) -> PaymentSnapshot:
        kept = _known(ref)
        if key not in kept.keys:
            _refuse_unless(kept, possible=kept.status in {PaymentStatus.REQUIRES_ACTION, PaymentStatus.AUTHORISED})
            kept = _done(kept, key, status=PaymentStatus.CANCELLED)
        return _seen(kept)

    def refund(self, ref: str, *, amount_minor: int, currency: str, key: str) -> PaymentSnapshot:
        kept = _known(ref)
        if key not in kept.keys:
            refunded = kept.refunded_minor + amount_minor
            _refuse_unless(kept, possible=refunded <= kept.captured_minor)
            is_all = refunded == kept.captured_minor
            status = PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED
            kept = _done(kept, key, status=status, refunded_minor=refunded)
        return _seen(kept)

    def fetch(self, ref: str) -> PaymentSnapshot:
        kept = _known(ref)
        if kept.status == PaymentStatus.REQUIRES_ACTION:
            kept = _write(replace(kept, **_taken(kept.amount_minor, captures_at_once=kept.captures_at_once)))
        return _seen(kept)

    def find(self, request: PaymentRequest, since: datetime) -> Found:
        kept = _read(_ref_of(request.key))
        return Found(payment=_seen(kept) if kept else None)


def _ref_of(key: str) -> str:
    return f"sandbox_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _begun(request: PaymentRequest) -> _Kept:
    new = _Kept(
        ref=_ref_of(request.key),
        status=PaymentStatus.REQUIRES_ACTION,
        amount_minor=request.amount_minor,
        currency=request.currency,
        captures_at_once=request.captures_at_once,
    )
    if request.method == DECLINED:
        return replace(new, status=PaymentStatus.FAILED, failure="The sandbox declined the card.")
    if request.method == WANTS_ACTION:
        return new
    return replace(new, **_taken(request.amount_minor, captures_at_once=request.captures_at_once))


def _taken(amount_minor: int, *, captures_at_once: bool) -> dict[str, Any]:
    if captures_at_once:
        return {"status": PaymentStatus.CAPTURED, "captured_minor": amount_minor}
    return {"status": PaymentStatus.AUTHORISED}


def _done(kept: _Kept, key: str, **changes: Any) -> _Kept:
    return _write(replace(kept, keys=[*kept.keys, key], **changes))


def _refuse_unless(kept: _Kept, *, possible: bool) -> None:
    if not possible:
        raise ProviderError(f"The sandbox can't do that with a payment that is {kept.status}.", permanent=True)


def _known(ref: str) -> _Kept:
    kept = _read(ref)
    if kept is None:
        raise ProviderError(f"The sandbox knows no payment {ref}.", permanent=True)
    return kept


def _seen(kept: _Kept) -> PaymentSnapshot:
    waits = kept.status == PaymentStatus.REQUIRES_ACTION
    return PaymentSnapshot(
        ref=kept.ref,
        status=PaymentStatus(kept.status),
        amount_minor=kept.amount_minor,
        currency=kept.currency,
        captured_minor=kept.captured_minor,
        refunded_minor=kept.refunded_minor,
        action_url=f"https://sandbox.example/{kept.ref}" if waits else "",
        failure=kept.failure,
        detail=f"{kept.ref} is {kept.status}; no money moved.",
    )


def _path(ref: str) -> Path:
    return Path(settings.DATA_DIR) / "sandbox_payments" / f"{ref}.json"


def _read(ref: str) -> _Kept | None:
    if not _REF.fullmatch(ref):
        return None
    with suppress(FileNotFoundError):
        return _Kept(**json.loads(_path(ref).read_text(encoding="utf-8")))
    return None


def _write(kept: _Kept) -> _Kept:
    """Whole or not at all, also when two write at once."""
    path = _path(kept.ref)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{uuid4().hex}")
    draft.write_text(json.dumps(asdict(kept)), encoding="utf-8")
    draft.replace(path)
    return kept
