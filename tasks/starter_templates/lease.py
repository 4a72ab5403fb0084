"""From the landlord's mandate to the tenant's first week, and to the end of the term."""

from tasks.blueprints import Blueprint, Day, Step, Wait
from tasks.models import KeyDateKind, ProjectKind
from tasks.starter_templates.phrases import (
    ASSISTANT,
    COMPLIANCE,
    COORDINATOR,
    LISTER,
    MARKETING,
    after,
    before,
    may,
    must,
    on,
)

LEASE = Blueprint(
    key="lease",
    name="Lease",
    kind=ProjectKind.LEASE,
    description=(
        "From the landlord's mandate to the tenant's first week. "
        "Set the day the lease begins and the day it ends: handover and renewal hang off them."
    ),
    key_dates=(
        Day(KeyDateKind.OWN, "Lease begins"),
        Day(KeyDateKind.EXPIRY, "Lease ends"),
    ),
    tasks=(
        Step(
            "mandate",
            "Sign the landlord's mandate",
            1,
            LISTER,
            priority="high",
            estimate_minutes=60,
            labels=("paperwork",),
            checklist=(may("Signed mandate", document=True), may("Rent, deposit and pets agreed")),
        ),
        Step(
            "condition",
            "Record the unit's condition",
            1,
            ASSISTANT,
            estimate_minutes=90,
            labels=("house",),
            checklist=(may("Photographs of every room", document=True), may("Smoke and carbon monoxide alarms tried")),
        ),
        Step("photos", "Photos of the unit", 1, MARKETING, estimate_minutes=90, labels=("marketing",)),
        Step("advert", "Advertise the unit", 5, MARKETING, estimate_minutes=90, labels=("marketing",)),
        Step("viewings", "Show the unit", 5, LISTER, estimate_minutes=300, labels=("client",)),
        Step(
            "screening",
            "Screen the applicants",
            3,
            COORDINATOR,
            priority="high",
            estimate_minutes=120,
            labels=("paperwork",),
            checklist=(
                may("The same questions to everybody (fair housing)"),
                may("Credit and references, with the applicants' consent"),
            ),
        ),
        Step(
            "choice", "Landlord chooses the tenant", 1, LISTER, priority="high", estimate_minutes=30, labels=("client",)
        ),
        Step("declined", "Write to those who were not chosen", 1, ASSISTANT, estimate_minutes=30, labels=("client",)),
        Step(
            "contract",
            "Draw up and sign the lease",
            2,
            COORDINATOR,
            priority="high",
            estimate_minutes=90,
            labels=("paperwork",),
            checklist=(must("Signed lease", document=True), may("Lead paint pamphlet handed over, built before 1978")),
        ),
        Step(
            "lease-review",
            "Review the lease for compliance",
            1,
            COMPLIANCE,
            estimate_minutes=45,
            labels=("paperwork",),
            checklist=(must("Deposit and terms are within the law", review=True),),
        ),
        Step(
            "deposit", "See the deposit paid", 2, COORDINATOR, priority="high", estimate_minutes=30, labels=("money",)
        ),
        Step("cleaning", "Clean the unit", 1, ASSISTANT, estimate_minutes=180, labels=("house",)),
        Step(
            "handover",
            "Hand over the unit",
            1,
            ASSISTANT,
            priority="high",
            estimate_minutes=90,
            labels=("client", "house"),
            is_deadline=True,
            rule=on("Lease begins"),
            checklist=(
                may("Meters read"),
                may("Condition report signed by the tenant", document=True),
                may("Keys counted"),
            ),
        ),
        Step(
            "check-in",
            "Ask how the first week went",
            1,
            LISTER,
            estimate_minutes=20,
            labels=("client",),
            rule=after(7, "Lease begins", counting="calendar", weekend_roll="forward"),
        ),
        Step(
            "renewal",
            "Ask landlord and tenant about renewing",
            1,
            LISTER,
            estimate_minutes=45,
            labels=("client",),
            rule=before(60, "Lease ends", counting="calendar", weekend_roll="back"),
        ),
        Step(
            "notice",
            "Last day to give notice",
            0,
            COORDINATOR,
            priority="high",
            labels=("paperwork",),
            is_deadline=True,
            rule=before(30, "Lease ends", counting="calendar"),
        ),
    ),
    dependencies=(
        Wait("mandate", "condition"),
        Wait("mandate", "photos", "SS", 1),
        Wait("photos", "advert"),
        Wait("advert", "viewings", "SS", 2),
        # Applicants are screened as they come, the last a day after the last viewing.
        Wait("viewings", "screening", "FF", 1),
        Wait("screening", "choice"),
        Wait("choice", "declined", "FS", 2),
        Wait("choice", "contract"),
        Wait("contract", "lease-review", "SS", 1),
        Wait("contract", "deposit", "FF", 1),
        Wait("condition", "cleaning", "FS", 2),
        # Cleaning is kept for the handover: it may not end before that begins.
        Wait("handover", "cleaning", "SF"),
        Wait("contract", "handover"),
        Wait("lease-review", "handover"),
        Wait("deposit", "handover"),
        Wait("handover", "check-in", "FS", 5),
        Wait("renewal", "notice"),
    ),
)
