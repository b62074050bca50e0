"""What is made of named inputs: files of the site, each with what other pages depend on in it."""

from dataclasses import dataclass
from hashlib import sha256

from press import elements
from press.model import OutputFile


@dataclass(frozen=True, slots=True)
class Result:
    """A file of the site that was made, without its content."""

    path: str
    digest: str
    """SHA-256 of its content, in hexadecimal."""
    links: tuple[str, ...] = ()
    """The addresses that a page links to, once each."""
    ids: tuple[str, ...] | None = None
    """Those of a page's elements; None for what is no page."""
    compressed: bool = False
    """Whether it is another file's content in a smaller form, and gives way to any other."""


def of(output: OutputFile, *, page: bool = False, compressed: bool = False) -> Result:
    """What there is to know of a file; of a `page`, its references too."""
    digest = sha256(output.content).hexdigest()
    links, ids = elements.references(output.content.decode()) if page else ((), None)
    return Result(output.path, digest, links, ids, compressed)
