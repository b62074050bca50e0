"""Tokens -> HTML with a class for each kind: what Pygments' HtmlFormatter makes of them."""

from functools import cache
from typing import Any

from pygments.token import STANDARD_TYPES

from press.lexing import TYPES, Found

CLOSING = "</span>"
KEPT = 4096


class _Shown(dict[str, str]):
    """Texts of a class -> their HTML: most of them come again and again."""

    def __init__(self, name: str) -> None:
        self.opening = f'<span class="{name}">' if name else ""

    def __missing__(self, text: str) -> str:
        if len(self) >= KEPT:
            self.clear()
        self[text] = self._made(escaped(text))
        return self[text]

    def _made(self, text: str) -> str:
        if not self.opening:
            return text
        lines = text.split("\n")
        return "\n".join(line and f"{self.opening}{line}{CLOSING}" for line in lines)


_shown = cache(_Shown)
BY_KIND: list[_Shown] = []
"""What a kind looks like, by its number. Kinds with one class have one between them."""


def classes(token: Any) -> str:
    """The class of a type of token; for one that is not standard, after those of its parents."""
    if token in STANDARD_TYPES:
        return STANDARD_TYPES[token]
    standard, rest = token, ""
    while standard not in STANDARD_TYPES:
        standard, rest = standard.parent, f"-{standard[-1]}{rest}"
    return f"{classes(token.parent)} {STANDARD_TYPES[standard]}{rest}"


def html(found: Found) -> str:
    """The tokens as HTML. No element goes on from a line to the next, and neighbours of one class
    share an element."""
    BY_KIND.extend(_shown(classes(token)) for token in TYPES[len(BY_KIND) :])
    parts = [""]
    put, by_kind, before = parts.append, BY_KIND, None
    for _, kind, text in found:
        shown = by_kind[kind]
        if piece := shown[text]:
            if shown is before and parts[-1][-1] == ">" and piece[0] == "<":
                piece = parts.pop().removesuffix(CLOSING) + piece.removeprefix(shown.opening)
            put(piece)
            before = shown
    return "".join(parts)


def escaped(text: str) -> str:
    """For an element's text: quotes stay as they are."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
