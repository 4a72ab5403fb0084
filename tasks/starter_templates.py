"""The templates an office starts with: how a listing, a purchase and a lease usually go.

They are a start, to be edited in the admin; installing them again leaves what was edited alone.
"""

from dataclasses import dataclass

from django.db import transaction

from tasks.models import (
    DealRole,
    ProjectKind,
    ProjectTemplate,
    TemplateDependency,
    TemplateTask,
)

LISTER, BUYER = DealRole.LISTING_AGENT, DealRole.BUYER_AGENT
COORDINATOR, ASSISTANT = DealRole.COORDINATOR, DealRole.ASSISTANT
MARKETING, COMPLIANCE = DealRole.MARKETING, DealRole.COMPLIANCE


@dataclass(frozen=True)
class Step:
    """One task: its working days, who does it, and how many working days in it may begin."""

    key: str
    name: str
    days: int
    role: str
    not_before: int = 0


@dataclass(frozen=True)
class Wait:
    """``after`` waits for ``before``; the lag counts working days."""

    before: str
    after: str
    type: str = "FS"
    lag: int = 0


@dataclass(frozen=True)
class Plan:
    """A template as data."""

    key: str
    name: str
    kind: str
    description: str
    steps: tuple[Step, ...]
    waits: tuple[Wait, ...]


LISTING_LAUNCH = Plan(
    key="listing-launch",
    name="Listing launch",
    kind=ProjectKind.LISTING,
    description="From the signed agreement to the first open house and the seller's report.",
    steps=(
        Step("agreement", "Sign the listing agreement", 1, LISTER),
        Step("disclosures", "Collect the seller's disclosures", 4, COORDINATOR),
        Step("pricing", "Agree on the price with the seller", 2, LISTER),
        Step("file-review", "Review the file for compliance", 1, COMPLIANCE),
        Step("declutter", "Declutter and repair with the seller", 4, ASSISTANT),
        Step("staging", "Stage the house", 2, MARKETING),
        Step("photos", "Photos and floor plan", 1, MARKETING),
        Step("copy", "Write the listing text", 2, MARKETING),
        Step("sign", "Put up the sign and the lockbox", 1, ASSISTANT),
        Step("mls", "Enter it into the MLS", 1, COORDINATOR),
        Step("live", "Go live", 0, LISTER),
        Step("brochure", "Print the brochures", 3, MARKETING),
        Step("open-house", "Hold the open house", 1, LISTER),
        Step("report", "First weekly report to the seller", 1, LISTER),
    ),
    waits=(
        Wait("agreement", "disclosures"),
        Wait("agreement", "pricing"),
        Wait("disclosures", "file-review"),
        Wait("agreement", "declutter", "FS", 1),
        # Rooms are staged as they are cleared; the last of them a day after the clearing.
        Wait("declutter", "staging", "FF", 1),
        Wait("staging", "photos"),
        # The text may be begun early and is finished with the photos at hand.
        Wait("pricing", "copy", "SS", 1),
        Wait("photos", "copy", "FF", 1),
        Wait("agreement", "sign", "FS", 2),
        Wait("photos", "mls"),
        Wait("copy", "mls"),
        Wait("pricing", "mls"),
        Wait("file-review", "mls"),
        Wait("mls", "live"),
        Wait("sign", "live"),
        Wait("photos", "brochure"),
        Wait("brochure", "open-house"),
        Wait("live", "open-house", "FS", 2),
        Wait("live", "report", "FS", 5),
    ),
)

CONTRACT_TO_CLOSE = Plan(
    key="contract-to-close-buyer",
    name="Contract to close (buyer)",
    kind=ProjectKind.PURCHASE,
    description="From the accepted offer to the keys. Check every day against the contract.",
    steps=(
        Step("accepted", "Offer accepted", 0, BUYER),
        Step("open-file", "Open the file and send it to the parties", 1, COORDINATOR),
        Step("earnest", "See the earnest money deposited", 2, COORDINATOR),
        Step("inspection", "Inspect the home", 3, BUYER),
        Step("repairs", "Negotiate the repairs", 4, BUYER),
        Step("loan", "Follow the loan application", 14, BUYER),
        Step("appraisal", "Have the home appraised", 7, COORDINATOR),
        Step("title", "Review the title commitment", 3, COMPLIANCE),
        Step("insurance", "See the home insured", 5, ASSISTANT),
        Step("loan-ok", "Loan approved", 0, BUYER),
        Step("disclosure", "See the closing disclosure delivered", 1, COORDINATOR),
        Step("walkthrough", "Walk through before closing", 1, BUYER),
        Step("utilities", "Keep the seller's utilities on", 8, ASSISTANT),
        Step("closing", "Close", 1, BUYER),
        Step("keys", "Hand over the keys", 0, BUYER),
        Step("audit", "Complete the file", 2, COMPLIANCE),
    ),
    waits=(
        Wait("accepted", "open-file"),
        Wait("accepted", "earnest", "FS", 1),
        Wait("open-file", "inspection", "FS", 1),
        # What is found is talked about as soon as it is found.
        Wait("inspection", "repairs", "SS", 2),
        Wait("open-file", "loan"),
        Wait("loan", "appraisal", "SS", 3),
        Wait("open-file", "title", "FS", 4),
        Wait("loan", "insurance", "FF", -1),
        Wait("loan", "loan-ok"),
        Wait("appraisal", "loan-ok"),
        Wait("loan-ok", "disclosure"),
        # Three business days lie between the disclosure and the closing.
        Wait("disclosure", "closing", "FS", 3),
        Wait("repairs", "closing"),
        Wait("title", "closing"),
        Wait("insurance", "closing"),
        Wait("disclosure", "walkthrough", "FS", 2),
        Wait("walkthrough", "closing"),
        # The seller's utilities may not end before the closing has begun.
        Wait("closing", "utilities", "SF", 1),
        Wait("closing", "keys"),
        Wait("closing", "audit"),
    ),
)

LEASE = Plan(
    key="lease",
    name="Lease",
    kind=ProjectKind.LEASE,
    description="From the landlord's mandate to the tenant's first week.",
    steps=(
        Step("mandate", "Sign the landlord's mandate", 1, LISTER),
        Step("condition", "Record the unit's condition", 1, ASSISTANT),
        Step("photos", "Photos of the unit", 1, MARKETING),
        Step("advert", "Advertise the unit", 5, MARKETING),
        Step("viewings", "Show the unit", 5, LISTER),
        Step("screening", "Screen the applicants", 3, COORDINATOR),
        Step("choice", "Landlord chooses the tenant", 1, LISTER),
        Step("contract", "Draw up and sign the lease", 2, COORDINATOR),
        Step("deposit", "See the deposit paid", 2, COORDINATOR),
        Step("cleaning", "Clean the unit", 1, ASSISTANT),
        Step("handover", "Hand over the unit", 1, ASSISTANT),
        Step("check-in", "Ask how the first week went", 1, LISTER),
    ),
    waits=(
        Wait("mandate", "condition"),
        Wait("mandate", "photos", "SS", 1),
        Wait("photos", "advert"),
        Wait("advert", "viewings", "SS", 2),
        # Applicants are screened as they come, the last a day after the last viewing.
        Wait("viewings", "screening", "FF", 1),
        Wait("screening", "choice"),
        Wait("choice", "contract"),
        Wait("contract", "deposit", "FF", 1),
        Wait("condition", "cleaning", "FS", 2),
        # Cleaning is kept for the handover: it may not end before that begins.
        Wait("handover", "cleaning", "SF"),
        Wait("contract", "handover"),
        Wait("deposit", "handover"),
        Wait("handover", "check-in", "FS", 5),
    ),
)

PLANS = (LISTING_LAUNCH, CONTRACT_TO_CLOSE, LEASE)


@transaction.atomic
def install_templates() -> dict[str, ProjectTemplate]:
    """The starter templates by key; those that are missing are made."""
    present = {each.key: each for each in ProjectTemplate.objects.filter(key__in=[plan.key for plan in PLANS])}
    return {plan.key: present.get(plan.key) or _install(plan) for plan in PLANS}


def _install(plan: Plan) -> ProjectTemplate:
    template = ProjectTemplate.objects.create(
        key=plan.key, name=plan.name, kind=plan.kind, description=plan.description
    )
    tasks = {
        step.key: TemplateTask(
            template=template,
            key=step.key,
            name=step.name,
            duration_days=step.days,
            offset_days=step.not_before,
            role=step.role,
            position=position,
        )
        for position, step in enumerate(plan.steps)
    }
    TemplateTask.objects.bulk_create(tasks.values())
    TemplateDependency.objects.bulk_create(
        TemplateDependency(
            predecessor=tasks[wait.before],
            successor=tasks[wait.after],
            type=wait.type,
            lag_days=wait.lag,
        )
        for wait in plan.waits
    )
    return template
