"""Compressed forms of the texts of a site, for servers that look for a file's `.gz` or `.br`.

Brotli is written where its module is installed; it takes its time, so what it made is kept.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from press import kept
from press.model import OutputFile

LEAST = 1024
"""Bytes from which on it is worth a file of its own."""

TEXTS = frozenset(
    [".css", ".csv", ".html", ".js", ".json", ".md", ".mjs", ".opml", ".svg", ".txt", ".xml"]
)


def forms(output: OutputFile, cache: Path) -> Iterator[OutputFile]:
    """A `.gz`, and a `.br` if it can be made, of a text that becomes smaller by it."""
    if not _is_text(output):
        return
    for suffix, content in _forms(output.content, cache / "brotli"):
        if len(content) < len(output.content):
            yield OutputFile(f"{output.path}{suffix}", content)


def forget(digests: Iterable[str], cache: Path) -> None:
    """Remove what is kept of other texts than those with these SHA-256."""
    kept.forget(cache / "brotli", "*.br", {f"{digest}.br" for digest in digests})


def _forms(content: bytes, folder: Path) -> Iterator[tuple[str, bytes]]:
    yield ".gz", _gzip(content)
    if find_spec("brotli"):
        yield ".br", _brotli(content, folder)


def _is_text(output: OutputFile) -> bool:
    return PurePosixPath(output.path).suffix in TEXTS and len(output.content) >= LEAST


def _gzip(content: bytes) -> bytes:
    """RFC 1952, without a name and a time: the gzip module writes its header otherwise from one
    Python to the next."""
    return zlib.compress(content, 9, wbits=zlib.MAX_WBITS | 16)


def _brotli(content: bytes, folder: Path) -> bytes:
    path = folder / f"{sha256(content).hexdigest()}.br"
    found = kept.read(path)
    if found is None:
        found = _compress()(content)
        kept.write(path, found)
    return found


def _compress() -> Callable[[bytes], bytes]:
    import brotli

    return lambda content: bytes(brotli.compress(content, mode=brotli.MODE_TEXT))
