"""The list of a site's feeds as OPML 2.0 (opml.org/spec2.opml), which readers import."""

from collections.abc import Sequence
from html import escape

from press.channels import Channel

PATH = "feeds.opml"
SPACES = {ord(one): f"&#{ord(one)};" for one in "\t\n\r"}
"""What an attribute would lose (XML 1.0, 3.3.3)."""


def render(channels: Sequence[Channel], name: str) -> bytes:
    """Each channel once, in the format whose file is called `name`."""
    config = channels[0].config
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"<head><title>{escape(config.title, quote=False)}</title></head>",
        "<body>",
        *(_outline(channel, name) for channel in channels),
        "</body>",
        "</opml>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _outline(channel: Channel, name: str) -> str:
    """`rss` is what OPML calls every feed, whatever its format."""
    attributes = {
        "type": "rss",
        "text": channel.title,
        "title": channel.title,
        "description": channel.config.description,
        "language": channel.config.language,
        "xmlUrl": channel.address(channel.path(name)),
        "htmlUrl": channel.address(channel.page),
    }
    said = " ".join(f"{key}={_quoted(value)}" for key, value in attributes.items())
    return f"<outline {said}/>"


def _quoted(value: str) -> str:
    """The value of an attribute, in quotes that it does not have.

    `xml.sax.saxutils` can do it as well, and loads what asks other hosts.
    """
    text = escape(value, quote=False).translate(SPACES)
    if '"' in text and "'" not in text:
        return f"'{text}'"
    return '"' + text.replace('"', "&quot;") + '"'
