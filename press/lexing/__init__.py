"""Code -> tokens: those of Pygments' lexers, much faster where these only follow rules."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from pygments.lexers import find_lexer_class_by_name
from pygments.util import ClassNotFound

from press.lexing.kinds import TYPES, Found
from press.lexing.narrowing import narrow
from press.lexing.plain import plain

__all__ = ["TYPES", "Found", "name", "tokens"]

# Pygments knows these by other names, or would colour what is plain text.
LEXERS = {"": "text", "output": "text", "pycon": "pycon", "console": "console"}
OPTIONS = {"stripnl": False}
FEW = 8
"""So many pieces of code are read before it pays to make ready what reads faster."""


class _Language:
    """What reads one language: at first Pygments' own lexer, and after a few pieces a quick one."""

    def __init__(self, language: str) -> None:
        try:
            self.lexer: Any = find_lexer_class_by_name(LEXERS.get(language, language))
        except ClassNotFound:
            self.lexer = find_lexer_class_by_name("text")
        self._first: dict[bool, Callable[[str], Found]] = {}
        """What reads the first pieces: those that are ASCII, and others."""
        self._quick: Callable[[str], Found] | None = None
        self._left = FEW

    def read(self, code: str) -> Found:
        if self._left:
            self._left -= 1
            return self._plain(code.isascii())(code)
        if self._quick is None:
            from press.lexing.quick import quick  # a single article has no use for it

            self._quick = quick(self.lexer, **OPTIONS)
        return self._quick(code)

    def _plain(self, is_ascii: bool) -> Callable[[str], Found]:
        if is_ascii not in self._first:
            cls = narrow(self.lexer) if is_ascii else self.lexer
            self._first[is_ascii] = plain(cls(**OPTIONS))
        return self._first[is_ascii]


_language = cache(_Language)


def name(language: str) -> str:
    """What Pygments calls a language."""
    return str(_language(language).lexer.name)


@lru_cache(maxsize=64)
def tokens(code: str, language: str) -> Found:
    """The tokens of a piece of code. They are kept for a while: a page asks, then its letter."""
    return _language(language).read(code)
