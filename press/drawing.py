"""Draws the image that stands for a page where it is shared, with Pillow.

Calm and typographic: the series, the title as large as it fits, the number and the author. What a
font has no letters for is left out, and never drawn as boxes. The same words make the same bytes
with the same Pillow.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO

from PIL import Image, ImageColor, ImageDraw, ImageFont

from press.head import CARD_HEIGHT as HEIGHT
from press.head import CARD_WIDTH as WIDTH

# As the pages have them (templates/assets/style.css).
PAPER, INK, QUIET, ACCENT = "#fbfaf5", "#1f1d1a", "#625d55", "#9c2f14"
LEVELS = 15
"""Of the edges of a letter, from paper to ink."""
# Where a layer has anything to show: from half a level on.
_SEEN = [255 * (coverage * LEVELS >= 255 / 2) for coverage in range(256)]
LEFT, RIGHT = 96, 96
TOP, BOTTOM = 84, 84
TITLE_SIZES = (88, 76, 66, 58, 50, 44)
TITLE_TOP, TITLE_HEIGHT = 176, 300
LEADING = 1.18
SMALL = 34
LONGEST = 500
"""Characters that are looked at: fewer fill a card."""

# What fonts for texts often lack, as programmers write it.
SPELT = {"→": "->", "←": "<-", "⇒": "=>", "≤": "<=", "≥": ">=", "≠": "!="}

# These are joined, stacked or reordered as the basic layout can't: their titles are not drawn.
SHAPED = frozenset({"R", "AL", "AN"})


class Typeface:
    """A font file at any size, and what it has letters for."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._sizes: dict[int, ImageFont.FreeTypeFont] = {}
        self._has: dict[str, bool] = {}
        self._missing = self._picture("\U0010ffff")

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        if size not in self._sizes:
            # The basic layout is the same on each machine; the other needs a library of the system.
            layout = ImageFont.Layout.BASIC
            file = BytesIO(self._content)
            self._sizes[size] = ImageFont.truetype(file, size, layout_engine=layout)
        return self._sizes[size]

    def _picture(self, letter: str) -> tuple[object, bytes]:
        mask = self.at(SMALL).getmask(letter)
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


def draw(series: str, title: str, number: str, author: str, bold: bytes, plain: bytes) -> bytes:
    """The image as PNG, with the words that are not empty, in two fonts. OSError if one is none."""
    heavy, light = typeface(bold), typeface(plain)
    sheet = {ink: Image.new("L", (WIDTH, HEIGHT)) for ink in (INK, QUIET, ACCENT)}
    pens = {ink: ImageDraw.Draw(layer) for ink, layer in sheet.items()}
    pens[ACCENT].rectangle((0, 0, 15, HEIGHT), 255)
    _line(pens[QUIET], light, (LEFT, TOP + SMALL), series)
    _title(pens[INK], heavy, title)
    foot = HEIGHT - BOTTOM
    start = _line(pens[ACCENT], heavy, (LEFT, foot), number)
    _line(pens[QUIET], light, (start + (SMALL // 2 if number else 0), foot), author)
    return _png(sheet)


def _png(sheet: Mapping[str, Image.Image]) -> bytes:
    """The layers of the inks, which don't overlap, in the few colours that there are."""
    image = Image.new("P", (WIDTH, HEIGHT))
    palette = [*ImageColor.getrgb(PAPER)]
    for ink, layer in sheet.items():
        first = len(palette) // 3 - 1
        levels = [round(coverage * LEVELS / 255) for coverage in range(256)]
        image.paste(layer.point([first + level for level in levels]), mask=layer.point(_SEEN))
        for level in range(1, LEVELS + 1):
            palette += _blended(ImageColor.getrgb(ink), level / LEVELS)
    image.putpalette(palette)
    file = BytesIO()
    image.save(file, "PNG", compress_level=6)
    return file.getvalue()


def _blended(ink: tuple[int, ...], share: float) -> list[int]:
    paper = ImageColor.getrgb(PAPER)
    return [round(p + (i - p) * share) for p, i in zip(paper, ink, strict=True)]


def _line(pen: ImageDraw.ImageDraw, face: Typeface, at: tuple[int, int], text: str) -> int:
    """One line from a point of its baseline, cut where it is too long. Returns where it ends."""
    font = face.at(SMALL)
    text = _cut(font, face.drawable(text), WIDTH - RIGHT - at[0])
    pen.text(at, text, 255, font, anchor="ls")
    return at[0] + round(font.getlength(text))


def _title(pen: ImageDraw.ImageDraw, face: Typeface, title: str) -> None:
    text = face.drawable(title)
    for size in TITLE_SIZES:
        font, step = face.at(size), round(size * LEADING)
        lines = list(_wrapped(font, text, WIDTH - LEFT - RIGHT))
        if len(lines) * step <= TITLE_HEIGHT:
            break
    fit = TITLE_HEIGHT // step
    if len(lines) > fit:
        lines[fit - 1 :] = [_cut(font, " ".join(lines[fit - 1 :]), WIDTH - LEFT - RIGHT)]
    for row, line in enumerate(lines):
        pen.text((LEFT, TITLE_TOP + size + row * step), line, 255, font, anchor="ls")


def _wrapped(font: ImageFont.FreeTypeFont, text: str, width: int) -> Iterator[str]:
    """Lines that fit, broken at spaces, and within a word only where it fills a line itself."""
    line = ""
    for word in text.split():
        joined = f"{line} {word}".strip()
        if font.getlength(joined) <= width:
            line = joined
            continue
        if line:
            yield line
        line = word
        while font.getlength(line) > width:
            end = len(_fitting(font, line, width))
            yield line[:end]
            line = line[end:]
    if line:
        yield line


def _cut(font: ImageFont.FreeTypeFont, text: str, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    return _fitting(font, text, width - round(font.getlength("…"))).rstrip() + "…"


def _fitting(font: ImageFont.FreeTypeFont, text: str, width: int) -> str:
    """The longest beginning of a text that fits, of at least one letter."""
    end = 1
    while end < len(text) and font.getlength(text[: end + 1]) <= width:
        end += 1
    return text[:end]
