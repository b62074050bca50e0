"""What RSS and Atom share: an article and a document of a channel, as feedgen takes them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from press.channels import Document, category_scheme, entry_id
from press.config import Config
from press.model import Published

# feedgen and lxml take as long to load as three hundred entries to make.
if TYPE_CHECKING:
    from press.mending import Entry, Feed

STYLESHEET = "assets/feed.css"
MINUTES = 60
"""For which a reader may go on with what it has."""


def entry(config: Config, published: Published) -> "Entry":
    from press.mending import Entry

    article = published.article
    made = Entry()
    made.guid(entry_id(config, article), permalink=False)
    made.title(article.title)
    made.link(href=f"{config.url}/{article.page}", rel="alternate", type="text/html")
    made.texts(article.description, published.feed_html)
    made.published(article.date)
    made.updated(article.updated)
    made.author([{"name": name} for name in article.authors])
    made.dc.dc_creator(list(article.authors))
    made.category([{"term": tag, "scheme": category_scheme(config)} for tag in article.tags])
    return made


def feed(document: Document, name: str, media_type: str) -> "Feed":
    """The document but for its entries. `name` is that of the format's file."""
    from press.mending import Feed

    channel, config = document.channel, document.channel.config
    marker = "archive" if document.archive else "complete" if document.is_complete else ""
    made = Feed(marker, "../" * channel.folder.count("/") + STYLESHEET)
    made.id(channel.id)
    made.title(channel.title)
    made.subtitle(config.description)
    made.author(name=config.author)
    made.language(config.language)
    made.generator("Proofpress")
    made.ttl(MINUTES)
    made.updated(document.updated)
    made.link(href=channel.address(channel.page), rel="alternate", type="text/html")
    made.link(href=document.address(name), rel="self", type=media_type)
    for rel, address in _others(document, name):
        made.link(href=address, rel=rel)
    return made


def _others(document: Document, name: str) -> Iterator[tuple[str, str]]:
    """The links of WebSub, and of RFC 5005 sections 3 and 4."""
    for hub in document.hubs:
        yield "hub", hub
    if document.older:
        yield "prev-archive", document.older_address(name)
    if document.archive:
        yield "current", document.current_address(name)
