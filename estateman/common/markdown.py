"""Markdown as people write it, turned into HTML that any page may show."""

from collections.abc import MutableMapping, Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "em", "strong", "s"),
    *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}


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


def _link_to_image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    image = tokens[index]
    source = str(image.attrs.get("src", ""))
    words = renderer.renderInlineAsText(image.children, options, env) or source
    return f'<a href="{escapeHtml(source)}">{escapeHtml(words)}</a>'


_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
_MARKDOWN.add_render_rule("image", _link_to_image)
