"""Which files are taken, by their name and what they really are."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.file_types import FILE_TYPES, HEAD_BYTES, TAIL_BYTES, Ends, content_type_of, plain_name, suffix_of


def packed(*names, first=None):
    """An archive with these parts; ``first`` is one that is stored before them as it is."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            archive.writestr(zipfile.ZipInfo(first[0]), first[1])
        for name in names:
            archive.writestr(name, "<x/>" * 2000)
    return content.getvalue()


def ends(content):
    return Ends(head=content[:HEAD_BYTES], tail=content[-TAIL_BYTES:])


OASIS = "application/vnd.oasis.opendocument."
FILES = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "jpeg": b"\xff\xd8\xff\xe1\0\x10Exif\0",
    "gif": b"GIF89a\1\0\1\0",
    "webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "heic": b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic\0\0",
    "docx": packed("[Content_Types].xml", "_rels/.rels", "word/document.xml"),
    "xlsx": packed("xl/workbook.xml", "xl/sheets/1.xml", "[Content_Types].xml"),
    "pptx": packed("[Content_Types].xml", "ppt/presentation.xml"),
    "odt": packed("content.xml", first=("mimetype", f"{OASIS}text")),
    "ods": packed("content.xml", first=("mimetype", f"{OASIS}spreadsheet")),
    "zip": packed("a.txt"),
    "txt": "Grüße, the keys are at the gate.\n".encode(),
    "csv": b"name,price\nQuay Street,420000\n",
    "ics": b"\xef\xbb\xbfBEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
    "eml": b"Received: from a\r\nSubject: Offer\r\n\r\nHello",
}


def taken(name, content, allowed=FILE_TYPES):
    return content_type_of(name, ends(content), allowed=allowed)


def test_every_type_that_can_be_allowed_has_a_sample():
    assert set(FILES) == set(FILE_TYPES)


@pytest.mark.parametrize("suffix", FILES)
def test_a_file_is_taken_for_what_it_is(suffix):
    assert taken(f"Offer.{suffix.upper()}", FILES[suffix]) == FILE_TYPES[suffix].content_type


@pytest.mark.parametrize("suffix", FILES)
@pytest.mark.parametrize("real", FILES)
def test_a_name_that_says_another_type_is_refused(suffix, real):
    """Save that every document of an office is an archive, and calendars, mails and tables are texts."""
    one_thing = {frozenset({"jpg", "jpeg"}), frozenset({"txt", "csv"})}
    archives, texts = {"docx", "xlsx", "pptx", "odt", "ods", "zip"}, {"ics", "eml", "txt", "csv"}
    is_also = (suffix == "zip" and real in archives) or (suffix in {"txt", "csv"} and real in texts)
    mail_like = suffix == "eml" and real == "ics"  # its first line looks like a header
    fits = suffix == real or is_also or mail_like or frozenset({suffix, real}) in one_thing
    assert (taken(f"a.{suffix}", FILES[real]) is not None) == fits


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"<html><script>alert(1)</script>"),
        ("a.png", b"<svg onload=alert(1)>"),
        ("a.txt", b"MZ\x90\0\3\0\0\0"),
        ("a.txt", b"\x7fELF\2\1\1"),
        ("a.csv", b"a,b\n\0"),
        ("a.txt", b"\xff\xfea\0\0\0"),
        ("a.ics", b"BEGIN:VCARD"),
        ("a.eml", b"just words"),
        ("a.docx", packed("[Content_Types].xml", "readme.txt")),
        ("a.odt", packed("mimetype")),
        ("a.exe", b"MZ"),
        ("a.html", b"<p>"),
        ("a.svg", b"<svg/>"),
        ("a.pdf.exe", b"%PDF-1.7"),
        ("pdf", b"%PDF-1.7"),
        (".pdf", b"%PDF-1.7"),
        ("", b"%PDF-1.7"),
    ],
)
def test_what_is_no_such_file_is_refused(name, content):
    assert taken(name, content) is None


def test_only_what_is_allowed_is_taken():
    assert taken("a.zip", FILES["zip"], allowed=["pdf"]) is None
    assert taken("a.exe", b"MZ", allowed=["exe"]) is None


def test_texts_may_be_utf16_where_they_say_so():
    assert taken("a.csv", "größe;preis\n".encode("utf-16"))
    assert taken("a.txt", ("x" * (HEAD_BYTES // 2 - 2) + "😀").encode("utf-16"))


@given(st.sampled_from(sorted(FILE_TYPES)), st.binary(max_size=400))
def test_nonsense_is_looked_at_without_a_fall(suffix, content):
    taken(f"a.{suffix}", content)


@given(st.text(max_size=400), st.integers(30, 250))
def test_a_plain_name_is_short_and_has_no_path(name, longest):
    plain = plain_name(name, longest=longest)
    assert len(plain) <= longest
    assert not set(plain) & set("/\\\0\r\n\u202e")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\deals\\offer.pdf", "offer.pdf"),
        ("a\0b.pdf", "ab.pdf"),
        ("gpj\u202efdp.pdf", "gpjfdp.pdf"),
        ("Übersicht 2026, 見積.pdf", "Übersicht 2026, 見積.pdf"),
        ("U\u0308.pdf", "Ü.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("..", ".."),
    ],
)
def test_names_are_made_plain(name, plain):
    assert plain_name(name, longest=200) == plain


def test_a_suffix_is_what_comes_after_the_last_dot():
    assert [suffix_of(name) for name in ("a.tar.GZ", "a", ".profile")] == ["gz", "", ""]
