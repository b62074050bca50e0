"""What the head of each page tells machines: templates/site/head.html writes it down."""

from datetime import datetime
from typing import Protocol
from urllib.parse import quote

from msgspec import Struct

from press import policy, structured
from press.config import Config
from press.model import Article, Place, Site
from press.words import Words

CARD_WIDTH, CARD_HEIGHT = 1200, 630
"""What sites that show a card for a link ask for: 1.91 to 1."""


class Image(Struct, frozen=True):
    """The card of a page."""

    url: str
    alt: str
    width: int = CARD_WIDTH
    height: int = CARD_HEIGHT


class Listing(Protocol):
    """What a list of all pages tells of one."""

    @property
    def canonical(self) -> str: ...

    @property
    def updated(self) -> datetime | None: ...

    @property
    def listed(self) -> bool: ...


class Listed(Struct, frozen=True):
    """The page of an article, for a list of all pages."""

    canonical: str
    updated: datetime | None
    listed: bool = True


def listing(config: Config, article: Article) -> Listing:
    return Listed(f"{config.url}/{article.page}", article.updated)


class Head(Struct, frozen=True):
    """All of one page. What is empty is not said."""

    title: str
    description: str
    canonical: str
    """Its whole address."""
    policy: str
    """Its Content-Security-Policy."""
    image: Image
    kind: str = "website"
    """As OpenGraph calls it: `website` or `article`."""
    json_ld: str = ""
    """For a `<script>`: safe to be written as it is."""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    prev: str = ""
    next: str = ""
    """The pages of an article's neighbours, or those of a list, from this page on."""
    markdown: str = ""
    """An article's own text as Markdown, from this page on."""
    listed: bool = True
    """Whether search engines are to know the page."""


def card_path(slug: str) -> str:
    """The card of an article, or of a page that is none."""
    return f"cards/{slug}.png"


def of_series(site: Site) -> Head:
    config = site.config
    card = series_card(site)
    data = structured.series(config, card.url)
    return Head(
        config.title,
        config.description,
        f"{config.url}/",
        policy.of_page(config, data),
        card,
        json_ld=data,
        authors=(config.author,),
        updated=max((one.article.updated for one in site.articles), default=None),
    )


def of_article(config: Config, words: Words, article: Article, place: Place) -> Head:
    url = f"{config.url}/{article.page}"
    alt = words.gettext(
        "%(series)s, part %(number)s: %(title)s",
        series=config.title, number=f"{article.number:03}", title=article.title,
    )  # fmt: skip
    image = Image(f"{config.url}/{card_path(article.slug)}", alt)
    data = structured.article(config, article, place.position, url, image.url)
    return Head(
        article.title,
        article.description,
        url,
        policy.of_page(config, data),
        image,
        "article",
        data,
        article.authors,
        article.tags,
        article.date,
        article.updated,
        place.previous.article.page if place.previous else "",
        place.next.article.page if place.next else "",
        f"{article.slug}.md",
    )


def of_page(
    site: Site,
    path: str,
    title: str,
    description: str,
    *,
    listed: bool = True,
    wasm: bool = False,
) -> Head:
    """Of any other page. With `wasm`, it may compile WebAssembly."""
    return Head(
        title,
        description,
        f"{site.config.url}/{quote(path)}",
        policy.of_page(site.config, wasm=wasm),
        series_card(site),
        listed=listed,
    )


def series_card(site: Site) -> Image:
    config = site.config
    alt = site.words.gettext("%(title)s, by %(author)s", title=config.title, author=config.author)
    return Image(f"{config.url}/{card_path('index')}", alt)
