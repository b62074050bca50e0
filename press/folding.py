"""Text in lines of at most so many columns, of a screen or a mail program that shows no styles."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

BREAK = "\n"
"""What begins a new line wherever it stands."""
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef"
PIECES = re.compile(f"[{_WIDE}]|[^{_WIDE}]+")
"""The letters of scripts that have no spaces, and words of all others."""


def columns(text: str) -> int:
    """How wide a text is where letters are alike (Unicode, Annex 11)."""
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    if char < "\u0300":
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def fold(text: str, width: int) -> list[str]:
    """The words of a text in lines. Only addresses are longer than a line; scripts without spaces
    break anywhere."""
    lines: list[str] = []
    for part in text.split(BREAK):
        lines += _filled(re.findall(r"[^ \t\r\f\v]+", part), width)
    return [line.replace(NO_BREAK_SPACE, " ") for line in lines]


def _filled(words: Iterable[str], width: int) -> Iterator[str]:
    line, taken = "", 0
    for word in words:
        space = " " if line else ""
        for piece in _pieces(word, width):
            needed = columns(space + piece)
            if line and taken + needed > width:
                yield line
                line, taken, space, needed = "", 0, "", columns(piece)
            line += space + piece
            taken += needed
            space = ""
    yield line


def _pieces(word: str, width: int) -> Iterator[str]:
    """What a word may be broken into."""
    for piece in PIECES.findall(word):
        if "://" in piece or columns(piece) <= width:
            yield piece
        else:
            yield from (piece[start : start + width] for start in range(0, len(piece), width))
