"""The card of each article, and of the series: drawn once, and kept until its words change."""

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from hashlib import sha256
from pathlib import Path

from press import kept
from press.assets import OURS
from press.head import card_path
from press.model import OutputFile, Site
from press.problems import Code, Problem
from press.root import cache_folder

FOLDER = "templates/card"
FONTS = ("title.ttf", "text.ttf")

VERSION = "2"
"""Raised when the same words make another image."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a card shows; each may be empty."""

    series: str
    title: str
    number: str
    author: str


def make(root: Path, site: Site) -> tuple[list[OutputFile], list[Problem]]:
    """Every card of a site, or what is wrong with its fonts."""
    try:
        fonts = [_font(root, name) for name in FONTS]
        wanted = dict(_words(site))
        folder = cache_folder(root) / "cards"
        digests = [sha256(font).hexdigest() for font in fonts]
        names = {slug: f"{_key(words, digests)}.png" for slug, words in wanted.items()}
        cards = [
            OutputFile(card_path(slug), _card(folder / names[slug], words, fonts))
            for slug, words in wanted.items()
        ]
        kept.forget(folder, "*.png", set(names.values()))
        return cards, []
    except BadFont as error:
        hint = f"put a TrueType or OpenType font there, or take it out of {FOLDER}"
        problem = Problem(f"{FOLDER}/{error}", 0, 0, Code.TEMPLATE_FAILED, "this is no font", hint)
        return [], [problem]


class BadFont(ValueError):
    """A file that is no font; says its name."""


def _words(site: Site) -> list[tuple[str, Words]]:
    config = site.config
    found = [("index", Words("", config.title, "", config.author))]
    for one in site.articles:
        article = one.article
        number, author = f"{article.number:03}", ", ".join(article.authors)
        found.append((article.slug, Words(config.title, article.title, number, author)))
    return found


def _font(root: Path, name: str) -> bytes:
    """The publication's own font, or ours."""
    try:
        own = root / FOLDER / name
        return own.read_bytes() if own.exists() else (OURS / "card" / name).read_bytes()
    except OSError:
        raise BadFont(name) from None


def _card(path: Path, words: Words, fonts: Sequence[bytes]) -> bytes:
    """The image as kept, or as drawn now."""
    content = kept.read(path)
    if content is None:
        content = _drawn(words, fonts)
        kept.write(path, content)
    return content


def _key(words: Words, digests: Sequence[str]) -> str:
    """What a card is kept by: its words, and the digests of its fonts."""
    said = (words.series, words.title, words.number, words.author)
    return sha256(json.dumps([VERSION, *said, *digests]).encode()).hexdigest()[:32]


def _drawn(words: Words, fonts: Sequence[bytes]) -> bytes:
    # So that Pillow is loaded only where there is something to draw.
    from press import drawing, typeface

    for name, font in zip(FONTS, fonts, strict=True):
        try:
            typeface.typeface(font)
        except OSError:
            raise BadFont(name) from None
    return drawing.draw(*astuple(words), *fonts)
