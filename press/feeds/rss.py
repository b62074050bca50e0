"""RSS 2.0 with full text (rssboard.org/rss-specification, and its Profile)."""

from collections.abc import Sequence

from press import syndication
from press.channels import Document
from press.config import Config
from press.model import Published

NAME = "feed.xml"
LABEL = "RSS"
MEDIA_TYPE = "application/rss+xml"
RANK = 2


def entry(config: Config, published: Published) -> bytes:
    return syndication.entry(config, published).rss()


def render(document: Document, entries: Sequence[bytes]) -> bytes:
    return syndication.feed(document, NAME, MEDIA_TYPE).rss(entries)
