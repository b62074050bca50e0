"""Text in lines of at most so many columns, of a screen or a mail program that shows no styles."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

BREAK = "\n"
"""What begins a new line wherever it stands."""
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef"
PIECES = re.compile(f"[{_WIDE}]|[^{_WIDE}]+")
"""The letters of scripts that have no spaces, and words of all others."""
WORDS = re.compile(r"[^ \t\r\f\v]+")
NARROW = re.compile("[\x00-\u02ff\u0391-\u03a1\u03a3-\u0482\u2010-\u2027]*")
"""Letters that are one column wide: nearly all that most texts have."""


def columns(text: str) -> int:
    """How wide a text is where letters are alike (Unicode, Annex 11)."""
    return len(text) if _is_narrow(text) else sum(map(_width, text))


def _is_narrow(text: str) -> bool:
    return text.isascii() or NARROW.fullmatch(text) is not None


@lru_cache(maxsize=4096)
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
        words = WORDS.findall(part)
        is_plain = _is_narrow(part) and max(map(len, words), default=0) <= width
        lines += _cut(" ".join(words), width) if is_plain else _filled(words, width)
    return [line.replace(NO_BREAK_SPACE, " ") for line in lines]


def _cut(text: str, width: int) -> Iterator[str]:
    """A text of narrow letters, broken at spaces: no word of it is longer than a line."""
    start = 0
    while len(text) - start > width:
        end = text.rindex(" ", start, start + width + 1)
        yield text[start:end]
        start = end + 1
    yield text[start:]


def _filled(words: Iterable[str], width: int) -> Iterator[str]:
    line, taken = "", 0
    for word in words:
        space = " " if line else ""
        for piece in _pieces(word, width):
            needed = columns(piece) + len(space)
            if line and taken + needed > width:
                yield line
                line, taken, needed, space = "", 0, needed - len(space), ""
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
