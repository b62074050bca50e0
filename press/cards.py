"""The card of each article, and of the series: an image of its words."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from press import digests, files
from press.config import Config
from press.head import card_path
from press.model import Article, OutputFile
from press.problems import Code, Problem
from press.root import OURS

FOLDER = "templates/card"
FONTS = ("title.ttf", "text.ttf")

VERSION = "3"
"""Raised when the same words make another image."""


class Words(Struct, frozen=True):
    """What a card shows; each may be empty."""

    series: str
    title: str
    number: str
    author: str


class Fonts(Struct, frozen=True):
    """The two fonts of cards, as files have them."""

    title: bytes
    text: bytes
    digest: str


def ours() -> Fonts:
    return _fonts([(OURS / "card" / name).read_bytes() for name in FONTS])


def fonts(root: Path) -> tuple[Fonts, list[Problem]]:
    """The publication's own, or ours; and which can't be read."""
    contents: list[bytes] = []
    problems: list[Problem] = []
    for name in FONTS:
        own = root / FOLDER / name
        try:
            ours = OURS / "card" / name
            found = files.read(own, root / FOLDER, root) if own.exists() else ours.read_bytes()
            contents.append(found)
        except OSError as error:
            contents.append(b"")
            message = f"can't read this: {error.strerror}"
            problems.append(Problem(f"{FOLDER}/{name}", 0, 0, Code.UNREADABLE, message))
    return _fonts(contents), problems


def _fonts(contents: Sequence[bytes]) -> Fonts:
    title, text = contents
    return Fonts(title, text, digests.of(title, text))


def faults(fonts: Fonts) -> list[Problem]:
    """A Problem for each font that is none."""
    from press import typeface

    problems = []
    for name, content in zip(FONTS, (fonts.title, fonts.text), strict=True):
        try:
            typeface.typeface(content)
        except OSError:
            problems.append(_no_font(name))
    return problems


def _no_font(name: str) -> Problem:
    hint = f"put a TrueType or OpenType font there, or take it out of {FOLDER}"
    return Problem(f"{FOLDER}/{name}", 0, 0, Code.TEMPLATE_FAILED, "this is no font", hint)


def of_series(config: Config, fonts: Fonts) -> OutputFile:
    """The card of the series, and of each page that has no article."""
    return _card("index", Words("", config.title, "", config.author), fonts)


def of_article(config: Config, article: Article, fonts: Fonts) -> OutputFile:
    return _card(article.slug, _words(config, article), fonts)


def digest(config: Config, article: Article, fonts: Fonts) -> str:
    """Of all that the card of an article is made of."""
    words = _words(config, article)
    said = (words.series, words.title, words.number, words.author)
    return digests.of(VERSION, *said, fonts.digest)


def _words(config: Config, article: Article) -> Words:
    number, author = f"{article.number:03}", ", ".join(article.authors)
    return Words(config.title, article.title, number, author)


def _card(slug: str, words: Words, fonts: Fonts) -> OutputFile:
    from press import drawing  # so that Pillow is loaded only where there is something to draw

    content = drawing.draw(
        words.series, words.title, words.number, words.author, fonts.title, fonts.text
    )
    return OutputFile(card_path(slug), content)
