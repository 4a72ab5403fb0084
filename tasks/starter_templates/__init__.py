"""The templates an office starts with: how its deals usually go.

They are a start, to be edited; installing them again leaves alone what was edited.
"""

from django.db import transaction

from tasks.blueprints import Blueprint
from tasks.models import ProjectTemplate
from tasks.services.templates.writing import write_parts
from tasks.starter_templates.after_close import AFTER_CLOSE
from tasks.starter_templates.contract_to_close_buyer import CONTRACT_TO_CLOSE_BUYER
from tasks.starter_templates.contract_to_close_seller import CONTRACT_TO_CLOSE_SELLER
from tasks.starter_templates.lease import LEASE
from tasks.starter_templates.listing_launch import LISTING_LAUNCH
from tasks.starter_templates.multiple_offers import MULTIPLE_OFFERS

PLANS = (
    LISTING_LAUNCH,
    MULTIPLE_OFFERS,
    CONTRACT_TO_CLOSE_BUYER,
    CONTRACT_TO_CLOSE_SELLER,
    LEASE,
    AFTER_CLOSE,
)


@transaction.atomic
def install_templates() -> dict[str, ProjectTemplate]:
    """The starter templates by key; those that are missing are made."""
    present = {each.key: each for each in ProjectTemplate.objects.filter(key__in=[plan.key for plan in PLANS])}
    return {plan.key: present.get(plan.key) or _install(plan) for plan in PLANS}


def stock_templates() -> None:
    """Give an office that has no template these. What it deletes later does not come back."""
    if not ProjectTemplate.objects.exists():
        install_templates()


def _install(plan: Blueprint) -> ProjectTemplate:
    template = ProjectTemplate.objects.create(
        key=plan.key,
        name=plan.name,
        kind=plan.kind,
        applies_on=plan.applies_on,
        description=plan.description,
    )
    write_parts(template, plan)
    return template
