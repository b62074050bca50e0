"""Which pages exist, and from what each is made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from press.model import Published, Site


@dataclass(frozen=True, slots=True)
class Page:
    """A page to render: its path in the site, its template, and what the template is given."""

    path: str
    template: str
    values: Mapping[str, Any]


SERIES_PAGE = "index.html"


def pages(site: Site, feeds: Mapping[str, str]) -> Iterator[Page]:
    """Every page of the site. `feeds` has the path of each feed -> its media type."""
    shared = {"series": site.config, "articles": site.articles, "feeds": feeds}
    yield _page(SERIES_PAGE, "series.html", shared)
    for index, published in enumerate(site.articles):
        values = {**shared, **_neighbours(site.articles, index), "published": published}
        yield _page(published.article.page, "article.html", values)
        for alias in published.article.aliases:
            yield _page(alias, "redirect.html", {**shared, "published": published})


def _page(path: str, template: str, values: dict[str, Any]) -> Page:
    return Page(path, template, {**values, "path": path, "root": "../" * path.count("/")})


def _neighbours(articles: tuple[Published, ...], index: int) -> dict[str, Any]:
    return {
        "position": index + 1,
        "previous": articles[index - 1] if index else None,
        "next": articles[index + 1] if index + 1 < len(articles) else None,
    }
