"""The states of a lexer, made ready one by one: where a character stands, which rules can match."""

from typing import Any

from press.lexing.beginnings import WIDE
from press.lexing.joining import Matcher, join
from press.lexing.rules import Rule, rule

LETTERS = frozenset([ord("_"), WIDE, *(code for code in range(WIDE) if chr(code).isalnum())])

Row = dict[str, Matcher]


class States:
    """`tokens` are the rules by state, as the lexer has them; `narrow` says: for ASCII alone."""

    def __init__(self, tokens: dict[str, list[Any]], flags: int, narrow: bool) -> None:
        self._tokens, self._flags, self._narrow = tokens, flags, narrow
        self._rules: dict[str, list[tuple[frozenset[int], Rule]]] = {}
        self._rows: dict[str, Row] = {}
        self._grouped: dict[tuple[str, frozenset[int]], Matcher] = {}
        self._matchers: dict[Any, Matcher] = {}

    def row(self, state: str) -> Row:
        """What matches where a character stands; `learn` fills it."""
        return self._rows.setdefault(state, {})

    def learn(self, state: str, character: str) -> Matcher:
        """What matches where this character stands, from now on in the row of the state."""
        group = state, self._codes(character)
        if group not in self._grouped:
            self._grouped[group] = self._made(*group)
        self._rows[state][character] = self._grouped[group]
        return self._grouped[group]

    def _made(self, state: str, codes: frozenset[int]) -> Matcher:
        """What matches where one of some characters stands."""
        can = [(one, one.source(codes)) for first, one in self._of(state) if first & codes]
        key = tuple((id(one), source) for one, source in can)
        if key not in self._matchers:
            self._matchers[key] = join(can)
        return self._matchers[key]

    def _codes(self, character: str) -> frozenset[int]:
        """The characters that are treated as this one.

        An expression for each letter is faster, but where they have all of Unicode in them it takes
        too long to compile so many.
        """
        code = min(ord(character), WIDE)
        return LETTERS if not self._narrow and code in LETTERS else frozenset([code])

    def _of(self, state: str) -> list[tuple[frozenset[int], Rule]]:
        if state not in self._rules:
            found = [rule(one, self._flags, self._narrow) for one in self._tokens[state]]
            self._rules[state] = [(one.first(), one) for one in found]
        return self._rules[state]
