"""The images of a page: their size, so that nothing moves while they load, and smaller ones."""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Set
from html import escape

from msgspec import Struct, field

from press.elements import SOURCE, TAG, attributes, name_of

SIZES = "(min-width: 50rem) 46rem, 100vw"
"""How wide an image is shown; as style.css has it."""
SIZE_OF_SVG = re.compile(rb"<svg\b[^>]*>", re.DOTALL)
LOADED = frozenset(["img", "source", "video", "audio", "track", "image", "feimage", "use"])
# Without one of these a text has no image, and nothing that a browser loads by itself.
SHOWING = re.compile(r"<(?:img|source)\b", re.IGNORECASE)
LOADING = re.compile(rf"<(?:{'|'.join(sorted(LOADED))})\b", re.IGNORECASE)
MOST = 1_000_000
"""Pixels: what says that it has more is no picture for a page."""
PIXELS = re.compile(r"\s*(\d+(?:\.\d+)?)(?:px)?\s*")


class Picture(Struct, frozen=True):
    """What a page needs to know of an image."""

    width: int
    height: int
    smaller: Mapping[int, bytes] = field(default_factory=dict)
    """Width -> the same image made smaller."""
    kept_as: tuple[str, ...] = ()
    """The names of its files in the cache."""


def sources(html: str) -> Iterator[str]:
    """The address of each image."""
    for own in _tags(html, SHOWING, {"img"}):
        yield own.get("src", "")


def instead(html: str) -> Iterator[str]:
    """The address of each image that a `<picture>` may show instead of its own."""
    for own in _tags(html, SHOWING, {"source"}):
        source = SOURCE.search(own.get("srcset", ""))
        yield from [source[2]] if source else []


def embedded(html: str) -> Iterator[str]:
    """The address of everything that a browser loads as soon as it shows the text."""
    for own in _tags(html, LOADING, LOADED):
        yield from (own[name] for name in ("src", "poster") if name in own)
        yield from (source[2] for source in SOURCE.finditer(own.get("srcset", "")))
        yield from (own[name] for name in ("href", "xlink:href") if name in own)


def _tags(html: str, sign: re.Pattern[str], names: Set[str]) -> Iterator[dict[str, str]]:
    """The attributes of each tag of these names; `sign` finds whether there may be any."""
    for tag in TAG.findall(html) if sign.search(html) else ():
        if name_of(tag) in names:
            yield dict(attributes(tag))


def address(of: str, width: int) -> str:
    """The address, or path, of an image that was made smaller."""
    stem, suffix = posixpath.splitext(of)
    return f"{stem}-{width}w{suffix}"


def described(html: str, picture: Callable[[str], Picture | None]) -> str:
    """The HTML with all that is known of each image in its tag. An author's own words stay.

    All but the first load when a reader comes near them.
    """
    if not SHOWING.search(html):
        return html
    count = 0

    def tag(match: re.Match[str]) -> str:
        nonlocal count
        text = match.group()
        name = name_of(text)
        if name not in ("img", "source"):
            return text
        own = dict(attributes(text))
        if name == "source":  # it may have another shape than the image that it stands for
            source = SOURCE.search(own.get("srcset", ""))
            more = dict(_size(own, picture(source[2]) if source else None))
            return _with(text, own, more)
        more = dict(_known(own, picture(own.get("src", ""))))
        if count:
            more |= {"loading": "lazy", "decoding": "async"}
        count += 1
        return _with(text, own, more)

    return TAG.sub(tag, html)


def _with(text: str, own: Mapping[str, str], more: Mapping[str, str]) -> str:
    """A tag with more attributes, where it has none of the name."""
    added = "".join(f' {k}="{escape(v)}"' for k, v in more.items() if k not in own)
    name = len(name_of(text)) + 1
    return f"{text[:name]}{added}{text[name:]}"


def _size(own: Mapping[str, str], known: Picture | None) -> Iterator[tuple[str, str]]:
    if known and not {"width", "height"} & own.keys():
        yield "width", str(known.width)
        yield "height", str(known.height)


def _known(own: Mapping[str, str], known: Picture | None) -> Iterator[tuple[str, str]]:
    yield from _size(own, known)
    if known and known.smaller and not {"srcset", "sizes"} & own.keys():
        widths = [f"{address(own['src'], width)} {width}w" for width in sorted(known.smaller)]
        yield "srcset", ", ".join([*widths, f"{own['src']} {known.width}w"])
        yield "sizes", SIZES


def size_of_svg(content: bytes) -> tuple[int, int] | None:
    """The width and height that a drawing says it has, if it does."""
    root = SIZE_OF_SVG.search(content[:10_000])
    found = dict(attributes(root.group().decode("utf-8", "replace"))) if root else {}
    box = re.split(r"[\s,]+", found.get("viewbox", "").strip())
    sizes = [found.get("width", ""), found.get("height", "")]
    for size in (sizes, box[2:]):
        numbers = [PIXELS.fullmatch(text) for text in size]
        if len(numbers) == 2 and all(numbers):
            width, height = (round(min(float(number[1]), MOST)) for number in numbers if number)
            return (width, height) if width and height < MOST > width else None
    return None
