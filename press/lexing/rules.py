"""A rule of a lexer: its expression, with which characters it can begin, and what it leads to."""

import re
from collections.abc import Collection
from typing import Any

from msgspec import Struct
from pygments.lexer import words

from press.lexing.beginnings import WIDE, beginnings, takes_nothing
from press.lexing.narrowing import INLINE, narrowed

Move = int | str | tuple[str, ...] | None
"""How the stack of states changes; as Pygments has it."""
RESET = "#reset"
"""And back to the first state, as it does at the end of a line that no rule takes."""


class Rule(Struct, frozen=True):
    """One of a state. `action` is a type of token, None, or what is called with the match."""

    regex: str | words
    action: Any
    move: Move
    flags: int

    def first(self) -> frozenset[int]:
        """What its matches can begin with."""
        if isinstance(self.regex, str):
            return beginnings(self.regex, self.flags)
        return frozenset(min(ord(word[0]), WIDE) for word in self.regex.words)

    def source(self, codes: Collection[int]) -> str:
        """Its expression, where a match has to begin with one of some characters."""
        if isinstance(self.regex, str):
            return self.regex
        left = [word for word in self.regex.words if min(ord(word[0]), WIDE) in codes]
        return _joined(words(left, self.regex.prefix, self.regex.suffix))

    def whole(self) -> str:
        """Its expression, wherever a match begins."""
        return self.regex if isinstance(self.regex, str) else _joined(self.regex)


def rule(found: tuple[Any, Any, Move], flags: int, narrow: bool) -> Rule:
    """Of what a lexer has; `narrow` where it is for ASCII alone."""
    regex, action, move = found
    if isinstance(regex, words) and not _apart(regex, flags):
        regex = _joined(regex)
    elif not isinstance(regex, (str, words)):
        # What does nothing but lead to another state is compiled already.
        regex = regex.get() if hasattr(regex, "get") else regex.__self__.pattern
    if isinstance(regex, str) and narrow:
        regex = narrowed(regex, flags)
    return Rule(regex, action, move, flags)


def _joined(listed: words) -> str:
    return str(listed.get())  # type: ignore[no-untyped-call]


def _apart(listed: words, flags: int) -> bool:
    """Whether the words with one first letter can be told without the others."""
    around = listed.prefix + listed.suffix
    return (
        isinstance(listed.words, Collection)
        and all(listed.words)
        and not flags & (re.IGNORECASE | re.VERBOSE)
        and not INLINE.search(around)
        and takes_nothing(listed.prefix)
    )
