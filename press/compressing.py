"""Compressed forms of the texts of a site, for servers that look for a file's `.gz` or `.br`.

Brotli is written where its module is installed; it takes its time, so what it made is kept.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
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


def forms(outputs: Sequence[OutputFile], cache: Path) -> list[OutputFile]:
    """A `.gz`, and a `.br` if it can be made, of each text that becomes smaller by it."""
    texts = [one for one in outputs if _is_text(one)]
    made = [OutputFile(f"{one.path}.gz", _gzip(one.content)) for one in texts]
    if find_spec("brotli"):
        made += _brotli(texts, cache / "brotli")
    smaller = {one.path: len(one.content) for one in texts}
    taken = {one.path for one in outputs}
    return [
        one
        for one in made
        if one.path not in taken and len(one.content) < smaller[one.path.rpartition(".")[0]]
    ]


def _is_text(output: OutputFile) -> bool:
    return PurePosixPath(output.path).suffix in TEXTS and len(output.content) >= LEAST


def _gzip(content: bytes) -> bytes:
    """RFC 1952, without a name and a time: the gzip module writes its header otherwise from one
    Python to the next."""
    return zlib.compress(content, 9, wbits=zlib.MAX_WBITS | 16)


def _brotli(texts: Sequence[OutputFile], folder: Path) -> Iterator[OutputFile]:
    used = set()
    for one in texts:
        name = f"{sha256(one.content).hexdigest()}.br"
        used.add(name)
        content = kept.read(folder / name)
        if content is None:
            content = _compress()(one.content)
            kept.write(folder / name, content)
        yield OutputFile(f"{one.path}.br", content)
    kept.forget(folder, "*.br", used)


def _compress() -> Callable[[bytes], bytes]:
    import brotli

    return lambda content: bytes(brotli.compress(content, mode=brotli.MODE_TEXT))
