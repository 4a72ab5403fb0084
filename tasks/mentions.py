"""Who a text in markdown names with an @. Pure: it knows people, not tables."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from estateman.common.markdown import parser

_MARKDOWN = parser()
# Neither within a word, where it is an e-mail address, nor in a path, like https://example.com/@alex.
_HANDLE = re.compile(r"(?<![\w/@.+-])@(\w[\w.+'\u2019-]*(?:@[\w-]+(?:\.[\w-]+)+)?)")
_POSSESSIVE = re.compile(r"['\u2019]s?$")
_AROUND = ".+'\u2019-_"
_Reading = Mapping[str, Sequence["Person"]]


@dataclass(frozen=True)
class Person:
    """Somebody who can be named."""

    id: int
    name: str
    email: str


def mentions(text: str, people: Sequence[Person]) -> tuple[int, ...]:
    """The ids of those among ``people`` whom ``text`` names, each once, in the order they are first named.

    ``@`` is followed by an e-mail address, by what stands before the @ of one, by a full name without its blanks, or by
    a first name, in any case; the first of these readings that fits anyone counts, and only where it fits one person
    alone. What the markdown shows as code names nobody.
    """
    readings = [_by(spelling, people) for spelling in _SPELLINGS]
    handles = (handle for words in _words(text) for handle in _HANDLE.findall(words))
    named = (_meant(handle, readings) for handle in handles)
    return tuple(dict.fromkeys(person.id for person in named if person))


def excerpt(text: str, *, most: int) -> str:
    """How ``text`` begins, without its markup, in at most ``most`` characters on one line."""
    words = " ".join(" ".join(_words(text, code=True)).split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def _words(text: str, *, code: bool = False) -> Iterator[str]:
    """What is read when ``text`` is shown, a run for each stretch; with ``code`` that, too."""
    for token in _MARKDOWN.parse(text):
        if token.type == "inline":
            yield "".join(_shown(token.children or (), code=code))
        elif code and token.type in {"fence", "code_block"}:
            yield token.content


def _shown(tokens: Iterable[Token], *, code: bool) -> Iterator[str]:
    for token in tokens:
        if token.type == "text" or (token.type == "code_inline" and code):
            yield token.content
        elif token.type in {"code_inline", "softbreak", "hardbreak"}:
            yield " "
        elif token.type == "image":
            yield from _shown(token.children or (), code=code)


def _by(spelling: Callable[[Person], str], people: Iterable[Person]) -> _Reading:
    found: dict[str, list[Person]] = {}
    for person in people:
        found.setdefault(spelling(person), []).append(person)
    return found


def _meant(handle: str, readings: Sequence[_Reading]) -> Person | None:
    for written in _ways_to_read(handle):
        for reading in readings:
            found = reading.get(written)
            if found:
                return found[0] if len(found) == 1 else None
    return None


def _ways_to_read(handle: str) -> Iterable[str]:
    """``handle`` as written, then without what ends a sentence or makes it a possessive."""
    whole = handle.casefold()
    bare = whole.rstrip(_AROUND)
    return dict.fromkeys((whole, bare, _POSSESSIVE.sub("", bare)))


def _address(person: Person) -> str:
    return person.email.casefold()


def _local_part(person: Person) -> str:
    return person.email.casefold().partition("@")[0]


def _full_name(person: Person) -> str:
    return "".join(person.name.casefold().split())


def _first_name(person: Person) -> str:
    return person.name.casefold().partition(" ")[0]


_SPELLINGS = (_address, _local_part, _full_name, _first_name)
