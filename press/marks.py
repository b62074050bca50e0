"""The lines of a fence that its options mark: as worth a look, as new, or as gone."""

import re
from collections.abc import Iterator, Mapping, Sequence

from press.model import Fence

KINDS = ("mark", "ins", "del")
"""The options, each named like the HTML element of its lines."""
PART = re.compile(r"\s*(\d{1,6})(?:\s*-\s*(\d{1,6}))?\s*")


def lines(fence: Fence) -> dict[int, str]:
    """Line of the shown code, from 1 -> what it is marked as. What can't be read is left out."""
    kinds = [kind for kind in reversed(KINDS) if kind in fence.options]
    return {n: kind for kind in kinds for n in _numbers(fence.options[kind]) or ()}


def marked(html: Sequence[str], kinds: Mapping[int, str]) -> list[str]:
    """Lines of HTML, in elements of what they are marked as."""
    lines = list(html)
    for number, kind in kinds.items():
        if number <= len(lines):
            lines[number - 1] = f"<{kind}>{lines[number - 1]}</{kind}>"
    return lines


def wrong(fence: Fence) -> Iterator[tuple[str, str]]:
    """What is wrong with the marks of a fence, each with what to do."""
    count = len(fence.shown.splitlines())
    seen: dict[int, str] = {}
    for kind in KINDS:
        if kind not in fence.options:
            continue
        numbers = _numbers(fence.options[kind])
        if not numbers:
            yield f"can't read the lines of `{kind}`", f'write them like  {kind}="2,4-5"'
        elif outside := [n for n in numbers if not 1 <= n <= count]:
            yield f"there is no line {outside[0]} to mark", f"{count} lines are shown, from 1 on"
        elif twice := [n for n in numbers if n in seen]:
            yield f"line {twice[0]} is marked twice", f"take it out of `{kind}`, or of the other"
        else:
            seen |= dict.fromkeys(numbers, kind)


def _numbers(text: str) -> list[int] | None:
    """The lines that are listed; None where that can't be read."""
    found: list[int] = []
    for part in text.split(","):
        match = PART.fullmatch(part)
        if not match:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first > 10_000:
            return None
        found += range(first, last + 1)
    return found
