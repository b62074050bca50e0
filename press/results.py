"""What is made of named inputs: files of the site, each with what other pages depend on in it."""

import marshal
from dataclasses import dataclass, field
from hashlib import sha256

from press.model import OutputFile
from press.packing import packed

Lead = tuple[str, str, str]
"""A link within the site: the address as it is written, the file that it leads to, and the id in
that; empty for none."""


@dataclass(frozen=True, slots=True)
class References:
    """What a page refers to, and what can be referred to in it."""

    leads: tuple[Lead, ...]
    """But for those to ids of its own that it has."""
    ids: frozenset[str]
    twice: tuple[str, ...]
    """The ids that two of its elements have."""


@packed
@dataclass(frozen=True, slots=True)
class Result:
    """A file of the site that was made, without its content."""

    path: str
    digest: str
    """SHA-256 of its content, in hexadecimal."""
    refers: bytes = field(default=b"", repr=False)
    """Its `references`, put together: most are never looked at again. Empty for what is no page."""
    compressed: bool = False
    """Whether it is another file's content in a smaller form, and gives way to any other."""
    text: str = ""
    """The name of a long text that is kept with it: of an article's page, its HTML for feeds; of a
    document of a feed, its `layout`."""

    @property
    def references(self) -> References | None:
        """None for what is no page."""
        if not self.refers:
            return None
        leads, ids, twice = marshal.loads(self.refers)  # noqa: S302  # we have put it together
        return References(leads, frozenset(ids), twice)


def of(
    output: OutputFile, references: References | None = None, *, compressed: bool = False
) -> Result:
    refers = b""
    if references:
        plain = references.leads, tuple(references.ids), references.twice
        refers = marshal.dumps(plain)
    return Result(output.path, sha256(output.content).hexdigest(), refers, compressed)
