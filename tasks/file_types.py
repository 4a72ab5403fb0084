"""Which files are taken, by what they are called and by how they really begin. Pure.

The well-known libraries of signatures take an archive for the document that its name says it is, and know no text; for
the few types an office needs the signatures stand here.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePath
from unicodedata import normalize

HEAD_BYTES = 4096
"""How much of a file's beginning is looked at."""
TAIL_BYTES = 256 * 1024
"""How much of its end: there an archive lists what is in it."""

_CONTROLS = frozenset({*range(0x20), 0x7F} - set(b"\t\n\f\r\x1b"))
_IMAGE_BRANDS = {b"heic", b"heix", b"heim", b"heis"}


@dataclass(frozen=True)
class Ends:
    """The beginning and the end of a file; those of a short one overlap."""

    head: bytes
    tail: bytes


@dataclass(frozen=True)
class FileType:
    """What a file of this type is served as, and whether one is of it."""

    content_type: str
    fits: Callable[[Ends], bool]


def content_type_of(name: str, ends: Ends, *, allowed: Iterable[str]) -> str | None:
    """What a file called ``name`` is served as; None where its suffix is not ``allowed`` or not what it is."""
    suffix = suffix_of(name)
    found = FILE_TYPES.get(suffix) if suffix in set(allowed) else None
    return found.content_type if found and found.fits(ends) else None


def suffix_of(name: str) -> str:
    """What ``name`` ends in after its last dot, in small letters; empty without one."""
    return PurePath(name).suffix.lower().removeprefix(".")


def plain_name(name: str, *, longest: int) -> str:
    """``name`` without a path and without what can't be seen; of one that is too long the suffix is kept."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(letter for letter in normalize("NFC", last) if letter.isprintable()).strip()
    suffix = PurePath(seen).suffix[:20]
    return f"{seen.removesuffix(suffix)[: longest - len(suffix)]}{suffix}"


def _starts(*signatures: bytes) -> Callable[[Ends], bool]:
    return lambda ends: ends.head.startswith(signatures)


def _is_pdf(ends: Ends) -> bool:
    """Readers allow for some bytes before it."""
    return b"%PDF-" in ends.head[:1024]


def _is_webp(ends: Ends) -> bool:
    return ends.head.startswith(b"RIFF") and ends.head[8:12] == b"WEBP"


def _is_heic(ends: Ends) -> bool:
    """Its first box names the brands that it can be read as."""
    size = int.from_bytes(ends.head[:4], "big")
    brands = ends.head[8 : min(size, 256)]
    return ends.head[4:8] == b"ftyp" and any(brands[at : at + 4] in _IMAGE_BRANDS for at in range(0, len(brands), 4))


def _is_archive(ends: Ends) -> bool:
    return ends.head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _office(folder: bytes) -> Callable[[Ends], bool]:
    """An Office Open XML document: an archive that has its parts in ``folder``."""
    return lambda ends: (
        _is_archive(ends)
        and any(b"[Content_Types].xml" in end for end in (ends.head, ends.tail))
        and any(folder in end for end in (ends.head, ends.tail))
    )


def _open_document(kind: bytes) -> Callable[[Ends], bool]:
    """An OpenDocument: an archive whose first part says so, uncompressed."""
    said = b"mimetypeapplication/vnd.oasis.opendocument." + kind
    return lambda ends: _is_archive(ends) and ends.head[30:].startswith(said)


def _is_text(ends: Ends) -> bool:
    """In any encoding that leaves the control characters alone, or UTF-16 that says so; and nothing else we know."""
    if ends.head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _is_utf16(ends.head)
    return not _CONTROLS & set(ends.head) and not any(known.fits(ends) for known in _WITH_SIGNATURE.values())


def _is_utf16(head: bytes) -> bool:
    try:
        text = head[: len(head) // 2 * 2].decode("utf-16")
    except UnicodeDecodeError as error:
        # The last character may be cut in half.
        return error.start >= len(head) - 4
    return not any(ord(letter) in _CONTROLS for letter in text)


def _is_calendar(ends: Ends) -> bool:
    return _is_text(ends) and _text_start(ends).upper().startswith(b"BEGIN:VCALENDAR")


def _is_mail(ends: Ends) -> bool:
    """Its first line is a header."""
    return _is_text(ends) and bool(re.match(rb"(?:From |[!-9;-~]+[ \t]*:)", _text_start(ends)))


def _text_start(ends: Ends) -> bytes:
    return ends.head.removeprefix(b"\xef\xbb\xbf").lstrip()


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OASIS = "application/vnd.oasis.opendocument."
_JPEG = FileType("image/jpeg", _starts(b"\xff\xd8\xff"))
_WITH_SIGNATURE = {
    "pdf": FileType("application/pdf", _is_pdf),
    "png": FileType("image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "gif": FileType("image/gif", _starts(b"GIF87a", b"GIF89a")),
    "webp": FileType("image/webp", _is_webp),
    "heic": FileType("image/heic", _is_heic),
    "docx": FileType(f"{_OFFICE}wordprocessingml.document", _office(b"word/")),
    "xlsx": FileType(f"{_OFFICE}spreadsheetml.sheet", _office(b"xl/")),
    "pptx": FileType(f"{_OFFICE}presentationml.presentation", _office(b"ppt/")),
    "odt": FileType(f"{_OASIS}text", _open_document(b"text")),
    "ods": FileType(f"{_OASIS}spreadsheet", _open_document(b"spreadsheet")),
    "zip": FileType("application/zip", _is_archive),
}
FILE_TYPES = {
    **_WITH_SIGNATURE,
    "txt": FileType("text/plain", _is_text),
    "csv": FileType("text/csv", _is_text),
    "ics": FileType("text/calendar", _is_calendar),
    "eml": FileType("message/rfc822", _is_mail),
}
"""By suffix, all that can be allowed."""
