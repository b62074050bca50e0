"""The formats of feeds: one file each, and the file's name registers it."""

import pkgutil
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from press import channels, opml
from press.channels import Channel, Document, of_series, of_tag, tag_folder
from press.config import Config
from press.model import Article, FeedLink, OutputFile, Published, Site, Tag, tag_slug


class Format(Protocol):
    """What a file of this folder offers."""

    NAME: str
    """Of its file in the site, and in the folder of each tag."""
    LABEL: str
    """For readers of pages."""
    MEDIA_TYPE: str
    RANK: int
    """Pages name the lowest first: many clients take the first."""

    def entry(self, config: Config, published: Published) -> bytes:
        """An article as it stands in each document that has it."""
        ...

    def render(self, document: Document, entries: Sequence[bytes]) -> bytes:
        """A document with the entries of its articles, the same bytes for the same content."""
        ...


LIST = opml.PATH
"""Of all feeds."""


@cache
def formats() -> tuple[Format, ...]:
    """The one that pages name first is the first."""
    modules = [import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    return tuple(sorted((cast("Format", one) for one in modules), key=lambda one: one.RANK))


def named(name: str) -> Format:
    """The format whose file has a name."""
    return next(one for one in formats() if name == one.NAME)


def documents(every: Iterable[Channel]) -> Iterator[tuple[Format, Document, str]]:
    """Every document of every feed of these channels, and its path. All formats have the same."""
    cut = [one for channel in every for one in channels.documents(channel)]
    for one in formats():
        for document in cut:
            yield one, document, document.channel.path(one.NAME, document.archive)


def listed(every: Sequence[Channel]) -> OutputFile:
    """The list of all feeds."""
    return OutputFile(opml.PATH, opml.render(every, formats()[0].NAME))


def files(site: Site, articles: Iterable[Published]) -> Iterator[OutputFile]:
    """Every feed of a site, and the list of them."""
    entries = {
        (one.NAME, published.article.id): one.entry(site.config, published)
        for published in articles
        for one in formats()
    }
    every = channels.channels(site)
    for one, document, path in documents(every):
        chosen = [entries[one.NAME, listed.article.id] for listed in document.articles]
        yield OutputFile(path, one.render(document, chosen))
    yield listed(every)


def links(config: Config, tag: Tag | None = None) -> tuple[FeedLink, ...]:
    """The feeds that a page names, the preferred first: of the series, and of the page's tag."""
    named = [of_series(config, ()), *([of_tag(config, tag, ())] if tag else [])]
    return tuple(
        FeedLink(channel.title, one.LABEL, path, channel.address(path), one.MEDIA_TYPE)
        for channel in named
        for one in formats()
        for path in [channel.path(one.NAME)]
    )


def media_type(path: str) -> str | None:
    """Of a document of a feed, by its path in the site; None for what is none."""
    name = re.sub(r"-\d+(?=\.)", "", path.rpartition("/")[2])
    return next((one.MEDIA_TYPE for one in formats() if name == one.NAME), None)


def paths(articles: Iterable[Article]) -> set[str]:
    """Where the feeds are, and the list of them: what an article may link to."""
    slugs = {tag_slug(tag) for article in articles for tag in article.tags}
    folders = ["", *(tag_folder(slug) for slug in slugs)]
    return {folder + one.NAME for folder in folders for one in formats()} | {opml.PATH}
