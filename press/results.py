"""What is made of named inputs: files of the site, each with what other pages depend on in it."""

import json
from hashlib import sha256

from msgspec import Struct
from msgspec.json import Decoder

from press.model import OutputFile

Lead = tuple[str, str, str]
"""A link within the site: the address as it is written, the file that it leads to, and the id in
that; empty for none."""


class References(Struct, frozen=True):
    """What a page refers to, and what can be referred to in it."""

    leads: tuple[Lead, ...]
    """But for those to ids of its own that it has."""
    ids: frozenset[str]
    twice: tuple[str, ...]
    """The ids that two of its elements have."""


class Result(Struct, frozen=True, array_like=True, gc=False):
    """A file of the site that was made, without its content."""

    path: str
    digest: str
    """SHA-256 of its content, in hexadecimal."""
    refers: str = ""
    """The name of the text of its references; empty for what is no page."""
    compressed: bool = False
    """Whether it is another file's content in a smaller form, and gives way to any other."""
    text: str = ""
    """The name of another text that is kept with it: of an article's page, its HTML for feeds; of
    a document of a feed, its `layout`."""


KIND = Decoder(tuple[Result, ...])
"""Of the record of what was made together."""


def of(output: OutputFile, refers: str = "", *, compressed: bool = False) -> Result:
    return Result(output.path, sha256(output.content).hexdigest(), refers, compressed)


def told(references: References) -> str:
    """The text of references: it is long, and few are ever looked at again."""
    return json.dumps((references.leads, sorted(references.ids), references.twice))


def read(text: str) -> References:
    leads, ids, twice = json.loads(text)
    return References(tuple(map(tuple, leads)), frozenset(ids), tuple(twice))
