"""Which pages exist, and from what each is made."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

from press import head
from press.model import Article, FeedLink, Published, Site, Tag, tag_slug
from press.words import marked


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


def pages(site: Site, feeds: Callable[[Tag | None], Sequence[FeedLink]]) -> Iterator[Page]:
    """Every page of the site. `feeds` gives those that the page of a tag names, or any other.

    Whether there is an index to search is known later, when the pages of articles are rendered.
    """
    tags = {tag.slug: tag for tag in site.tags}
    shared = {
        "series": site.config,
        "articles": site.articles,
        "coming": site.coming,
        "tags": tuple(tags.values()),
        "feeds": feeds(None),
        "examples_in_all": sum(len(one.article.examples) for one in site.articles),
        "proven_in_all": sum(one.proven for one in site.articles),
    }
    yield _page(site, SERIES_PAGE, "series.html", head.of_series(site), shared)
    for path, fixed in FIXED.items():
        more = {"searchable": False} if path == SEARCH_PAGE else {}
        yield _page(site, path, fixed.template, _fixed_head(site, path, fixed), shared | more)
    for tag in tags.values():
        about = site.words.gettext(
            "The parts of %(title)s about %(tag)s.", title=site.config.title, tag=tag.name
        )
        its = head.of_page(site, tag.page, tag.name, about)
        yield _page(site, tag.page, "tag.html", its, {**shared, "feeds": feeds(tag), "tag": tag})
    for index, published in enumerate(site.articles):
        its = head.of_article(site, index)
        values = {
            **shared,
            **_neighbours(site.articles, index),
            "published": published,
            "article_tags": tuple(
                {slug: tags[slug] for slug in _slugs(published.article)}.values()
            ),
            "edit": _edit(site.config.edit_url, published.article),
        }
        yield _page(site, published.article.page, "article.html", its, values)
        for alias in published.article.aliases:
            values = {**shared, "published": published}
            yield _page(site, alias, "redirect.html", replace(its, listed=False), values)


def _page(
    site: Site, path: str, template: str, its_head: head.Head, values: Mapping[str, Any]
) -> Page:
    """A page's values, with `root`: what leads from it to the site's folder.

    A server shows the page for what is not found at any depth, so its links begin at the host.
    """
    to_host = f"{urlsplit(site.config.url).path}/"
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


def _neighbours(articles: tuple[Published, ...], index: int) -> dict[str, Any]:
    return {
        "position": index + 1,
        "previous": articles[index - 1] if index else None,
        "next": articles[index + 1] if index + 1 < len(articles) else None,
    }
