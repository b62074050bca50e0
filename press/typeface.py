"""A font file at any size: what it has letters for, and how wide a text is in it."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from io import BytesIO

from msgspec import Struct
from PIL import Image, ImageDraw, ImageFont

SMALL = 34
"""Pixels: the size at which it is looked at whether there is a letter."""
LONGEST = 500
"""Characters that are looked at: fewer fill a card."""

# What fonts for texts often lack, as programmers write it.
SPELT = {"→": "->", "←": "<-", "⇒": "=>", "≤": "<=", "≥": ">=", "≠": "!="}

# These are joined, stacked or reordered as the basic layout can't: their titles are not drawn.
SHAPED = frozenset({"R", "AL", "AN"})


class Glyph(Struct, frozen=True):
    """A letter as it is seen."""

    left: int
    """Pixels from where it begins to `mask`; so is `top`, from the baseline down."""
    top: int
    mask: Image.Image
    """How far it covers each pixel."""


class Sized:
    """A typeface at one size, in pixels."""

    def __init__(self, content: bytes, size: int) -> None:
        # The basic layout is the same on each machine; the other needs a library of the system.
        layout = ImageFont.Layout.BASIC
        self.font = ImageFont.truetype(BytesIO(content), size, layout_engine=layout)
        self._steps: dict[tuple[str, str], float] = {}
        self._glyphs: dict[str, Glyph | None] = {}

    def width(self, text: str) -> float:
        """Pixels from where a text begins to where it ends.

        The basic layout knows of each letter only the next: so a pair is measured once for all
        texts. All are multiples of 1/64, whose sums are exact.
        """
        return sum(map(self._step, text, [*text[1:], ""]))

    def _step(self, letter: str, after: str) -> float:
        """How far the letter after another is from it."""
        step = self._steps.get((letter, after))
        if step is None:
            step = self.font.getlength(letter + after) - self.font.getlength(after)
            self._steps[letter, after] = step
        return step

    def placed(self, text: str) -> Iterator[tuple[float, Glyph]]:
        """Each letter that is seen, and how far from the beginning it stands: drawn once for all
        texts, as the basic layout draws it wherever it stands."""
        along = 0.0
        for letter, after in zip(text, [*text[1:], ""], strict=False):
            if letter not in self._glyphs:
                self._glyphs[letter] = self._drawn(letter)
            if glyph := self._glyphs[letter]:
                yield along, glyph
            along += self._step(letter, after)

    def _drawn(self, letter: str) -> Glyph | None:
        left, top, right, bottom = map(int, self.font.getbbox(letter, anchor="ls"))
        if right <= left or bottom <= top:
            return None
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).text((-left, -top), letter, 255, self.font, anchor="ls")
        return Glyph(left, top, mask)


class Typeface:
    """A font file at any size, and what it has letters for."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._sizes: dict[int, Sized] = {}
        self._has: dict[str, bool] = {}
        self._missing = self._picture("\U0010ffff")

    def at(self, size: int) -> Sized:
        if size not in self._sizes:
            self._sizes[size] = Sized(self._content, size)
        return self._sizes[size]

    def _picture(self, letter: str) -> tuple[object, bytes]:
        mask = self.at(SMALL).font.getmask(letter)
        return mask.size, bytes(mask)

    def has(self, letter: str) -> bool:
        if letter not in self._has:
            self._has[letter] = letter == " " or self._picture(letter) != self._missing
        return self._has[letter]

    def drawable(self, text: str) -> str:
        """The text as it can be drawn: without pictures, and empty if a letter is missing."""
        words = " ".join(unicodedata.normalize("NFC", text[:LONGEST]).split())
        spelt = "".join(one if self.has(one) else SPELT.get(one, one) for one in words)
        drawn = "".join(one for one in spelt if self.has(one) or _is_needed(one))
        if any(not self.has(one) or _is_shaped(one) for one in drawn):
            return ""
        return " ".join(drawn.split())


def _is_needed(letter: str) -> bool:
    """Whether a text would say something else without it: letters, numbers, marks, not emoji."""
    if "\ufe00" <= letter <= "\ufe0f":  # says whether the letter before it is to be an emoji
        return False
    return unicodedata.category(letter)[0] in "LNM"


def _is_shaped(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] == "M" or unicodedata.bidirectional(letter) in SHAPED


@cache
def typeface(content: bytes) -> Typeface:
    """Raises OSError for what is no font."""
    return Typeface(content)
