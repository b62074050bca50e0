"""What the feeds tell: channels (the series, each of its tags) and the documents they are cut into.

A document has at most SIZE entries. What is older stands in archives (RFC 5005 section 4): the
first has the oldest articles, each is full, and new articles change none of them.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from msgspec import Struct

from press.config import Config
from press.model import Article, Listed, Site, Tag

SIZE = 30
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Channel(Struct, frozen=True):
    """What can be followed: the series, or one of its tags."""

    config: Config
    title: str
    id: str
    """A tag URI, in which nothing stands that an author may change."""
    page: str
    """The page of the site that shows the same articles."""
    folder: str
    """Of its feeds in the site, with a slash at its end; empty for the site's own."""
    articles: tuple[Listed, ...]
    """Oldest first."""

    def path(self, name: str, archive: int = 0) -> str:
        """Of the feed `feed.xml` in the site; the first archive beside it is `feed-1.xml`."""
        stem, dot, kind = name.rpartition(".")
        return self.folder + (f"{stem}-{archive}{dot}{kind}" if archive else name)

    def address(self, path: str) -> str:
        return f"{self.config.url}/{quote(path)}"


class Document(Struct, frozen=True):
    """A file of a channel's feed, whatever its format."""

    channel: Channel
    archive: int
    """Its number if it is an archive; 0 for the document that readers subscribe to."""
    older: int
    """The archive that goes on from here into the past; 0 for none."""
    articles: tuple[Listed, ...]
    """Newest first."""

    @property
    def is_complete(self) -> bool:
        """Whether it has all that its channel has."""
        return not self.archive and not self.older

    @property
    def updated(self) -> datetime:
        """When it last changed in a way that matters: of its articles, never of the build."""
        return max((one.article.updated for one in self.articles), default=EPOCH)

    @property
    def hubs(self) -> tuple[str, ...]:
        """Those that tell readers of changes. An archive has none to tell of."""
        return () if self.archive else self.channel.config.hubs

    def address(self, name: str) -> str:
        """Its own, in the format whose file is called `name`."""
        return self.channel.address(self.channel.path(name, self.archive))

    def older_address(self, name: str) -> str:
        return self.channel.address(self.channel.path(name, self.older)) if self.older else ""

    def current_address(self, name: str) -> str:
        return self.channel.address(self.channel.path(name))


def channels(site: Site) -> tuple[Channel, ...]:
    """The series, and each tag."""
    series = of_series(site.config, site.articles)
    place = {id(one): place for place, one in enumerate(series.articles)}
    tags = []
    for tag in site.tags:
        by_date = sorted(tag.articles, key=lambda one: place[id(one)])
        tags.append(of_tag(site.config, tag, by_date))
    return (series, *tags)


def of_series(config: Config, articles: Sequence[Listed]) -> Channel:
    by_date = sorted(articles, key=lambda one: (one.article.date, one.article.number))
    return Channel(config, config.title, config.id, "", "", tuple(by_date))


def of_tag(config: Config, tag: Tag, by_date: Sequence[Listed]) -> Channel:
    title = f"{config.title}: {tag.name}"
    identity = f"{config.id}/tags/{quote(tag.slug)}"
    return Channel(config, title, identity, tag.page, tag_folder(tag.slug), tuple(by_date))


def tag_folder(slug: str) -> str:
    return f"tags/{slug}/"


def documents(channel: Channel) -> Iterator[Document]:
    """The newest articles, and all that are not among them in as many archives as it takes.

    So the newest archive and the first document may have articles in common.
    """
    articles = channel.articles
    archives = -(-max(len(articles) - SIZE, 0) // SIZE)
    yield Document(channel, 0, archives, articles[-SIZE:][::-1])
    for number in range(1, archives + 1):
        part = articles[(number - 1) * SIZE : number * SIZE]
        yield Document(channel, number, number - 1, part[::-1])


def entry_id(config: Config, article: Article) -> str:
    """From the article's id alone: a new title, address or number makes no new entry."""
    return f"{config.id}/{article.id}"


def category_scheme(config: Config) -> str:
    """What tells the tags of this series from those of others."""
    return f"{config.id}/tags"


def timestamp(moment: datetime) -> str:
    """In whole seconds of UTC (RFC 3339)."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
