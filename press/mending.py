"""feedgen 1.0.0 with its faults mended: all of them here, and each has a test that shows it."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.dc import DcEntryExtension, DcExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from press.channels import timestamp

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"

Element = Any
"""Of lxml, which has no types."""

PLAIN_IN_CHANNEL = re.compile(rb"<(?:title|description)>[^<]*")
PLAIN_IN_ITEM = re.compile(rb"<(?:title|category|dc:creator)\b[^>]*>[^<]*")


class Entry(FeedEntry):  # type: ignore[misc]  # feedgen has no types
    """An entry, for RSS and Atom alike."""

    def __init__(self) -> None:
        super().__init__()
        # To load it by its name looks for a module that is not there, each time.
        self.register_extension("dc", DcEntryExtension, atom=False)

    def texts(self, summary: str, html: str) -> None:
        """Its summary, which is plain text, and its content.

        feedgen gives both to RSS as they are, where a description is HTML; it writes the content
        as the description if there is none; and its CDATA makes a type that Atom does not know.
        """
        self.summary(summary)
        self.description(escape(summary, quote=False))
        self.content(html, type="html")

    def rss(self) -> bytes:
        self._FeedEntry__rss_pubDate = None  # see _add_date
        item = self.rss_entry()
        _add_date(item, "pubDate", self.published())
        root = etree.Element("rss", nsmap={"content": CONTENT, "dc": DC})
        root.append(item)
        return PLAIN_IN_ITEM.sub(_hexadecimal, _piece(item, 2))

    def atom(self) -> bytes:
        entry = self.atom_entry()
        # feedgen overwrites its loop's variable, and loses all of a link but its address.
        for element, link in zip(entry.iterfind("link"), self.link(), strict=True):
            element.attrib.update({name: value for name, value in link.items() if value})
        _set_timestamp(entry, "updated", self.updated())
        _set_timestamp(entry, "published", self.published())
        return _piece(entry, 1)


class Feed(FeedGenerator):  # type: ignore[misc]  # feedgen has no types
    """A feed without its entries: they are made once, for all the feeds that have them."""

    def __init__(self, marker: str, stylesheet: str) -> None:
        """`marker` is what RFC 5005 has for it: `complete`, `archive`, or none."""
        super().__init__()
        self.register_extension("dc", DcExtension, DcEntryExtension, atom=False)
        self._marker = marker
        self._stylesheet = stylesheet

    def rss(self, items: Sequence[bytes]) -> bytes:
        self._FeedGenerator__rss_lastBuildDate = None  # see _add_date
        root, _ = self._create_rss()
        channel = root[0]
        # feedgen takes the last link of any kind for the channel's own, and leaves out the others.
        for link in self.link():
            if link["rel"] == "alternate":
                channel.find("link").text = link["href"]
            elif link["rel"] != "self":
                etree.SubElement(channel, f"{{{ATOM}}}link", link)
        _add_date(channel, "lastBuildDate", self.updated())
        self._mark(channel)
        text = PLAIN_IN_CHANNEL.sub(_hexadecimal, _piece(root, 0))
        return self._whole(text, items, b"  </channel>")

    def atom(self, entries: Sequence[bytes]) -> bytes:
        root, _ = self._create_atom()
        _set_timestamp(root, "updated", self.updated())
        self._mark(root)
        return self._whole(_piece(root, 0), entries, b"</feed>")

    def _mark(self, parent: Element) -> None:
        if self._marker:
            etree.SubElement(parent, f"{{{HISTORY}}}{self._marker}", nsmap={"fh": HISTORY})

    def _whole(self, text: bytes, entries: Sequence[bytes], end: bytes) -> bytes:
        """The document, with its entries after all that describes the feed."""
        head, _, tail = text.rpartition(end)
        declaration = b'<?xml version="1.0" encoding="UTF-8"?>\n'
        style = f'<?xml-stylesheet type="text/css" href="{self._stylesheet}"?>\n'.encode()
        return b"".join([declaration, style, head, *entries, end, tail])


def _piece(element: Element, level: int) -> bytes:
    """The text of an element in lines of its own, and without the namespaces of what it stands in.

    feedgen declares them at the root, where they are enough.
    """
    etree.indent(element, level=level)
    text: bytes = etree.tostring(element, encoding="UTF-8", xml_declaration=False, with_tail=False)
    if level:
        text = f"<{element.tag}>".encode() + text.partition(b">")[2]
    return b"  " * level + text + b"\n"


def _add_date(parent: Element, name: str, moment: datetime) -> None:
    """As RSS wants it (RFC 822).

    feedgen's has the author's zone, and to write it changes the locale of the whole process.
    """
    text = format_datetime(moment.astimezone(UTC), usegmt=True)
    etree.SubElement(parent, name).text = text


def _set_timestamp(parent: Element, name: str, moment: datetime) -> None:
    """In whole seconds of UTC (RFC 3339)."""
    parent.find(name).text = timestamp(moment)


def _hexadecimal(match: re.Match[bytes]) -> bytes:
    """A plain text as the RSS Profile wants it: some readers take `&lt;` for the start of HTML."""
    return match[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")
