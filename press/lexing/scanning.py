"""Follows the rules of a lexer of Pygments several times as fast, and finds the same."""

from collections.abc import Iterable, Iterator
from typing import Any

from pygments.lexer import RegexLexer

from press.lexing.kinds import TYPES, Found
from press.lexing.rules import RESET, Move
from press.lexing.states import States


class Quick(RegexLexer):
    """Stands before the class whose rules it follows, as the class that `quick` makes of both."""

    _states: dict[bool, States]
    _tokens: dict[str, list[Any]]

    @staticmethod
    def _process_regex(regex: Any, _flags: int, _state: str) -> Any:
        """Pygments would compile each rule alone, whether it is needed or not."""
        return regex

    def get_tokens_unprocessed(
        self, text: str, stack: Iterable[str] = ("root",)
    ) -> Iterator[tuple[int, Any, str]]:
        """For the actions of rules, and for lexers that have this one within."""
        return ((at, TYPES[kind], piece) for at, kind, piece in self.scan(text, stack))

    def states(self, narrow: bool) -> States:
        if narrow not in self._states:
            self._states[narrow] = States(self._tokens, self.flags, narrow)
        return self._states[narrow]

    def scan(self, text: str, stack: Iterable[str] = ("root",)) -> Found:
        found: Found = []
        put, states, now = found.append, self.states(text.isascii()), list(stack)
        row, at, end = states.row(now[-1]), 0, len(text)
        while at < end:
            try:
                match, steps = row[text[at]]
            except KeyError:
                match, steps = states.learn(now[-1], text[at])
            matched = match(text, at)
            kind, more, move = steps[matched.lastindex]
            if kind is not None:
                piece = matched[0]
                put((at, kind, piece))
                at += len(piece)
                if move is None:
                    continue
            elif more:
                found += more(self, matched)
            at = matched.end()
            if move is not None:
                _move(now, move)
                row = states.row(now[-1])
        return found


def _move(stack: list[str], move: Move) -> None:
    """As Pygments does it: one state always stays."""
    if isinstance(move, int):
        del stack[max(1, len(stack) + move) :]
    elif move == RESET:
        stack[:] = ["root"]
    else:
        for state in [move] if isinstance(move, str) else move or ():
            if state == "#pop":
                del stack[max(1, len(stack) - 1) :]
            else:
                stack.append(stack[-1] if state == "#push" else state)
