"""A feed as a reader sees it: its title and its entries, of any format that there is."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


@dataclass(frozen=True, slots=True)
class Entry:
    title: str
    link: str
    id: str
    date: str
    """As the feed writes it."""
    html: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Feed:
    title: str
    entries: tuple[Entry, ...]


def read(content: bytes) -> Feed:
    """RSS 2.0, Atom (RFC 4287) or a JSON Feed (jsonfeed.org). Raises ValueError for all else."""
    if content.lstrip().startswith(b"{"):
        return _of_json(json.loads(content))
    try:
        # It is our own, and nothing of an article becomes an entity of it.
        top = ET.fromstring(content)  # noqa: S314
    except ET.ParseError as error:
        raise ValueError(f"it is no well-formed XML: {error}") from None
    channel = top.find("channel")
    if channel is not None:
        return Feed(channel.findtext("title", ""), tuple(_of_rss(channel)))
    if top.tag == f"{ATOM}feed":
        return Feed(top.findtext(f"{ATOM}title", ""), tuple(_of_atom(top)))
    raise ValueError("it is neither RSS nor Atom")


def _of_json(document: dict[str, object]) -> Feed:
    items = document.get("items")
    if not isinstance(items, list):
        raise ValueError("it is no JSON Feed")
    keys = ("title", "url", "id", "date_published", "content_html")
    entries = (Entry(*(str(item.get(key, "")) for key in keys)) for item in items)
    return Feed(str(document.get("title", "")), tuple(entries))


def _of_rss(channel: ET.Element) -> Iterator[Entry]:
    for item in channel.iterfind("item"):
        title, link, guid, date = (_text(item, one) for one in ("title", "link", "guid", "pubDate"))
        yield Entry(title, link, guid, date, _text(item, CONTENT) or _text(item, "description"))


def _of_atom(feed: ET.Element) -> Iterator[Entry]:
    for one in feed.iterfind(f"{ATOM}entry"):
        title, its_id, date = (_text(one, ATOM + name) for name in ("title", "id", "published"))
        html = _text(one, f"{ATOM}content") or _text(one, f"{ATOM}summary")
        yield Entry(title, _link(one), its_id, date, html)


def _link(entry: ET.Element) -> str:
    """The address of what an entry of Atom is about."""
    links = entry.iterfind(f"{ATOM}link")
    found = (link.get("href", "") for link in links if link.get("rel") in (None, "alternate"))
    return next(found, "")


def _text(element: ET.Element, name: str) -> str:
    return element.findtext(name) or ""
