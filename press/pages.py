"""Which pages exist, and from what each is made."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from press.model import Article, FeedLink, Published, Site, Tag, tag_slug


@dataclass(frozen=True, slots=True)
class Page:
    """A page to render: its path in the site, its template, and what the template is given."""

    path: str
    template: str
    values: Mapping[str, Any]


SERIES_PAGE = "index.html"
NOT_FOUND = "404.html"
FIXED: Mapping[str, str] = {
    SERIES_PAGE: "series.html",
    "tags.html": "tags.html",
    "feeds.html": "feeds.html",
    "proofs.html": "proofs.html",
    NOT_FOUND: "404.html",
}
"""Path of each page that every site has -> its template."""


def pages(site: Site, feeds: Callable[[Tag | None], Sequence[FeedLink]]) -> Iterator[Page]:
    """Every page of the site. `feeds` gives those that the page of a tag names, or any other."""
    tags = {tag.slug: tag for tag in site.tags}
    shared = {
        "series": site.config,
        "articles": site.articles,
        "tags": tuple(tags.values()),
        "feeds": feeds(None),
    }
    for path, template in FIXED.items():
        yield _page(site, path, template, shared)
    for tag in tags.values():
        yield _page(site, tag.page, "tag.html", {**shared, "feeds": feeds(tag), "tag": tag})
    for index, published in enumerate(site.articles):
        values = {
            **shared,
            **_neighbours(site.articles, index),
            "published": published,
            "article_tags": tuple(
                {slug: tags[slug] for slug in _slugs(published.article)}.values()
            ),
            "edit": _edit(site.config.edit_url, published.article),
        }
        yield _page(site, published.article.page, "article.html", values)
        for alias in published.article.aliases:
            yield _page(site, alias, "redirect.html", {**shared, "published": published})


def _page(site: Site, path: str, template: str, values: dict[str, Any]) -> Page:
    """A page's values, with `root`: what leads from it to the site's folder.

    A server shows the page for what is not found at any depth, so its links begin at the host.
    """
    to_host = f"{urlsplit(site.config.url).path}/"
    root = to_host if path == NOT_FOUND else "../" * path.count("/")
    return Page(path, template, {**values, "path": path, "root": root})


def _slugs(article: Article) -> Iterator[str]:
    return (tag_slug(name) for name in article.tags)


def _edit(address: str, article: Article) -> str:
    return address.replace("{path}", quote(article.path))


def _neighbours(articles: tuple[Published, ...], index: int) -> dict[str, Any]:
    return {
        "position": index + 1,
        "previous": articles[index - 1] if index else None,
        "next": articles[index + 1] if index + 1 < len(articles) else None,
    }
