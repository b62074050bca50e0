"""Reads code by a lexer of Pygments, as it is."""

from collections.abc import Callable
from typing import Any

from press.lexing.kinds import Found, kind_of


def plain(lexer: Any) -> Callable[[str], Found]:
    """What the lexer finds in a piece of code."""

    def read(code: str) -> Found:
        found, at = [], 0
        for token, text in lexer.get_tokens(code):
            found.append((at, kind_of(token), text))
            at += len(text)
        return found

    return read
