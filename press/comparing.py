"""Shown output against observed output, with what may stand for anything.

A line of `...` stands for any lines, `[..]` for anything within a line. Space at the ends of lines
and empty lines at the end do not count.
"""

import re
from collections.abc import Sequence
from difflib import unified_diff
from itertools import islice

ANY_LINES, ANYTHING = "...", "[..]"

LONGEST = 100
"""Lines of a difference that are told."""


def agree(shown: str, observed: str) -> bool:
    """Whether an observed output is what is shown."""
    return _agree(_lines(shown), _lines(observed))


def says(shown: str, observed: str) -> bool:
    """Whether a text of one line is what is shown."""
    return _line_agrees(shown.strip(), observed.strip())


def difference(shown: str, observed: str) -> str:
    """The two as a unified diff; lines that agree are taken for equal."""
    seen = _lines(observed)
    plain = [next((s for s in seen if _line_agrees(one, s)), one) for one in _lines(shown)]
    found = unified_diff(plain, seen, "shown", "observed", lineterm="")
    return "\n".join(islice(found, LONGEST))


def has_wildcards(shown: str) -> bool:
    return any(line == ANY_LINES or ANYTHING in line for line in _lines(shown))


def _lines(output: str) -> list[str]:
    return [line.rstrip() for line in output.rstrip().split("\n")]


def _agree(shown: Sequence[str], observed: Sequence[str]) -> bool:
    pieces: list[list[str]] = [[]]
    for line in shown:
        if line == ANY_LINES:
            pieces.append([])
        else:
            pieces[-1].append(line)
    first, *rest = pieces
    if not rest:
        return _same(first, observed)
    last = rest.pop()
    if len(first) + len(last) > len(observed) or not _same(first, observed[: len(first)]):
        return False
    at, end = len(first), len(observed) - len(last)
    if not _same(last, observed[end:]):
        return False
    for piece in rest:  # each as early as it can be, which leaves most for the others
        places = range(at, end - len(piece) + 1)
        found = next((n for n in places if _same(piece, observed[n : n + len(piece)])), None)
        if found is None:
            return False
        at = found + len(piece)
    return at <= end


def _same(shown: Sequence[str], observed: Sequence[str]) -> bool:
    return len(shown) == len(observed) and all(map(_line_agrees, shown, observed))


def _line_agrees(shown: str, observed: str) -> bool:
    if shown == observed:
        return True
    if ANYTHING not in shown:
        return False
    pattern = ".*".join(re.escape(part) for part in shown.split(ANYTHING))
    return re.fullmatch(pattern, observed) is not None
