"""Rules of a lexer -> one regular expression for all, whose last group says which rule matched."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from pygments.token import Error, Whitespace, _TokenType

from press.lexing.kinds import Found, kind_of
from press.lexing.narrowing import INLINE, PIECE
from press.lexing.rules import RESET, Move, Rule

UNCLEAR = re.compile(r"\\[1-9]\d|\(\?[(#]")
"""References that depend on how many groups there are before, and comments."""
REFERENCE = re.compile(r"\\[1-9]|\(\?[(#]")
"""Any; what we tell apart in an expression can be a part of a comment in one with spaces."""
SCOPED = frozenset("imsx")


class NotJoinedError(Exception):
    """A rule that only Pygments itself can follow."""


More = Callable[[Any, Any], Found]
"""Lexer and match -> what was found."""
Step = tuple[int | None, More | None, Move]
"""What a match leads to: the kind of all of it, or a function that tells more; and how the stack of
states changes."""
Matcher = tuple[Callable[[str, int], Any], list[Any]]
"""Matches at a place; and by the last group of its match, the step of the rule that matched."""

UNMATCHED = {
    "newline": (r"\n", (kind_of(Whitespace), None, RESET)),
    "other": (r"[\s\S]", (kind_of(Error), None, None)),
}
"""What becomes of a character where no rule matches."""


def join(rules: Sequence[tuple[Rule, str]]) -> Matcher:
    """One expression for some rules, each with its own.

    The first rule that matches is the one that matches in it, since alternatives are tried in
    their order. Its last group is an empty one at its end, named by its number. Raises
    `NotJoinedError`, or `re.error`, for rules that can't be joined.
    """
    parts = [_alternative(number, *one) for number, one in enumerate(rules)]
    parts += [f"{regex}(?P<{name}>)" for name, (regex, _) in UNMATCHED.items()]
    pattern = re.compile("|".join(parts), rules[0][0].flags if rules else 0)
    table: list[Step | None] = [None] * (pattern.groups + 1)
    before = 0
    for number, (rule, _) in enumerate(rules):
        last = pattern.groupindex[f"r{number}"]
        table[last] = _step(rule, before)
        before = last
    for name, (_, step) in UNMATCHED.items():
        table[pattern.groupindex[name]] = step
    return pattern.match, table


def _alternative(number: int, rule: Rule, regex: str) -> str:
    flags = ""
    if inline := INLINE.match(regex):
        regex, flags = regex[inline.end() :], inline[1].replace("u", "")
    verbose = rule.flags & re.VERBOSE or "x" in flags
    if (REFERENCE if verbose else UNCLEAR).search(regex) or not SCOPED.issuperset(flags):
        raise NotJoinedError
    referring = any("1" <= piece[1:2] <= "9" for piece in PIECE.findall(regex) if piece[0] == "\\")
    groups = 0

    def renamed(found: re.Match[str]) -> str:
        nonlocal groups
        piece = found[0]
        if piece == "(":
            groups += 1
            if referring:
                return f"(?P<r{number}_{groups}>"
            return "(" if _by_groups(rule.action) else "(?:"
        if piece[0] == "\\" and "1" <= piece[1] <= "9":
            return f"(?P=r{number}_{piece[1]})"
        return piece

    end = "\n" if verbose else ""  # of a comment
    return f"(?{flags}:{PIECE.sub(renamed, regex)}{end})(?P<r{number}>)"


def _by_groups(action: Any) -> Sequence[_TokenType | None]:
    """The types of token for each group, where that is all that an action is about."""
    if getattr(action, "__qualname__", "") != "bygroups.<locals>.callback":
        return ()
    types: Sequence[Any] = action.__closure__[0].cell_contents
    return types if all(one is None or type(one) is _TokenType for one in types) else ()


def _step(rule: Rule, before: int) -> Step:
    """`before` is the number of groups in front of those of the rule."""
    if rule.action is None or type(rule.action) is _TokenType:
        return None if rule.action is None else kind_of(rule.action), None, rule.move
    types = enumerate(_by_groups(rule.action), before + 1)
    if kinds := [(group, kind_of(one)) for group, one in types if one is not None]:
        return None, _grouped(kinds), rule.move
    return None, _called(rule), rule.move


def _grouped(kinds: Sequence[tuple[int, int]]) -> More:
    return lambda _, match: [
        (match.start(group), kind, piece) for group, kind in kinds if (piece := match[group])
    ]


def _called(rule: Rule) -> More:
    """An action reads the groups of its match by number: so its rule has to match alone."""
    matcher = cache(lambda: re.compile(rule.whole(), rule.flags).match)
    return lambda lexer, match: [
        (at, kind_of(token), piece)
        for at, token, piece in rule.action(lexer, matcher()(match.string, match.start()))
    ]
