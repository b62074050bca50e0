"""An article's body -> an HTML fragment, by Python-Markdown.

Fences never pass through Markdown: each becomes a slot, filled later with code highlighted for
the page or plain for feeds. Links stay as the author wrote them until `links` resolves them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from html import escape, unescape

from markdown import Markdown
from markdown.extensions.toc import slugify_unicode

from press import slots
from press.model import Article, Fence, Fragment, Heading
from press.problems import Code, Problem

TAG = re.compile(r"<!--.*?-->|<[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
ATTRIBUTE = re.compile(
    r"""(?<=[\s"'/])([^\s"'<>/=]+)\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+)|(?<=\s)[^\s"'<>/=]+"""
)
# The attributes that hold an address; `srcset` has several.
ADDRESSES = frozenset({"href", "src", "poster", "data"})
SOURCE = re.compile(r"((?:^|,)\s*)([^\s,]+)")
# What may not stand in the link of a page's contents.
NO_LABEL = re.compile(r"</?a\b[^>]*>|<img\b[^>]*>")
INDENTED_CODE = re.compile(r"<pre>.*?</pre>", re.DOTALL)

EXTENSIONS = [
    "abbr",
    "admonition",
    "attr_list",
    "def_list",
    "footnotes",
    "md_in_html",
    "sane_lists",
    "smarty",
    "tables",
    "toc",
]


@cache
def _engine() -> Markdown:
    """One parser for all articles: making a new one for each costs 2 ms."""
    return Markdown(
        extensions=EXTENSIONS,
        extension_configs={"toc": {"slugify": slugify, "toc_depth": "2-6"}},
        output_format="html",
    )


def slugify(title: str, separator: str) -> str:
    """A usable anchor for a title in any script; `section` for one without letters or digits."""
    return str(slugify_unicode(title, separator)) or "section"


def render(article: Article) -> Fragment:
    """The body as HTML with a slot for each fence. Raises RecursionError if it is too deep."""
    engine = _engine()
    engine.reset()
    try:
        html = slots.settle(engine.convert(article.markdown), article.raw)
    except RecursionError:
        _engine.cache_clear()  # it would take the next article for a part of this one
        raise
    tokens = getattr(engine, "toc_tokens", [])
    links, ids = references(html)
    return Fragment(html, tuple(_headings(tokens)), frozenset(ids), links)


def references(html: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses that an HTML text links to, in order and once each, and the ids it has."""
    links: list[str] = []
    ids: list[str] = []
    for tag in TAG.finditer(html):
        for name, value in _attributes(tag.group()):
            if name == "id":
                ids.append(value)
            elif name == "srcset":
                links += [source[2] for source in SOURCE.finditer(value)]
            elif name in ADDRESSES:
                links.append(value)
    return tuple(dict.fromkeys(links)), tuple(ids)


def _attributes(tag: str) -> Iterator[tuple[str, str]]:
    if not tag.startswith("<!--"):
        for match in ATTRIBUTE.finditer(tag):
            if match[2]:
                yield match[1].lower(), unescape(_unquote(match[2]))


def not_shown(article: Article, fragment: Fragment) -> list[Problem]:
    """A Problem for each fence that Markdown put where no block can stand, or lost."""
    visible = TAG.sub("", INDENTED_CODE.sub("", fragment.html))
    shown = Counter(slots.fences(visible))
    message = "this fence can't be shown where it stands"
    hint = "put empty lines around it, or take it out of the block or HTML that holds it"
    return [
        article.source.problem(Code.BAD_FENCE, fence.line, fence.column, message, hint)
        for index, fence in enumerate(article.fences)
        if shown[index] != 1
    ]


def _headings(tokens: list[dict[str, object]]) -> list[Heading]:
    found: list[Heading] = []
    for token in tokens:
        html = NO_LABEL.sub("", str(token["html"]))
        found.append(Heading(int(str(token["level"])), str(token["id"]), html))
        found += _headings(token["children"])  # type: ignore[arg-type]  # the library says object
    return found


def fill(html: str, article: Article, code: Callable[[Fence], str]) -> str:
    """The fragment with `code(fence)` in the place of each fence."""
    return slots.fill(html, lambda index: code(article.fences[index]))


def relink(html: str, link: Callable[[str], str]) -> str:
    """The HTML with each address of an attribute replaced by what `link` makes of it."""

    def attribute(match: re.Match[str]) -> str:
        name = (match[1] or "").lower()
        value = unescape(_unquote(match[2] or ""))
        if name == "srcset":
            value = SOURCE.sub(lambda source: source[1] + link(source[2]), value)
        elif name in ADDRESSES:
            value = link(value)
        else:
            return match.group()
        return f'{match[1]}="{escape(value)}"'

    def tag(match: re.Match[str]) -> str:
        text = match.group()
        return text if text.startswith("<!--") else ATTRIBUTE.sub(attribute, text)

    return TAG.sub(tag, html)


def _unquote(value: str) -> str:
    return value[1:-1] if value[:1] in ('"', "'") else value


def plain_code(fence: Fence) -> str:
    """A code block for feeds and mail: no colours, labelled with its language (HTML, 4.5.15)."""
    language = f' class="language-{escape(fence.language)}"' if fence.language else ""
    return f"<pre><code{language}>{escape(fence.shown, quote=False)}</code></pre>"
