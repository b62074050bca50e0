"""What has to be in a text for a rule of Markdown to do anything there: necessary conditions.

They are told of the rules that are listed here alone; any other rule is always tried.
"""

import re
from collections.abc import Callable

from markdown import inlinepatterns as inline
from markdown.blockprocessors import (
    BlockQuoteProcessor,
    CodeBlockProcessor,
    EmptyBlockProcessor,
    HashHeaderProcessor,
    HRProcessor,
    ListIndentProcessor,
    ReferenceProcessor,
    SetextHeaderProcessor,
)
from markdown.extensions import smarty
from markdown.extensions.abbr import AbbrBlockprocessor
from markdown.extensions.admonition import AdmonitionProcessor
from markdown.extensions.def_list import DefListIndentProcessor, DefListProcessor
from markdown.extensions.footnotes import FootnoteBlockProcessor
from markdown.extensions.md_in_html import MarkdownInHtmlProcessor
from markdown.extensions.sane_lists import SaneOListProcessor, SaneUListProcessor
from markdown.extensions.tables import TableProcessor
from markdown.util import STX
from msgspec import Struct

Condition = Callable[[str], object]


class Finding(Struct, frozen=True):
    """How a regular expression of an inline pattern is found with less work."""

    marks: tuple[str, ...]
    """All of these are in each text that it matches in. Placeholders have none of them in them."""
    faster: str = ""
    """What matches at the same places, with the same groups, and begins with a literal."""
    unless: str = ""
    """A mark of a text in which it does not."""
    guard: Condition | None = None
    """True for each text that it matches in."""


def _opening(quote: str) -> Finding:
    """A quote after what smarty.openingQuotesBase ends with."""
    return Finding((quote,), guard=re.compile(rf"{quote}(?<=[\s;\-–—]{quote})").search)


def _closing(quotes: str, after: str = "") -> Finding:
    return Finding((quotes,), f"{quotes}(?<={smarty.closeClass}{quotes}){after}")


def _first(quote: str) -> Finding:
    return Finding((quote,), guard=re.compile(quote).match)


# The last group never matches; that of the stock one never does without a backslash.
PLAIN_BACKTICK = "`((?!))?"
FINDINGS = {
    inline.BACKTICK_RE: Finding(("`",), PLAIN_BACKTICK, unless="\\"),
    inline.ESCAPE_RE: Finding(("\\",)),
    r"\[\^([^\]]*)\]": Finding(("[^",)),
    inline.LINK_RE: Finding(("[",), r"\[(?<!!\[)"),
    inline.IMAGE_LINK_RE: Finding(("![",)),
    inline.AUTOLINK_RE: Finding(("<", "://")),
    inline.AUTOMAIL_RE: Finding(("<", "@")),
    inline.LINE_BREAK_RE: Finding(("  \n",)),
    inline.HTML_RE: Finding(("<",)),
    inline.ENTITY_RE: Finding(("&",)),
    r"\*|_": Finding((), guard=re.compile("[*_]").search),
    r"(?<!-)---(?!-)": Finding(("--",), r"---(?<!----)(?!-)"),
    r"(?<!-)--(?!-)": Finding(("--",), r"--(?<!---)(?!-)"),
    r"(?<!\.)\.{3}(?!\.)": Finding(("...",), r"\.\.\.(?<!\.\.\.\.)(?!\.)"),
    smarty.singleQuoteStartRe: _first("'"),
    smarty.doubleQuoteStartRe: _first('"'),
    smarty.doubleQuoteSetsRe: Finding(("\"'",)),
    smarty.singleQuoteSetsRe: Finding(("'\"",)),
    smarty.doubleQuoteSetsRe2: _closing("'\""),
    smarty.singleQuoteSetsRe2: _closing("\"'"),
    smarty.decadeAbbrRe: Finding(("'",), r"'(?<!\w')(?=\d{2}s)"),
    smarty.openingSingleQuotesRegex: _opening("'"),
    smarty.closingSingleQuotesRegex: _closing("'", r"(?!\s|s\b|\d)"),
    smarty.closingSingleQuotesRegex2: Finding(("'",)),
    smarty.remainingSingleQuotesRegex: Finding(("'",)),
    smarty.openingDoubleQuotesRegex: _opening('"'),
    smarty.closingDoubleQuotesRegex: Finding(('"',)),
    smarty.closingDoubleQuotesRegex2: _closing('"'),
    smarty.remainingDoubleQuotesRegex: Finding(('"',)),
}
"""By the regular expression: without a match of it no pattern does anything, whatever its class."""
ALWAYS = Finding(())
MORE = {
    inline.LinkInlineProcessor: "](",  # The address follows at once.
    inline.ImageInlineProcessor: "](",
}
"""What some patterns need besides, by their class."""
OF_REFERENCES = (
    inline.ReferenceInlineProcessor,
    inline.ShortReferenceInlineProcessor,
    inline.ImageReferenceInlineProcessor,
    inline.ShortImageReferenceInlineProcessor,
)
"""What does nothing in an article without references."""


def _indented(block: str) -> bool:
    return block.startswith("    ")


def _begins_line(*marks: str) -> Condition:
    """Whether a block may have a line that begins with one of some characters.

    Up to three spaces may stand before it.
    """
    first = tuple(marks)
    later = tuple(f"\n{mark}" for mark in (*marks, " "))

    def may_begin(block: str) -> bool:
        if block.lstrip(" ").startswith(first):
            return True
        return any([mark in block for mark in later])  # noqa: C419  # a list is faster

    return may_begin


def _number_first(block: str) -> bool:
    return block.lstrip(" ")[:1].isdigit()


def _bullet_first(block: str) -> bool:
    return block.lstrip(" ").startswith(("*", "+", "-"))


BLOCKS: dict[type, Condition] = {
    # Its own first line, or more of one that is open.
    AdmonitionProcessor: lambda block: "!!!" in block or block.startswith("    "),
    MarkdownInHtmlProcessor: lambda block: block.startswith(STX),
    EmptyBlockProcessor: lambda block: not block or block.startswith("\n"),
    ListIndentProcessor: _indented,
    DefListIndentProcessor: _indented,
    CodeBlockProcessor: _indented,
    TableProcessor: lambda block: "|" in block and "\n" in block,
    HashHeaderProcessor: lambda block: "#" in block,
    SetextHeaderProcessor: lambda block: "\n-" in block or "\n=" in block,
    HRProcessor: _begins_line("-", "_", "*"),
    SaneOListProcessor: _number_first,
    SaneUListProcessor: _bullet_first,
    DefListProcessor: _begins_line(":"),
    BlockQuoteProcessor: lambda block: ">" in block,
    FootnoteBlockProcessor: lambda block: "]:" in block,
    AbbrBlockprocessor: lambda block: "*[" in block,
    ReferenceProcessor: lambda block: "]:" in block,
}
"""By the class of a block processor, and of no class that is made from it."""
