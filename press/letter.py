"""An article as its mail has it, as data: what the newsletter knows of an article's text."""

import json

from msgspec import Struct

from press import jsontext

FOLDER = "mail"
VERSION = 1


class Section(Struct, frozen=True):
    """What is under one heading of an article; of the first one, what is above them all."""

    html: str
    """Whole addresses, no script, and classes that templates/email/mail.css knows."""
    text: str
    """Lines of at most 78 columns but for code; `[1]` stands behind what is a link."""
    links: tuple[str, ...] = ()
    """Those that the sections before it have not: with theirs, in order, `[1]` is the first."""


class Letter(Struct, frozen=True):
    """An article in pieces, so that a mail can end at a heading."""

    sections: tuple[Section, ...]


def path(slug: str) -> str:
    """Where an article's letter is in the site."""
    return f"{FOLDER}/{slug}.json"


def dump(letter: Letter) -> bytes:
    """The letter as JSON, the same bytes for the same letter."""
    sections = [{"html": o.html, "links": o.links, "text": o.text} for o in letter.sections]
    return (jsontext.dumps({"sections": sections, "version": VERSION}) + "\n").encode()


def parse(content: bytes) -> Letter:
    """Bytes -> Letter; raises ValueError, KeyError or TypeError for anything else."""
    document = json.loads(content)
    if document["version"] != VERSION:
        raise ValueError("another version")
    return Letter(
        tuple(
            Section(str(one["html"]), str(one["text"]), tuple(map(str, one["links"])))
            for one in document["sections"]
        )
    )
