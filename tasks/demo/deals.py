"""Eight deals: who is in them, which templates plan them, when they close, and what people did beside the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.models import Priority, ProjectKind, ProjectStatus


@dataclass(frozen=True)
class Extra:
    """A task beside the template's: who has it, and how many days from today it is due; one that comes each week."""

    name: str
    who: str
    due_in: int
    column: str = "To do"
    priority: str = Priority.NORMAL
    done: bool = False
    label: str = ""
    weekly: bool = False


@dataclass(frozen=True)
class Plan:
    """A template that was applied so many working days ago."""

    template: str
    days_ago: int


@dataclass(frozen=True)
class Said:
    """What somebody wrote about a task."""

    task: str
    who: str
    body: str


@dataclass(frozen=True)
class Deal:
    """One deal: begun ``days_ago`` working days ago, with ``late`` tasks that should be done by now.

    ``key_dates`` are days from today, by the kind of the key date or the name of one of our own; those in the past
    were met, save the ``unmet``.
    """

    name: str
    address: str
    kind: str
    status: str
    team: str
    days_ago: int
    clients: str = ""
    plans: tuple[Plan, ...] = ()
    key_dates: Mapping[str, int] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    unmet: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    extras: tuple[Extra, ...] = ()
    starred_by: tuple[str, ...] = ()
    watched: Mapping[str, str] = field(default_factory=dict)
    said: tuple[Said, ...] = ()
    keeps_baseline: bool = False


def _people(agent_role: str, agent: str, coordinator: str, assistant: str) -> dict[str, str]:
    checks = "coordinator2" if coordinator == "coordinator1" else "coordinator1"
    return {
        agent_role: agent,
        "coordinator": coordinator,
        "assistant": assistant,
        "marketing": "marketing",
        "compliance": checks,
    }


# The colours of the labels that the starter templates bring.
LABELS = {
    "client": "#0d9488",
    "house": "#ca8a04",
    "loan": "#7c3aed",
    "marketing": "#c026d3",
    "money": "#16a34a",
    "paperwork": "#2563eb",
}

DEALS = (
    Deal(
        name="14 Lighthouse Road",
        address="14 Lighthouse Road, Portland, ME 04101",
        kind=ProjectKind.LISTING,
        status=ProjectStatus.ACTIVE,
        team="harbour",
        days_ago=9,
        clients="Ingrid and Per Lindqvist",
        plans=(Plan("listing-launch", 9),),
        key_dates={"expiry": 150},
        roles=_people("listing_agent", "agent1", "coordinator1", "assistant1"),
        late=frozenset({"copy"}),
        extras=(
            Extra("Call Mrs Lindqvist about the price", "agent1", -1, priority=Priority.HIGH, label="client"),
            Extra("Send the Lindqvists their weekly letter", "agent1", -5, done=True, label="client", weekly=True),
            Extra("Confirm Saturday's viewings", "agent1", 0, priority=Priority.URGENT),
            Extra("Collect the garage keys", "assistant1", 0),
            Extra("Thank the seller for the tour", "agent1", -4, done=True),
        ),
        starred_by=("agent1", "manager"),
        watched={"copy": "agent1"},
        said=(
            Said(
                "copy",
                "marketing",
                "The view from the attic deserves a sentence. @Alex Rivers, may I name the lighthouse?",
            ),
            Said("copy", "agent1", "Please do. Mrs Lindqvist would like **sea air** in it."),
        ),
    ),
    Deal(
        name="3 Orchard Terrace, for the Bakers",
        address="3 Orchard Terrace, South Portland, ME 04106",
        kind=ProjectKind.PURCHASE,
        status=ProjectStatus.UNDER_CONTRACT,
        team="harbour",
        days_ago=15,
        clients="Tom and Ruth Baker",
        plans=(Plan("contract-to-close-buyer", 15),),
        key_dates={"closing": 16},
        roles=_people("buyer_agent", "agent1", "coordinator1", "assistant1"),
        unmet=frozenset({"appraisal", "loan_approval"}),
        late=frozenset({"repairs", "appraisal"}),
        waiting=frozenset({"loan"}),
        extras=(
            Extra("Send the Bakers three roofers", "agent1", 0, column="In progress"),
            Extra("Ask the lender for the rate lock", "agent1", 1, priority=Priority.HIGH, label="money"),
            Extra("File the signed addendum", "coordinator1", -2, priority=Priority.HIGH, label="paperwork"),
        ),
        starred_by=("agent1", "coordinator1"),
        watched={"appraisal": "agent1", "closing": "manager"},
        said=(
            Said("appraisal", "coordinator1", "The appraiser has moved the visit twice. I call them every morning."),
            Said("appraisal", "agent1", "@Fiona Hill, ask for an extension in writing before it gets any later."),
        ),
        keeps_baseline=True,
    ),
    Deal(
        name="Flat 5, 22 Harbour Street",
        address="22 Harbour Street, Flat 5, Portland, ME 04101",
        kind=ProjectKind.LEASE,
        status=ProjectStatus.ACTIVE,
        team="lettings",
        days_ago=6,
        clients="Mr Adeyemi, landlord",
        plans=(Plan("lease", 6),),
        key_dates={"Lease begins": 24, "expiry": 388},
        roles=_people("listing_agent", "agent5", "coordinator2", "assistant2"),
        extras=(Extra("Replace the smoke detector", "assistant2", 0, column="Waiting"),),
    ),
    Deal(
        name="88 Hillcrest Avenue",
        address="88 Hillcrest Avenue, Falmouth, ME 04105",
        kind=ProjectKind.LISTING,
        status=ProjectStatus.PREPARING,
        team="hill",
        days_ago=2,
        clients="Estate of Edna Marsh",
        plans=(Plan("listing-launch", 2),),
        roles=_people("listing_agent", "agent3", "coordinator2", "assistant2"),
        late=frozenset({"agreement"}),
        extras=(Extra("Find the survey of 1987", "agent3", 2),),
    ),
    Deal(
        name="The Old Chandlery, Pier 4",
        address="4 Custom House Wharf, Portland, ME 04101",
        kind=ProjectKind.LISTING,
        status=ProjectStatus.UNDER_CONTRACT,
        team="harbour",
        days_ago=14,
        clients="Casco Chandlers, Inc.",
        plans=(Plan("multiple-offers", 14), Plan("contract-to-close-seller", 6)),
        key_dates={"Offers due": -15, "closing": 27},
        roles=_people("listing_agent", "agent2", "coordinator1", "assistant1"),
        extras=(
            Extra("Show the buyer's architects around", "agent2", 1),
            Extra("Lend agent's lockbox code to Alex's buyers", "agent1", 3),
        ),
        starred_by=("agent2",),
        said=(Said("payoff", "assistant1", "The bank wants the request on its own form. Sent."),),
    ),
    Deal(
        name="6 Elm Court, for Ms Okafor",
        address="6 Elm Court, Cumberland, ME 04021",
        kind=ProjectKind.PURCHASE,
        status=ProjectStatus.CLOSED,
        team="hill",
        days_ago=40,
        clients="Ms Ngozi Okafor",
        plans=(Plan("contract-to-close-buyer", 40), Plan("after-close", 8)),
        key_dates={"closing": -12},
        roles=_people("buyer_agent", "agent4", "coordinator2", "assistant2"),
        extras=(Extra("Send a card a month after closing", "agent4", 12),),
    ),
    Deal(
        name="Unit 12, Granary Lofts",
        address="12 Granary Lane, Portland, ME 04103",
        kind=ProjectKind.LEASE,
        status=ProjectStatus.ON_HOLD,
        team="lettings",
        days_ago=12,
        clients="Granary Holdings LLC, landlord",
        plans=(Plan("lease", 12),),
        roles=_people("listing_agent", "agent5", "coordinator2", "assistant2"),
        late=frozenset({"screening", "choice"}),
        waiting=frozenset({"screening"}),
    ),
    Deal(
        name="Spring open-house weekend",
        address="",
        kind=ProjectKind.MARKETING,
        status=ProjectStatus.ACTIVE,
        team="hill",
        days_ago=8,
        roles={"marketing": "marketing", "listing_agent": "agent1", "assistant": "assistant2"},
        extras=(
            Extra("Book the string trio", "marketing", -5, done=True),
            Extra("Design the flyer", "marketing", -1, column="In progress", priority=Priority.HIGH),
            Extra("Choose the six houses", "agent1", 0, column="In progress"),
            Extra("Order the directional signs", "assistant2", 2),
            Extra("Invite last year's guests", "marketing", 4, column="Backlog"),
            Extra("Walk the route", "agent1", 6, column="Backlog", priority=Priority.LOW),
        ),
    ),
)
