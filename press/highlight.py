"""Code -> highlighted HTML, as by Pygments. Emits classes; `stylesheet` gives their colours."""

from collections.abc import Mapping
from functools import cache, lru_cache
from html import escape
from typing import Any

from pygments.token import STANDARD_TYPES, Comment, Keyword, Name, Operator, String

from press import colouring, lexing
from press.contrast import readable
from press.words import Words, marked

LIGHT, DARK = "default", "github-dark"
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


def name(language: str, words: Words) -> str:
    """What people call a language: Python, C++."""
    if language in NAMES:
        return words.gettext(NAMES[language])
    lexer = lexing.name(language)
    return lexer if lexer != "Text only" else language


@lru_cache(maxsize=512)
def lines(code: str, language: str) -> tuple[str, ...]:
    """The lines of a piece of code; no element goes on from one to the next."""
    return tuple(colouring.html(lexing.tokens(code, language)).split("\n"))


SLIM = (
    (Comment, "i"), (String.Interpol, ""), (String, "span"),
    (Keyword, "b"), (Operator.Word, "b"),
    (Name.Function, "var"), (Name.Class, "var"), (Name.Decorator, "var"),
)  # fmt: skip
"""Token -> the element that stands for it where each byte counts: it says the same without a
stylesheet. The first one that fits is it; what fits none is not marked."""


def slim(code: str, language: str) -> list[str]:
    """The lines of a piece of code with no class in it; no element goes on to the next."""
    runs: list[list[str]] = [["", ""]]
    for _, kind, text in lexing.tokens(code, language):
        element = _element(kind)
        if element != runs[-1][0] and text.strip():
            runs.append([element, ""])
        runs[-1][1] += text
    html = "".join(_wrapped(element, text) for element, text in runs)
    return html.rstrip("\n").split("\n")


@cache
def _element(kind: int) -> str:
    return next((name for token, name in SLIM if lexing.TYPES[kind] in token), "")


def _wrapped(element: str, text: str) -> str:
    """Each line of a text in an element of its own; what surrounds it is outside."""
    lines = []
    for line in escape(text, quote=False).split("\n"):
        inner = line.strip()
        marked = f"<{element}>{inner}</{element}>" if element and inner else inner
        lines.append(line.replace(inner, marked, 1) if inner else line)
    return "\n".join(lines)


@cache
def stylesheet() -> str:
    """The colours of the classes, light and dark: the page's `color-scheme` chooses."""
    classes: dict[str, list[str]] = {}
    for token, short in sorted(STANDARD_TYPES.items(), key=lambda item: item[1]):
        if short and (rule := _rule(token)):
            classes.setdefault(rule, []).append(f"pre code .{short}")
    return "".join(f"{', '.join(names)} {{{rule} }}\n" for rule, names in classes.items())


def _style(style: str) -> Any:
    from pygments.styles import get_style_by_name  # only where a stylesheet is made

    return get_style_by_name(style)


def _rule(token: Any) -> str:
    """The declarations for a class. The two styles differ in colour alone."""
    light, dark = (
        _colour(style, token, tuple(pair[which] for pair in BACKGROUNDS.values()))
        for which, style in enumerate((LIGHT, DARK))
    )
    shape = _style(LIGHT).style_for_token(token)
    return (
        (f" color: light-dark({light}, {dark});" if light != dark else "")
        + (" font-weight: bold;" if shape["bold"] else "")
        + (" font-style: italic;" if shape["italic"] else "")
    )


def _colour(style: str, token: Any, backgrounds: tuple[str, ...]) -> str:
    colour = _style(style).style_for_token(token)["color"]
    return readable(f"#{colour}", backgrounds) if colour else "currentcolor"
