"""Slots: what stands in the Markdown of an article for what must not pass through Markdown.

A slot is made of U+FDD0 to U+FDEF alone. No article has those (fields.BAD_CHARACTER), so a slot
can't be forged; and they are neither letters nor digits, so no rule of Markdown finds them.
"""

import re
from collections.abc import Callable, Sequence

FENCE, RAW, COMMENT = "\ufdd0", "\ufdd1", "\ufdd2"
"""What a slot stands for: a fence, an element or a comment that is copied as it is."""

_END = "\ufddf"
_DIGITS = {ord("0") + digit: 0xFDE0 + digit for digit in range(10)}
_NUMBERS = {slot: digit for digit, slot in _DIGITS.items()}
_SLOT = re.compile(f"([{FENCE}{RAW}{COMMENT}])([\ufde0-\ufde9]+){_END}")
_BLOCK = re.compile(f"([{FENCE}{RAW}][\ufde0-\ufde9]+{_END})")
_FENCE = f"{FENCE}[\ufde0-\ufde9]+{_END}"
_RUN = re.compile(rf"{_FENCE}(?:\s*{_FENCE})*")


def slot(kind: str, index: int) -> str:
    return f"{kind}{str(index).translate(_DIGITS)}{_END}"


def settle(html: str, raw: Sequence[str]) -> str:
    """What Markdown made of a text with slots: blocks out of paragraphs, and raw HTML back."""
    if _END not in html:
        return html
    *closed, rest = html.split("</p>")
    html = "".join(map(_without_blocks, closed)) + rest
    if not raw:  # Then all slots are those of fences.
        return html
    return _SLOT.sub(lambda at: at[0] if at[1] == FENCE else raw[_index(at)], html)


def fences(html: str) -> list[int]:
    """The indexes of the fences in a settled text."""
    return [_index(match) for match in _SLOT.finditer(html)]


def runs(html: str) -> list[list[int]]:
    """The same, with those that nothing stands between together."""
    return [fences(run.group()) for run in _RUN.finditer(html)]


def fill(html: str, run: Callable[[list[int]], str]) -> str:
    """A settled text with `run(indexes)` in the place of each run of fences."""
    return _RUN.sub(lambda match: run(fences(match.group())), html)


def _without_blocks(text: str) -> str:
    """What ends with a paragraph. That ends where a block begins: Markdown took the slot for a
    word of it.
    """
    before, begin, paragraph = text.partition("<p>")
    if not begin or not _SLOT.search(paragraph):
        return f"{text}</p>"
    parts = [part.strip() for part in _BLOCK.split(paragraph)]
    return before + "\n".join(
        f"<p>{part}</p>" if _SLOT.sub("", part) else part for part in parts if part
    )


def _index(match: re.Match[str]) -> int:
    return int(match[2].translate(_NUMBERS))
