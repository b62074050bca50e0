"""Code -> highlighted HTML, by Pygments. Emits classes; `stylesheet` gives their colours."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from pygments import highlight as pygmentize
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

from press.contrast import readable
from press.words import Words, marked

LIGHT, DARK = "default", "github-dark"
# Pygments knows these by other names, or would colour what is plain text.
LEXERS = {"": "text", "output": "text", "pycon": "pycon", "console": "console"}
NAMES = {
    "": marked("Text"), "text": marked("Text"), "pycon": "Python", "console": marked("Console"),
}  # fmt: skip

BACKGROUNDS: Mapping[str, tuple[str, str]] = {
    "code": ("#f3f0e8", "#0d1117"),
    "mark": ("#fbeebf", "#3a3111"),
    "ins": ("#d9f2dc", "#0f3320"),
    "del": ("#fbe0dd", "#45191c"),
}
"""What code stands on, in light and in dark; style.css has the first, content.css the others."""


@cache
def _formatter() -> Any:
    return HtmlFormatter(nowrap=True)


@cache
def _lexer(language: str) -> Any:
    try:
        return get_lexer_by_name(LEXERS.get(language, language), stripnl=False)
    except ClassNotFound:
        return get_lexer_by_name("text", stripnl=False)


def name(language: str, words: Words) -> str:
    """What people call a language: Python, C++."""
    if language in NAMES:
        return words.gettext(NAMES[language])
    lexer: str = _lexer(language).name
    return lexer if lexer != "Text only" else language


@lru_cache(maxsize=4096)
def lines(code: str, language: str) -> tuple[str, ...]:
    """The lines of a piece of code; no element goes on from one to the next."""
    return tuple(pygmentize(code, _lexer(language), _formatter()).split("\n"))


@cache
def stylesheet() -> str:
    """The colours of the classes, light and dark: the page's `color-scheme` chooses."""
    classes: dict[str, list[str]] = {}
    for token, short in sorted(STANDARD_TYPES.items(), key=lambda item: item[1]):
        if short and (rule := _rule(token)):
            classes.setdefault(rule, []).append(f"pre code .{short}")
    return "".join(f"{', '.join(names)} {{{rule} }}\n" for rule, names in classes.items())


def _rule(token: Any) -> str:
    """The declarations for a class. The two styles differ in colour alone."""
    light, dark = (
        _colour(style, token, [pair[which] for pair in BACKGROUNDS.values()])
        for which, style in enumerate((LIGHT, DARK))
    )
    shape = get_style_by_name(LIGHT).style_for_token(token)
    return (
        (f" color: light-dark({light}, {dark});" if light != dark else "")
        + (" font-weight: bold;" if shape["bold"] else "")
        + (" font-style: italic;" if shape["italic"] else "")
    )


def _colour(style: str, token: Any, backgrounds: list[str]) -> str:
    colour = get_style_by_name(style).style_for_token(token)["color"]
    return readable(f"#{colour}", backgrounds) if colour else "currentcolor"
