r"""Formulas in LaTeX -> MathML, by math-core. Within a text they are written $`x^2`$.

MathML needs no script and no font of ours; each formula keeps its source as its `alttext`.
"""

import re
from functools import cache, lru_cache
from html import escape
from typing import Any

LONGEST = 2000
"""Characters: the converter takes any depth, and ends the process where that is some thousands."""
EXPANSIONS = 50
"""Of commands that stand for others: they make more of a formula than its length tells."""
DEFINITION = re.compile(r"\\(?:[egx]?def|let|(?:re)?newcommand|providecommand|Declare\w+)\b")
STYLE = re.compile(r'(<\w+\b[^>]*?) style="((?:[^"]*[:;])[^"]*)"')
# The HTML checker knows it on no table; without it a table in an exponent is small as well.
NO_ATTRIBUTE = re.compile(r' scriptlevel="0"(?=>)')
# A page can't have styles in its text; content.css has these classes.
CLASSES = {
    "text-align:left": "left",
    "text-align:right": "right",
    "justify-items:start": "",
    "justify-items:end": "",
    "padding-right:0": "tight-right",
    "padding-left:0": "tight-left",
    "padding-left:1em": "apart",
    "border-right:0.05emsolidcurrentcolor": "ruled-right",
    "border-left:0.05emsolidcurrentcolor": "ruled-left",
    "border-top:0.05emsolidcurrentcolor": "ruled-above",
    "border-bottom:0.05emsolidcurrentcolor": "ruled-below",
}


class Wrong(ValueError):
    """A formula that can't be shown. `at` is where, in characters from its beginning."""

    def __init__(self, why: str, at: int = 0) -> None:
        super().__init__(why)
        self.at = at


def shown(source: str, *, block: bool = False) -> str:
    """The formula as MathML; empty for one that is wrong."""
    try:
        return mathml(source, block=block)
    except Wrong:
        return ""


@lru_cache(maxsize=4096)
def mathml(source: str, *, block: bool = False) -> str:
    """The formula as MathML. Raises Wrong."""
    if not source.strip():
        raise Wrong("there is nothing in it")
    if len(source) > LONGEST:
        raise Wrong(f"it is longer than {LONGEST:,} characters")
    if defined := DEFINITION.search(source):
        raise Wrong("a formula can't define commands", defined.start())
    converted = _converted(source, block)
    if unknown := re.search(r'class="([^"]*)"', converted):
        raise Wrong(f"it needs the style `{unknown[1]}`, which a page can't have")
    made = STYLE.sub(_classed, NO_ATTRIBUTE.sub("", converted))
    if re.search(r"\s(?:id|href)=", made):
        raise Wrong("it refers to a numbered equation, which no article has")
    alt = escape(" ".join(source.split()))
    return made.replace("<math", f'<math alttext="{alt}"', 1)


def _converted(source: str, block: bool) -> str:
    from math_core import LatexError

    try:
        converted: str = _converter().convert_with_local_state(source, displaystyle=block)
    except LatexError as error:
        at, _, why = str(error).partition(": ")
        raise Wrong(why[:1].lower() + why[1:].rstrip("."), int(at) if at.isdigit() else 0) from None
    return converted


@cache
def _converter() -> Any:
    from math_core import LatexToMathML

    return LatexToMathML(fancy_error=False, max_expansions=EXPANSIONS)


def _classed(tag: re.Match[str]) -> str:
    names = []
    for declaration in filter(None, re.sub(r"\s", "", tag[2]).split(";")):
        if declaration not in CLASSES:
            raise Wrong(f"it needs the style `{declaration}`, which a page can't have")
        names.append(CLASSES[declaration])
    return f'{tag[1]} class="{" ".join(filter(None, names))}"'
