"""Draws the image that stands for a page where it is shared, with Pillow.

Calm and typographic: the series, the title as large as it fits, the number and the author. What a
font has no letters for is left out, and never drawn as boxes. The same words make the same bytes
with the same Pillow and zlib.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

from msgspec import Struct
from PIL import Image, ImageColor

from press import png
from press.head import CARD_HEIGHT as HEIGHT
from press.head import CARD_WIDTH as WIDTH
from press.typeface import SMALL, Sized, Typeface, typeface

# As the pages have them (templates/assets/style.css).
PAPER, INK, QUIET, ACCENT = "#fbfaf5", "#1f1d1a", "#625d55", "#9c2f14"
INKS = (INK, QUIET, ACCENT)
LEVELS = 15
"""Of the edges of a letter, from paper to ink."""
BAR_COLOUR = LEVELS * (INKS.index(ACCENT) + 1)
# Where a letter has anything to show: from half a level on.
_SEEN = bytes(255 * (coverage * LEVELS >= 255 / 2) for coverage in range(256))
LEFT, RIGHT = 96, 96
TOP, BOTTOM = 84, 84
BAR = 16
TITLE_SIZES = (88, 76, 66, 58, 50, 44)
TITLE_TOP, TITLE_HEIGHT = 176, 300
LEADING = 1.18


class Print(Struct, frozen=True, eq=False):
    """Letters of one ink on the smallest piece of a card that holds them."""

    left: int
    top: int
    colours: Image.Image
    """The place of each pixel's colour in the palette."""
    seen: Image.Image
    """Where there are letters at all."""

    @property
    def bottom(self) -> int:
        return self.top + self.colours.height


def draw(series: str, title: str, number: str, author: str, bold: bytes, plain: bytes) -> bytes:
    """The image as PNG, with the words that are not empty, in two fonts. OSError if one is none."""
    heavy, light = typeface(bold), typeface(plain)
    foot = HEIGHT - BOTTOM
    numbered, start = _line(heavy, (LEFT, foot), number, ACCENT)
    signed, _ = _line(light, (start + (SMALL // 2 if number else 0), foot), author, QUIET)
    named, _ = _line(light, (LEFT, TOP + SMALL), series, QUIET)
    prints = [one for one in (_title(heavy, title), named, signed, numbered) if one]
    return png.indexed(_bands(prints), WIDTH, _palette())


def _bands(prints: Iterable[Print]) -> Iterator[png.Band]:
    """Lines with letters, and the paper between them."""
    end = 0
    for group in _grouped(prints):
        top = max(end, group[0].top)
        if top > end:
            yield png.repeated(_paper(), top - end)
        end = min(HEIGHT, max(one.bottom for one in group))
        yield _printed_band(group, top, end)
    yield png.repeated(_paper(), HEIGHT - end)


def _grouped(prints: Iterable[Print]) -> Iterator[tuple[Print, ...]]:
    """Those that have lines of the card in common, from the highest."""
    group: list[Print] = []
    for one in sorted(prints, key=lambda one: one.top):
        if one.bottom <= 0 or one.top >= HEIGHT:
            continue
        if group and one.top >= max(other.bottom for other in group):
            yield tuple(group)
            group = []
        group.append(one)
    if group:
        yield tuple(group)


@lru_cache(maxsize=8)
def _printed_band(prints: tuple[Print, ...], top: int, bottom: int) -> png.Band:
    """Some lines of a card. Those with the name of the series are the same on most cards."""
    band = Image.new("P", (1 + WIDTH, bottom - top), png.NO_FILTER)
    band.paste(BAR_COLOUR, (1, 0, 1 + BAR, bottom - top))
    for one in prints:
        band.paste(one.colours, (one.left + 1, one.top - top), one.seen)
    return png.band(band.tobytes())


@cache
def _paper() -> bytes:
    """A line without letters. Before its pixels stands the byte that PNG has there."""
    return bytes([png.NO_FILTER, *[BAR_COLOUR] * BAR, *bytes(WIDTH - BAR)])


@cache
def _palette() -> bytes:
    """Paper, and the levels of each ink."""
    colours = [*ImageColor.getrgb(PAPER)]
    for ink in INKS:
        for level in range(1, LEVELS + 1):
            colours += _blended(ImageColor.getrgb(ink), level / LEVELS)
    return bytes(colours)


def _blended(ink: tuple[int, ...], share: float) -> list[int]:
    paper = ImageColor.getrgb(PAPER)
    return [round(p + (i - p) * share) for p, i in zip(paper, ink, strict=True)]


@cache
def _colours(ink: str) -> bytes:
    """How far a letter covers a pixel, from 0 to 255 -> the place of the pixel's colour."""
    first = LEVELS * INKS.index(ink)
    levels = (round(coverage * LEVELS / 255) for coverage in range(256))
    return bytes(level and first + level for level in levels)


@lru_cache(maxsize=64)
def _line(face: Typeface, at: tuple[int, int], text: str, ink: str) -> tuple[Print | None, int]:
    """One line from a point of its baseline, cut where it is too long; and where it ends.

    The series and its author are the same on most cards.
    """
    font = face.at(SMALL)
    text = _cut(font, face.drawable(text), WIDTH - RIGHT - at[0])
    return _printed(font, [(*at, text)], ink), at[0] + round(font.width(text))


def _title(face: Typeface, title: str) -> Print | None:
    text = face.drawable(title)
    for size in TITLE_SIZES:
        font, step = face.at(size), round(size * LEADING)
        lines = list(_wrapped(font, text, WIDTH - LEFT - RIGHT))
        if len(lines) * step <= TITLE_HEIGHT:
            break
    fit = TITLE_HEIGHT // step
    if len(lines) > fit:
        lines[fit - 1 :] = [_cut(font, " ".join(lines[fit - 1 :]), WIDTH - LEFT - RIGHT)]
    first = TITLE_TOP + size
    return _printed(font, [(LEFT, first + row * step, one) for row, one in enumerate(lines)], INK)


def _printed(font: Sized, lines: Sequence[tuple[int, int, str]], ink: str) -> Print | None:
    """Lines of text, each from a point of its baseline. None for nothing to be seen."""
    placed = [
        (round(x + along) + glyph.left, y + glyph.top, glyph.mask)
        for x, y, text in lines
        for along, glyph in font.placed(text)
    ]
    if not placed:
        return None
    left = max(0, min(x for x, _, _ in placed))
    top = min(y for _, y, _ in placed)
    right = max(x + mask.width for x, _, mask in placed)
    bottom = max(y + mask.height for _, y, mask in placed)
    if right <= left:
        return None
    coverage = Image.new("L", (right - left, bottom - top))
    for x, y, mask in placed:
        coverage.paste(255, (x - left, y - top), mask)
    pixels, size = coverage.tobytes(), coverage.size  # bytes.translate is quicker than Image.point
    colours = Image.frombytes("P", size, pixels.translate(_colours(ink)))
    return Print(left, top, colours, Image.frombytes("L", size, pixels.translate(_SEEN)))


def _wrapped(font: Sized, text: str, width: int) -> Iterator[str]:
    """Lines that fit, broken at spaces, and within a word only where it fills a line itself."""
    line = ""
    for word in text.split():
        joined = f"{line} {word}".strip()
        if font.width(joined) <= width:
            line = joined
            continue
        if line:
            yield line
        line = word
        while font.width(line) > width:
            end = len(_fitting(font, line, width))
            yield line[:end]
            line = line[end:]
    if line:
        yield line


def _cut(font: Sized, text: str, width: int) -> str:
    if font.width(text) <= width:
        return text
    return _fitting(font, text, width - round(font.width("…"))).rstrip() + "…"


def _fitting(font: Sized, text: str, width: int) -> str:
    """The longest beginning of a text that fits, of at least one letter."""
    end = 1
    while end < len(text) and font.width(text[: end + 1]) <= width:
        end += 1
    return text[:end]
