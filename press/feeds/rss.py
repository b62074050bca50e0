"""RSS 2.0 with full text, by feedgen (rssboard.org/rss-specification, and its Profile)."""

from datetime import UTC, datetime

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from press.model import Published, Site

PATH = "feed.xml"
MEDIA_TYPE = "application/rss+xml"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEWEST = 30
"""Entries in the feed, so that it does not grow without bound."""


def render(site: Site) -> bytes:
    """The newest articles, newest first. Dates come from front matter, never from the clock."""
    config = site.config
    feed = FeedGenerator()
    feed.load_extension("dc")
    feed.title(config.title)
    feed.description(config.description)
    feed.language(config.language)
    feed.generator("Proofpress")
    feed.link(href=f"{config.url}/{PATH}", rel="self", type=MEDIA_TYPE)
    # feedgen takes the last link of any kind for the channel's own.
    feed.link(href=f"{config.url}/", rel="alternate")
    newest = sorted(site.articles, key=lambda p: (p.article.date, p.article.number), reverse=True)[
        :NEWEST
    ]
    # feedgen's default is the time of the build.
    feed.lastBuildDate(max((published.article.updated for published in newest), default=EPOCH))
    for published in newest:
        feed.add_entry(_entry(site, published), order="append")
    return bytes(feed.rss_str(pretty=True))


def _entry(site: Site, published: Published) -> FeedEntry:
    article = published.article
    entry = FeedEntry()
    entry.load_extension("dc")
    entry.title(article.title)
    entry.link(href=f"{site.config.url}/{article.page}")
    # From the article's id alone: a new title, address or number makes no new entry.
    entry.guid(f"{site.config.id}/{article.id}", permalink=False)
    entry.pubDate(article.date)
    # feedgen writes the full text only where there is a description too.
    entry.description(article.description)
    entry.content(published.feed_html, type="html")
    entry.category([{"term": tag} for tag in article.tags])
    entry.dc.dc_creator(list(article.authors))
    return entry
