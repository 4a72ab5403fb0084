"""Whom a comment names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mentions import Person, excerpt, mentions

ALEX = Person(1, "Alex Agent", "alex@harbour.example")
CORA = Person(2, "Cora Coordinator", "c.coordinator@harbour.example")
SAM = Person(3, "Sam Stone", "stone@harbour.example")
OTHER_SAM = Person(4, "Sam Stranger", "stranger@harbour.example")
JOERG = Person(5, "Jörg O'Neil", "jo@harbour.example")
PEOPLE = [ALEX, CORA, SAM, OTHER_SAM, JOERG]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@alex, look", [ALEX]),
        ("Ask @alex.", [ALEX]),
        ("It is @Alex's turn", [ALEX]),
        ("**@alex** and _@cora_", [ALEX, CORA]),
        ("@alex@harbour.example.", [ALEX]),
        ("@c.coordinator knows", [CORA]),
        ("@CoraCoordinator and @coracoordinator", [CORA]),
        ("@cora!", [CORA]),
        ("@JÖRG", [JOERG]),
        ("(@Jörgo'neil)", [JOERG]),
        ("@stone\n\n- @stranger", [SAM, OTHER_SAM]),
        ("> @alex\n\n| a |\n|---|\n| @cora |", [ALEX, CORA]),
        ("@cora @alex @cora", [CORA, ALEX]),
    ],
)
def test_people_are_named_in_many_ways(text, named):
    assert mentions(text, PEOPLE) == tuple(person.id for person in named)


@pytest.mark.parametrize(
    "text",
    [
        "alex",
        "@",
        "@nobody",
        "@sam has two readings",
        "mail alex@harbour.example",
        "<alex@harbour.example>",
        "@alex@elsewhere.example",
        "https://social.example/@alex",
        "[see](https://social.example/@alex)",
        "`@alex`",
        "``a ` @alex``",
        "```\n@alex\n```",
        "~~~ python\n@alex\n~~~",
        "    @alex in an indented block",
        "@alexander",
        "@@alex",
        "x@alex",
    ],
)
def test_others_are_not(text):
    assert mentions(text, PEOPLE) == ()


def test_an_address_comes_before_a_name_and_a_full_name_before_a_first():
    mark, first = Person(1, "Sam Reed", "mark@harbour.example"), Person(2, "Mark Hill", "hill@harbour.example")
    assert mentions("@mark", [mark, first]) == (1,)
    short = Person(3, "Hillary", "other@harbour.example")
    assert mentions("@hillary", [short, Person(4, "Hillary Moss", "moss@harbour.example")]) == (3,)


def test_of_two_with_one_local_part_neither_is_meant():
    assert mentions("@sam", [Person(1, "A", "sam@one.example"), Person(2, "B", "sam@two.example")]) == ()


WORDS = st.text("ab @.'-_`*\n>#[]()é<", max_size=60)


@given(WORDS)
def test_only_people_who_are_there_are_named_each_once(text):
    found = mentions(text, [Person(1, "Ab Ba", "a@b.example"), Person(2, "É B", "b.a@b.example")])
    assert len(set(found)) == len(found)
    assert set(found) <= {1, 2}


@given(st.text(max_size=200), st.integers(1, 100))
def test_an_excerpt_is_one_line_that_is_short_enough(text, most):
    found = excerpt(text, most=most)
    assert len(found) <= most
    assert len(found.splitlines()) <= 1


@given(st.text(st.characters(exclude_characters="`\n\r", exclude_categories=("Cs", "Cc")), max_size=30))
def test_code_names_nobody(text):
    assert mentions(f"`x {text} @alex {text} x`", PEOPLE) == ()


@given(st.sampled_from(PEOPLE), st.sampled_from(["{}", "Hi {}!", "**{}**", "({}).", "* {}\n* {}"]))
def test_a_full_address_names_its_owner(person, frame):
    assert mentions(frame.replace("{}", f"@{person.email.upper()}"), PEOPLE) == (person.id,)


def test_an_excerpt_is_what_is_read():
    text = "# Offer\n\nThe **buyer** wants [this](https://x.example):\n\n```\nprice\n```\nSoon `now`"
    assert excerpt(text, most=100) == "Offer The buyer wants this: price Soon now"
    assert excerpt(text, most=10) == "Offer The…"
