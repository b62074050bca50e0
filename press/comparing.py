"""Shown output against observed output, with what may stand for anything.

A line of `...` stands for any lines, `[..]` for anything within a line. Space at the ends of lines
and empty lines at the end do not count.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from itertools import islice

ANY_LINES, ANYTHING = "...", "[..]"

LONGEST = 100
"""Lines of a difference that are told."""
WIDEST = 500
"""Characters of a line that are told."""


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
    return "\n".join(_cut_apart(list(islice(found, LONGEST))))


def cut(line: str, at: int = 0) -> str:
    """A line that can be told: of a long one, what is around a character of it."""
    if len(line) <= WIDEST:
        return line
    start = max(0, min(at - WIDEST // 2, len(line) - WIDEST))
    before, after = "…" * (start > 0), "…" * (start + WIDEST < len(line))
    return f"{before}{line[start : start + WIDEST]}{after} ({len(line):,} characters)"


def _cut_apart(lines: Sequence[str]) -> Iterator[str]:
    """The lines of a difference, with their marks; long ones cut to where they begin to differ."""
    differs = [0] * len(lines)
    gone: list[int] = []
    for number, line in enumerate(lines):
        if line.startswith("-"):
            gone.append(number)
        elif line.startswith("+") and gone:
            old = gone.pop(0)
            differs[old] = differs[number] = _common(lines[old][1:], line[1:])
        else:
            gone.clear()
    return (line[:1] + cut(line[1:], at) for line, at in zip(lines, differs, strict=True))


def _common(one: str, other: str) -> int:
    """How many characters two lines have in common before they differ."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))


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
