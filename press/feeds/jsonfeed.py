"""JSON Feed 1.1 with full text (jsonfeed.org/version/1.1)."""

from collections.abc import Sequence
from typing import Any

from press import jsontext
from press.channels import Document, entry_id, timestamp
from press.config import Config
from press.model import Published

NAME = "feed.json"
LABEL = "JSON Feed"
MEDIA_TYPE = "application/feed+json"
RANK = 3


def entry(config: Config, published: Published) -> bytes:
    article = published.article
    item = {
        "id": entry_id(config, article),
        "url": f"{config.url}/{article.page}",
        "title": article.title,
        "summary": article.description,
        "content_html": published.feed_html,
        "date_published": timestamp(article.date),
        "date_modified": timestamp(article.updated),
        "authors": _people(article.authors),
        "tags": article.tags,
    }
    return _dumps(item).encode()


def render(document: Document, entries: Sequence[bytes]) -> bytes:
    channel, config = document.channel, document.channel.config
    head = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.address(channel.page),
        "feed_url": document.address(NAME),
        "description": config.description,
        "language": config.language,
        "authors": _people([config.author]),
        "hubs": [{"type": "WebSub", "url": hub} for hub in document.hubs],
        "next_url": document.older_address(NAME),
    }
    before = f'{_dumps(head)[:-2]},\n"items": [\n'
    return b"".join([before.encode(), b",\n".join(entries), b"\n]}\n"])


def _people(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def _dumps(values: dict[str, Any]) -> str:
    """As JSON, without what is empty: an address may not be."""
    return jsontext.dumps({name: value for name, value in values.items() if value})
