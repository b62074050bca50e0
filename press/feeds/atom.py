"""Atom with full text (RFC 4287)."""

from collections.abc import Sequence

from press import syndication
from press.channels import Document
from press.config import Config
from press.model import Published

NAME = "atom.xml"
LABEL = "Atom"
MEDIA_TYPE = "application/atom+xml"
# The first: it alone says what is plain text and what is HTML, so titles of code arrive whole.
RANK = 1


def entry(config: Config, published: Published) -> bytes:
    return syndication.entry(config, published).atom()


def render(document: Document, entries: Sequence[bytes]) -> bytes:
    return syndication.feed(document, NAME, MEDIA_TYPE).atom(entries)
