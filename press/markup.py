"""An article's body -> an HTML fragment, by Python-Markdown.

Fences never pass through Markdown: each becomes a slot, filled later with code highlighted for
the page or plain for feeds. Links stay as the author wrote them until `links` resolves them.
"""

import re
from collections.abc import Callable
from functools import cache
from html import escape, unescape

from markdown import Markdown
from markdown.extensions.toc import slugify_unicode

from press.model import Article, Fence, Fragment, Heading

# U+FDD0 and U+FDD1 never occur in an article (source.BAD_CHARACTER), so a slot can't be forged.
SLOT = re.compile("<p>\\s*\ufdd0(\\d+)\ufdd1\\s*</p>|\ufdd0(\\d+)\ufdd1")
TAG = re.compile(r"<!--.*?-->|<[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
LINK = re.compile(r"""(?<=\s)(href|src)(\s*=\s*)("[^"]*"|'[^']*'|[^\s>"']+)""", re.IGNORECASE)
ID = re.compile(r"""(?<=\s)id\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)

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
    """The body as HTML with a slot for each fence."""
    engine = _engine()
    engine.reset()
    html = engine.convert(_with_slots(article))
    tokens = getattr(engine, "toc_tokens", [])
    links, ids = references(html)
    return Fragment(html, tuple(_headings(tokens)), ids, links)


def references(html: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The addresses that an HTML text links to, in order and once each, and the ids it has."""
    tags = [match.group() for match in TAG.finditer(html) if not match.group().startswith("<!--")]
    ids = [next(filter(None, found), "") for tag in tags for found in ID.findall(tag)]
    links = [unescape(_unquote(link[2])) for tag in tags for link in LINK.findall(tag)]
    return tuple(dict.fromkeys(links)), frozenset(map(unescape, ids))


def _with_slots(article: Article) -> str:
    """The body with one line in the place of each fence, in a paragraph of its own."""
    lines = article.source.text.split("\n")
    parts: list[str] = []
    after = article.body_line - 1
    for index, fence in enumerate(article.fences):
        parts += lines[after : fence.line - 1]
        if fence.opener == fence.nesting:
            parts.append(fence.nesting.rstrip())
        parts += [f"{fence.opener}\ufdd0{index}\ufdd1", fence.nesting.rstrip()]
        after = fence.end
    return "\n".join(parts + lines[after:])


def _headings(tokens: list[dict[str, object]]) -> list[Heading]:
    found: list[Heading] = []
    for token in tokens:
        found.append(Heading(int(str(token["level"])), str(token["id"]), str(token["html"])))
        found += _headings(token["children"])  # type: ignore[arg-type]  # the library says object
    return found


def fill(html: str, article: Article, code: Callable[[Fence], str]) -> str:
    """The fragment with `code(fence)` in the place of each slot."""
    return SLOT.sub(lambda slot: code(article.fences[int(slot[1] or slot[2])]), html)


def relink(html: str, link: Callable[[str], str]) -> str:
    """The HTML with each `href` and `src` replaced by what `link` makes of it."""

    def attribute(match: re.Match[str]) -> str:
        address = link(unescape(_unquote(match[3])))
        return f'{match[1]}="{escape(address)}"'

    def tag(match: re.Match[str]) -> str:
        text = match.group()
        return text if text.startswith("<!--") else LINK.sub(attribute, text)

    return TAG.sub(tag, html)


def _unquote(value: str) -> str:
    return value[1:-1] if value[:1] in ('"', "'") else value


def plain_code(fence: Fence) -> str:
    """A code block for feeds and mail: no colours, labelled with its language (HTML, 4.5.15)."""
    language = f' class="language-{escape(fence.language)}"' if fence.language else ""
    return f"<pre><code{language}>{escape(fence.code, quote=False)}</code></pre>"
