"""Which pages exist, and from what each is made."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from press import head, paging
from press.config import Config
from press.model import Article, FeedLink, Place, Published, Site, Tag, TagLink, tag_slug
from press.paging import Leaf
from press.words import Words, marked


class Page(Struct, frozen=True):
    """A page to render: its path in the site, its template, and what the template is given."""

    path: str
    template: str
    values: Mapping[str, Any]


class Fixed(Struct, frozen=True):
    """A page that every site has."""

    template: str
    title: str
    about: str
    """In one sentence, of the series."""
    listing: str = ""
    """What the further pages of its list are called, if not by its title."""


OF_ARTICLE = ("article.html", "redirect.html")
"""The templates of what an article brings."""


class Subject(Struct, frozen=True):
    """A tag, as lists of tags name it."""

    name: str
    slug: str
    page: str


class Counted(Subject, frozen=True):
    """The same, as the list of all tags has it."""

    count: int
    """Of its articles."""


TAGS = 500
"""Of a page that names tags: each takes a few words."""

SERIES_PAGE = "index.html"
TAGS_PAGE = "tags.html"
FEEDS_PAGE = "feeds.html"
PROOFS_PAGE = "proofs.html"
SEARCH_PAGE = "search.html"
NOT_FOUND = "404.html"
FIXED: Mapping[str, Fixed] = {
    TAGS_PAGE: Fixed("tags.html", marked("Tags"), marked("What the parts of %(title)s are about.")),
    FEEDS_PAGE: Fixed(
        "feeds.html", marked("Feeds"), marked("How to follow %(title)s in a feed reader.")
    ),
    PROOFS_PAGE: Fixed(
        "proofs.html",
        marked("How examples are proven"),
        marked("What it means that an example of %(title)s is proven."),
        marked("Examples"),
    ),
    SEARCH_PAGE: Fixed(
        "search.html",
        marked("Search"),
        marked("Every part of %(title)s, and what is in it."),
        marked("All that there is"),
    ),
    NOT_FOUND: Fixed(
        "404.html", marked("Not found"), marked("There is no such page of %(title)s.")
    ),
}
"""Path of each but the series page."""
LISTS: Mapping[str, Callable[[Site], Sequence[Leaf[Any]]]] = {
    TAGS_PAGE: lambda site: paging.leaves(
        _counted(site), paging.in_folder(TAGS_PAGE, "all-tags"), lambda tag: tag.name, TAGS
    ),
    PROOFS_PAGE: lambda site: paging.of_parts(site.articles, PROOFS_PAGE, "proofs"),
    SEARCH_PAGE: lambda site: paging.of_parts(site.articles, SEARCH_PAGE, "search"),
}
"""Those of them that are lists, and the pages that each takes. No slug has a slash, and no tag is
in these folders: nothing else of a site has such an address, but what lies beside an article."""


def of_site(site: Site, feeds: Callable[[Tag | None], Sequence[FeedLink]]) -> Iterator[Page]:
    """Every page but those of articles. `feeds` gives those that the page of a tag names, or any
    other.

    Each is given what it shows and no more: while that is the same, so is the page. Whether there
    is an index to search is known later, when the pages of articles are rendered.
    """
    shared = {"series": site.config, "feeds": feeds(None), "is_proven": site.is_proven}
    yield from _series(site, shared)
    for path, fixed in FIXED.items():
        yield from _fixed(site, path, fixed, shared)
    for tag in site.tags:
        yield from _tag(site, tag, shared | {"feeds": feeds(tag)})


def _series(site: Site, shared: Mapping[str, Any]) -> Iterator[Page]:
    """The first page tells of all parts; the others have their own alone, and seldom change."""
    leaves, first = paging.of_parts(site.articles, SERIES_PAGE, "parts"), head.of_series(site)
    whole = {
        "count": len(site.articles),
        "minutes": sum(one.minutes for one in site.articles),
        "proven": sum(one.proven for one in site.articles),
        "newest": site.articles[-1].article if len(leaves) > 1 else None,
    }
    for leaf in leaves:
        its = _leaf_head(site, leaf, first, site.words.gettext("Parts"))
        told = whole if leaf.is_first else dict.fromkeys(whole)
        values = {**shared, **told, "leaf": leaf, "coming": None if leaf.next else site.coming}
        yield _page(site.config, leaf.path, "series.html", its, values)


def _fixed(site: Site, path: str, fixed: Fixed, shared: Mapping[str, Any]) -> Iterator[Page]:
    its = _fixed_head(site, path, fixed)
    values = {**shared, **_besides(site, path)}
    if path not in LISTS:
        yield _page(site.config, path, fixed.template, its, values)
        return
    for leaf in LISTS[path](site):
        own = _leaf_head(site, leaf, its, site.words.gettext(fixed.listing or fixed.title))
        yield _page(site.config, leaf.path, fixed.template, own, values | {"leaf": leaf})


def _besides(site: Site, path: str) -> Mapping[str, Any]:
    """What a fixed page is given besides its list."""
    if path == SEARCH_PAGE:
        return {"searchable": False}
    if path == NOT_FOUND:
        few = len(site.articles) <= paging.SIZE
        return {"articles": site.articles if few else (), "is_all": few}
    if path == FEEDS_PAGE:
        subjects = tuple(Subject(tag.name, tag.slug, tag.page) for tag in site.tags[:TAGS])
        return {"tags": subjects, "is_all": len(site.tags) <= TAGS}
    return {}


def _tag(site: Site, tag: Tag, shared: Mapping[str, Any]) -> Iterator[Page]:
    about = site.words.gettext(
        "The parts of %(title)s about %(tag)s.", title=site.config.title, tag=tag.name
    )
    its = head.of_page(site, tag.page, tag.name, about)
    for leaf in paging.of_parts(tag.articles, tag.page, tag.page.removesuffix(".html")):
        values = {**shared, "tag": TagLink(tag.name, tag.page), "leaf": leaf}
        own = _leaf_head(site, leaf, its, tag.name)
        yield _page(site.config, leaf.path, "tag.html", own, values)


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


def _leaf_head(site: Site, leaf: Leaf[Any], first: head.Head, name: str) -> head.Head:
    """Of a page of a list, from that of its first one."""
    title = site.words.gettext("%(name)s: %(span)s", name=name, span=leaf.span)
    about = f"{site.config.title} · {title}"
    its = first if leaf.is_first else head.of_page(site, leaf.path, title, about)
    up = "../" * leaf.path.count("/")
    previous, following = (f"{up}{to.path}" if to else "" for to in (leaf.previous, leaf.next))
    return replace(its, prev=previous, next=following)


def _counted(site: Site) -> tuple[Counted, ...]:
    return tuple(Counted(tag.name, tag.slug, tag.page, len(tag.articles)) for tag in site.tags)


def _slugs(article: Article) -> Iterator[str]:
    return (tag_slug(name) for name in article.tags)


def _edit(address: str, article: Article) -> str:
    return address.replace("{path}", quote(article.path))
