"""Markdown as people write it, turned into HTML that any page may show."""

from collections.abc import MutableMapping, Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "em", "strong", "s"),
    *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
MOST_CELLS = 5000
"""A wide table fills up its short rows: without an end to it, two pages of text become megabytes."""


def rendered(text: str) -> str:
    """``text`` as safe HTML: CommonMark with tables and strikethrough; a line break stays one.

    Of HTML in it the text is shown, tags and all. Links lead to http, https, mailto, tel and within the site. A
    picture becomes a link: shown, it would tell its server who reads this, and when.
    """
    return nh3.clean(
        _MARKDOWN.render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener nofollow",
    )


def parser(**options: Any) -> MarkdownIt:
    """CommonMark with tables, of MOST_CELLS cells in one text, and strikethrough; HTML is text."""
    markdown = MarkdownIt("commonmark", {"html": False, **options}).enable(["table", "strikethrough"])
    markdown.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    return markdown


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  as rules are called
    """A table while there are cells left for one as long as it can be; the first that is too large ends them all."""
    left = state.env.setdefault("cells_left", MOST_CELLS)
    if not left or not table(state, start, end, silent=True):
        return False
    if silent:
        return True
    columns = state.getLines(start, start + 1, 0, keepLastLF=False).count("|")
    blank = next((line for line in range(start, end) if state.isEmpty(line)), end)
    state.env["cells_left"] = max(0, left - columns * (blank - start))
    return bool(state.env["cells_left"]) and table(state, start, end, silent=False)


def _link_to_image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    image = tokens[index]
    source = str(image.attrs.get("src", ""))
    words = renderer.renderInlineAsText(image.children, options, env) or source
    return f'<a href="{escapeHtml(source)}">{escapeHtml(words)}</a>'


_MARKDOWN = parser(breaks=True)
_MARKDOWN.add_render_rule("image", _link_to_image)
