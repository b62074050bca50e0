"""An article for feeds and mail: what a page says by its stylesheet is said in words here."""

import re
from collections.abc import Sequence
from html import escape, unescape

from press import highlight, marks, pairs
from press.model import Fence
from press.words import ENGLISH, Words

FORMULA = re.compile(r'<math\b[^>]*\balttext="([^"]*)".*?</math>', re.DOTALL)
HEADING = re.compile(
    r'<div class="heading">\s*(<h[1-6].*?</h[1-6]>)<a\b[^>]*>#</a></div>', re.DOTALL
)
ADMONITION = re.compile(r'<p class="admonition-title">(.*?)</p>', re.DOTALL)
CELL = re.compile(r'(<t[hd]) class="(left|right|center)"')


def html(text: str) -> str:
    """What was made for a page, in words that need no stylesheet. Formulas become their source."""
    text = FORMULA.sub(_source, text)
    text = ADMONITION.sub(r"<p><strong>\1</strong></p>", HEADING.sub(r"\1", text))
    return CELL.sub(r'\1 style="text-align: \2"', text)


def _source(formula: re.Match[str]) -> str:
    return f"<code>{escape(unescape(formula[1]), quote=False)}</code>"


def blocks(run: Sequence[Fence], words: Words = ENGLISH) -> str:
    """Fences that nothing stands between: those beside one another as labelled blocks in a row."""
    groups = pairs.groups(run)
    return "\n".join(_side(side, words, len(sides) > 1) for sides in groups for side in sides)


def _side(side: pairs.Side, words: Words, labelled: bool) -> str:
    label = _label(side[0].language, words) if labelled else ""
    return label + "\n".join(_caption(fence, words) + code(fence) for fence in side)


def _label(language: str, words: Words) -> str:
    name = highlight.name(pairs.proven_as(language), words)
    return f"<p><strong>{escape(name, quote=False)}</strong></p>\n"


def _caption(fence: Fence, words: Words) -> str:
    caption = pairs.caption(fence, words)
    return f"<p>{escape(caption, quote=False)}:</p>\n" if caption else ""


def code(fence: Fence) -> str:
    """A code block: no colours, labelled with its language (HTML, 4.5.15)."""
    language = f' class="language-{escape(fence.language)}"' if fence.language else ""
    text = escape(fence.shown, quote=False)
    if kinds := marks.lines(fence):
        text = "\n".join(marks.marked(text.split("\n"), kinds))
    return f"<pre><code{language}>{text}</code></pre>"
