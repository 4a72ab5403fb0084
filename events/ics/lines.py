"""The lines of an iCalendar file: unfolded, taken apart, and nested as BEGIN and END say, each with its number."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from icalendar.parser.property import unescape_backslash

MOST_LINES = 400_000
DEEPEST = 10
# Names of programs' own hold points and underscores. A parameter's value may stand in quotation marks, and holds colons
# then. Nothing is tried twice: a way back for each character of a line of megabytes would take a gigabyte.
_LINE = re.compile(r'([A-Za-z0-9._-]++)((?:;(?:[^":]++|"[^"]*+")*+)?+):(.*+)', re.DOTALL)
_PARAMETER = re.compile(r';\s*([A-Za-z0-9-]+)\s*=\s*("[^"]*"|[^;"]*)')
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Malformed(ValueError):
    """This is no iCalendar file; the message says in which line that shows."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"Line {number}: {why}")
        self.number = number


@dataclass(frozen=True)
class Line:
    """One property. ``raw`` is its value as it was written."""

    number: int
    name: str
    parameters: str
    raw: str

    def parameter(self, name: str) -> str:
        """Its value without quotation marks; empty where it is missing."""
        found = (match[2] for match in _PARAMETER.finditer(self.parameters) if match[1].upper() == name)
        return next(found, "").strip().strip('"')

    @cached_property
    def tzid(self) -> str:
        """What it calls its zone, read once for all the dates of a line."""
        return self.parameter("TZID")

    @property
    def text(self) -> str:
        """The value unescaped, without characters that no text holds."""
        return _CONTROLS.sub("", unescape_backslash(self.raw).replace("\r\n", "\n")).strip()


@dataclass
class Component:
    """What stands between a BEGIN and its END."""

    name: str
    number: int
    lines: list[Line] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> Line | None:
        return next((line for line in self.lines if line.name == name), None)

    def text(self, name: str) -> str:
        line = self.first(name)
        return line.text if line else ""


def parse(content: bytes) -> list[Component]:
    """The calendars in a file. Raises Malformed."""
    open_ones: list[Component] = []
    found: list[Component] = []
    last = 1
    for line in _lines(content):
        last = line.number
        if line.name == "BEGIN":
            _begin(line, open_ones, found)
        elif not open_ones:
            raise Malformed(line.number, "A calendar begins with BEGIN:VCALENDAR.")
        elif line.name == "END":
            opened = open_ones.pop()
            if line.raw.strip().upper() != opened.name:
                raise Malformed(line.number, f"{opened.name} of line {opened.number} must end first.")
        else:
            open_ones[-1].lines.append(line)
    if open_ones:
        raise Malformed(last, f"The file ends before {open_ones[-1].name} of line {open_ones[-1].number} does.")
    if not found:
        raise Malformed(1, "A calendar begins with BEGIN:VCALENDAR.")
    return found


def _begin(line: Line, open_ones: list[Component], found: list[Component]) -> None:
    component = Component(line.raw.strip().upper(), line.number)
    if not open_ones and component.name != "VCALENDAR":
        raise Malformed(line.number, "A calendar begins with BEGIN:VCALENDAR.")
    if len(open_ones) >= DEEPEST:
        raise Malformed(line.number, "Its parts are nested too deeply.")
    (open_ones[-1].parts if open_ones else found).append(component)
    open_ones.append(component)


def _lines(content: bytes) -> Iterator[Line]:
    for number, text in _unfolded(content):
        match = _LINE.fullmatch(text)
        if match is None:
            shown = text[:40] + ("…" if len(text) > 40 else "")
            raise Malformed(number, f"{shown!r} is not of the form NAME:VALUE.")
        yield Line(number, match[1].upper(), match[2], match[3])


def _unfolded(content: bytes) -> Iterator[tuple[int, str]]:
    """The content lines with the number of the line that each begins on. Folding may cut a character in two."""
    number, began, pieces = 0, 0, list[bytes]()
    rows = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if len(rows) > MOST_LINES:
        raise Malformed(MOST_LINES, "The file has too many lines.")
    for number, row in enumerate(rows, start=1):
        if row[:1] in (b" ", b"\t") and pieces:
            pieces.append(row[1:])
            continue
        if pieces:
            yield began, _decoded(b"".join(pieces), began)
        began, pieces = number, [row] if row.strip() else []
    if pieces:
        yield began, _decoded(b"".join(pieces), began)


def _decoded(line: bytes, number: int) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise Malformed(number, "It is not UTF-8; save the file as that.") from None
