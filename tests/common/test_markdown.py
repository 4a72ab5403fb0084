"""Markdown as pages show it."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estateman.common.markdown import rendered

SHOWN = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "em", "strong", "s"),
    *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
LEADING = ("http:", "https:", "mailto:", "tel:")

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<style>*{background:url(//evil.example)}</style>",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    '![x" onerror="alert(1)](https://evil.example/x.png)',
    '[x](https://evil.example "t\\" onmouseover=\\"alert(1)")',
    '[x](https://evil.example/"onmouseover="alert(1))',
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "[![x](javascript:alert(1))](data:text/html,x)",
    "> - 1. [x](javascript:alert(1))\n>   <svg onload=alert(1)>",
    "| <script>alert(1)</script> |\n|-|\n| [x](javascript:alert(1)) |",
    '```"><script>alert(1)</script>\n</code></pre><script>alert(1)</script>\n```',
]


class Page(HTMLParser):
    """What a browser would find in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def assert_safe(html: str) -> None:
    for tag, attributes in Page(html).tags:
        assert tag in SHOWN, html
        assert set(attributes) <= {"href", "title", "rel", "start"}, html
        leads_to = attributes.get("href", "")
        scheme, colon, _ = leads_to.partition(":")
        assert not colon or not scheme.isalnum() or leads_to.lower().startswith(LEADING), html
        assert tag != "a" or attributes["rel"] == "noopener nofollow", html


def test_what_people_write_is_shown_as_they_mean_it():
    html = rendered(
        "# Keys\n**Two** sets:\none *here*\n\n1. front\n2. back\n\n~~lost~~\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    for piece in ("<h1>Keys</h1>", "<strong>Two</strong> sets:<br>", "<em>here</em>", "<li>front</li>", "<s>lost</s>"):
        assert piece in html
    assert "<td>2</td>" in html


def test_a_link_tells_nothing_of_the_page_it_is_on():
    link = '<a href="https://quay.example/12" title="The house" rel="noopener nofollow">there</a>'
    assert rendered('[there](https://quay.example/12 "The house")') == f"<p>{link}</p>\n"


@pytest.mark.parametrize("address", ["mailto:sam@harbour.example", "tel:+12075550123", "/projects/1"])
def test_links_lead_to_people_and_pages_of_ours_too(address):
    assert f'href="{address}"' in rendered(f"[there]({address})")


def test_a_picture_is_a_link_so_that_nobody_learns_who_looks():
    assert rendered("![The *house*](https://far.example/pixel.png)") == (
        '<p><a href="https://far.example/pixel.png" rel="noopener nofollow">The house</a></p>\n'
    )
    assert ">https://far.example/p.png</a>" in rendered("![](https://far.example/p.png)")


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_gets_through(attack):
    assert_safe(rendered(attack))


def test_html_is_shown_as_it_was_written():
    assert rendered("<b>x</b>") == "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"


@given(
    st.lists(st.sampled_from([*ATTACKS, "\n", "\n\n", "> ", "    ", "`", "*", "[", "](", ")", "<", '"'])).map("".join)
)
def test_no_attack_gets_through_inside_another(text):
    assert_safe(rendered(text))


@given(st.text())
def test_whatever_is_written_is_safe(text):
    assert_safe(rendered(text))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["[", "![", "*", "> ", "- ", "`", "<", "*a ", "[a](", "a|", "\\", "&"])
def test_what_is_nested_without_end_takes_no_time_without_end(piece):
    assert_safe(rendered((piece * 20_000)[:20_000]))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("rows", [9000, 600])
def test_tables_of_holes_do_not_grow_without_end(rows):
    holes = "|a" * 100 + "\n" + "|-" * 100 + "\n" + "|\n" * rows + "\n"
    assert len(rendered((holes * 20)[:20_000])) < 200_000


def test_tables_that_end_in_time_are_tables():
    row = "|a|b|\n"
    html = rendered(f"{row}|-|-|\n{row * 400}\n" * 4)
    assert (html.count("<table>"), html.count("<td>")) == (4, 3200)
