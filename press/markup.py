"""An article's body -> an HTML fragment, by Python-Markdown.

Fences never pass through Markdown: each becomes a slot, filled later with code highlighted for
the page or plain for feeds. Links stay as the author wrote them until `links` resolves them.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape
from html.entities import html5
from importlib import import_module
from typing import Any, cast

from markdown.extensions import Extension

from press import slots
from press.dialect import Dialect, slugify
from press.elements import attributes, references
from press.engine import Engine
from press.model import Fence, Fragment, Heading, Manuscript
from press.words import ENGLISH, Words

# What may not stand in the link of a page's contents; of an image, its words do.
NO_LABEL = re.compile(r"</?a\b[^>]*>|<img\b[^>]*>")
# Python-Markdown takes all of these for characters; a browser knows some.
CHARACTER = re.compile(r"&(?:(\w+)|#(\d+)|#[xX]([0-9a-fA-F]+));")

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
# Without the last character some systems show the arrow as an emoji.
BACK = "&#8617;&#xFE0E;"


@lru_cache(maxsize=1)
def _engine(words: Words) -> tuple[Engine, Dialect]:
    """One parser for all articles: making a new one for each costs 2 ms."""
    extensions, dialect = parts(words)
    return Engine(extensions), dialect


def parts(words: Words) -> tuple[list[Extension], Dialect]:
    """What an engine is made of: its extensions, and which of them is ours.

    They are given as such: an extension that is named is looked for in all packages of the machine.
    """
    back = words.gettext("Back to note %(number)s", number="{}")
    dialect = Dialect(words)
    configs: dict[str, dict[str, Any]] = {
        "footnotes": {"BACKLINK_TEXT": BACK, "BACKLINK_TITLE": back},
        "toc": {"slugify": slugify, "toc_depth": "2-6"},
    }
    return [*(_extension(name, configs.get(name, {})) for name in EXTENSIONS), dialect], dialect


def _extension(name: str, settings: dict[str, Any]) -> Extension:
    """One of Python-Markdown's own."""
    made = import_module(f"markdown.extensions.{name}").makeExtension(**settings)
    return cast("Extension", made)


def render(article: Manuscript, words: Words = ENGLISH) -> Fragment:
    """The body as HTML with a slot for each fence. Raises RecursionError if it is too deep."""
    engine, dialect = _engine(words)
    engine.reset()
    try:
        html = engine.convert(article.markdown)
        html = slots.settle(CHARACTER.sub(_known, html), article.raw)
    except RecursionError:
        _engine.cache_clear()  # it would take the next article for a part of this one
        raise
    tokens = getattr(engine, "toc_tokens", [])
    links, ids = references(html)
    formulas = tuple(dict.fromkeys(dialect.formulas))
    return Fragment(html, tuple(_headings(tokens)), frozenset(ids), links, formulas)


def _known(reference: re.Match[str]) -> str:
    """A reference to a character that exists; the text of any other (HTML, 13.2.5.80)."""
    name, decimal, hexadecimal = reference.groups()
    if name:
        known = f"{name};" in html5
    else:
        code = int(decimal or hexadecimal, 10 if decimal else 16)
        known = code in (9, 10) or 31 < code < 127 or 159 < code < 0x110000
        known = known and not (0xD800 <= code < 0xE000 or code & 0xFFFE == 0xFFFE)
        known = known and not 0xFDD0 <= code < 0xFDF0
    return reference[0] if known else f"&amp;{reference[0][1:]}"


def _headings(tokens: list[dict[str, object]]) -> list[Heading]:
    found: list[Heading] = []
    for token in tokens:
        html = NO_LABEL.sub(_words, str(token["html"]))
        found.append(Heading(int(str(token["level"])), str(token["id"]), html))
        found += _headings(token["children"])  # type: ignore[arg-type]  # the library says object
    return found


def _words(tag: re.Match[str]) -> str:
    return escape(dict(attributes(tag[0])).get("alt", ""))


def fill(html: str, article: Manuscript, blocks: Callable[[Sequence[Fence]], str]) -> str:
    """The fragment with `blocks(fences)` in the place of fences that nothing stands between."""
    return slots.fill(html, lambda run: blocks([article.fences[index] for index in run]))
