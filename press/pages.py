"""Which pages exist, and from what each is made."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

from press import head
from press.config import Config
from press.model import Article, FeedLink, Place, Published, Site, Tag, TagLink, tag_slug
from press.words import Words, marked


@dataclass(frozen=True, slots=True)
class Page:
    """A page to render: its path in the site, its template, and what the template is given."""

    path: str
    template: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A page that every site has."""

    template: str
    title: str
    about: str
    """In one sentence, of the series."""


OF_ARTICLE = ("article.html", "redirect.html")
"""The templates of what an article brings."""

SERIES_PAGE = "index.html"
SEARCH_PAGE = "search.html"
NOT_FOUND = "404.html"
FIXED: Mapping[str, Fixed] = {
    "tags.html": Fixed(
        "tags.html", marked("Tags"), marked("What the parts of %(title)s are about.")
    ),
    "feeds.html": Fixed(
        "feeds.html", marked("Feeds"), marked("How to follow %(title)s in a feed reader.")
    ),
    "proofs.html": Fixed(
        "proofs.html",
        marked("How examples are proven"),
        marked("What it means that an example of %(title)s is proven."),
    ),
    SEARCH_PAGE: Fixed(
        "search.html", marked("Search"), marked("Every part of %(title)s, and what is in it.")
    ),
    NOT_FOUND: Fixed(
        "404.html", marked("Not found"), marked("There is no such page of %(title)s.")
    ),
}
"""Path of each but the series page."""


def of_site(site: Site, feeds: Callable[[Tag | None], Sequence[FeedLink]]) -> Iterator[Page]:
    """Every page but those of articles. `feeds` gives those that the page of a tag names, or any
    other.

    Whether there is an index to search is known later, when the pages of articles are rendered.
    """
    shared = {
        "series": site.config,
        "articles": site.articles,
        "coming": site.coming,
        "tags": site.tags,
        "feeds": feeds(None),
        "is_proven": site.is_proven,
    }
    yield _page(site.config, SERIES_PAGE, "series.html", head.of_series(site), shared)
    for path, fixed in FIXED.items():
        more = {"searchable": False} if path == SEARCH_PAGE else {}
        its = _fixed_head(site, path, fixed)
        yield _page(site.config, path, fixed.template, its, shared | more)
    for tag in site.tags:
        about = site.words.gettext(
            "The parts of %(title)s about %(tag)s.", title=site.config.title, tag=tag.name
        )
        its = head.of_page(site, tag.page, tag.name, about)
        values = {**shared, "feeds": feeds(tag), "tag": tag}
        yield _page(site.config, tag.page, "tag.html", its, values)


def places(site: Site) -> Iterator[Place]:
    """Of each article, in their order."""
    tags = {tag.slug: TagLink(tag.name, tag.page) for tag in site.tags}
    last = len(site.articles) - 1
    for index, published in enumerate(site.articles):
        yield Place(
            index + 1,
            site.articles[index - 1] if index else None,
            site.articles[index + 1] if index < last else None,
            tuple({slug: tags[slug] for slug in _slugs(published.article)}.values()),
            site.coming if index == last else None,
            site.is_proven,
        )


def of_article(
    config: Config, words: Words, published: Published, place: Place, feeds: Sequence[FeedLink]
) -> Iterator[Page]:
    """The page of an article, and those of its aliases."""
    article = published.article
    its = head.of_article(config, words, article, place)
    values = {
        "series": config,
        "feeds": feeds,
        "is_proven": place.is_proven,
        "coming": place.coming,
        "published": published,
        "position": place.position,
        "previous": place.previous,
        "next": place.next,
        "article_tags": place.tags,
        "edit": _edit(config.edit_url, article),
    }
    yield _page(config, article.page, "article.html", its, values)
    for alias in article.aliases:
        values = {"series": config, "published": published}
        yield _page(config, alias, "redirect.html", replace(its, listed=False), values)


def _page(
    config: Config, path: str, template: str, its_head: head.Head, values: Mapping[str, Any]
) -> Page:
    """A page's values, with `root`: what leads from it to the site's folder.

    A server shows the page for what is not found at any depth, so its links begin at the host.
    """
    to_host = f"{urlsplit(config.url).path}/"
    root = to_host if path == NOT_FOUND else "../" * path.count("/")
    return Page(path, template, {**values, "head": its_head, "path": path, "root": root})


def _fixed_head(site: Site, path: str, fixed: Fixed) -> head.Head:
    is_search = path == SEARCH_PAGE
    title = site.words.gettext(fixed.title)
    about = site.words.gettext(fixed.about, title=site.config.title)
    return head.of_page(site, path, title, about, listed=path != NOT_FOUND, wasm=is_search)


def _slugs(article: Article) -> Iterator[str]:
    return (tag_slug(name) for name in article.tags)


def _edit(address: str, article: Article) -> str:
    return address.replace("{path}", quote(article.path))
