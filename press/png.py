"""A picture of few colours -> PNG (w3.org/TR/png-3), made for pictures that are mostly paper.

Rows like the first are compressed once for all pictures; so a card costs a third of what an encoder
takes that looks at each of its rows.
"""

import zlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from struct import pack

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PALETTE = 3
"""The colour type whose pixels are places in a list of colours."""
NO_FILTER = 0
ZLIB = b"\x78\x5e"
"""How a stream of RFC 1950 begins that was made quickly."""
LAST = b"\x03\x00"
"""The block that ends it, without content (RFC 1951, 3.2.6)."""
QUICK, THOROUGH = 3, 9


def indexed(lines: bytes, width: int, palette: bytes) -> bytes:
    """Each line is NO_FILTER, and for each pixel the place of its colour in `palette`, which has
    three bytes for each."""
    height = len(lines) // (1 + width)
    header = pack(">IIBBBBB", width, height, 8, PALETTE, 0, 0, 0)
    data = _compressed(lines, 1 + width)
    chunks = [(b"IHDR", header), (b"PLTE", palette), (b"IDAT", data), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(kind))
    return pack(">I", len(content)) + kind + content + pack(">I", check)


def _compressed(lines: bytes, size: int) -> bytes:
    check = pack(">I", zlib.adler32(lines))
    return ZLIB + b"".join(_bands(lines, size)) + LAST + check


def _bands(lines: bytes, size: int) -> Iterator[bytes]:
    """Lines like the first, and what stands between them."""
    paper = lines[:size]
    starts = range(0, len(lines), size)
    for is_paper, band in groupby(starts, lambda at: lines.startswith(paper, at)):
        first, *more = band
        end = (more[-1] if more else first) + size
        if is_paper:
            yield _paper(paper, 1 + len(more))
        else:
            yield _deflated(lines[first:end], QUICK)


@lru_cache(maxsize=1024)
def _paper(line: bytes, count: int) -> bytes:
    return _deflated(line * count, THOROUGH)


def _deflated(content: bytes, level: int) -> bytes:
    """Blocks of RFC 1951 that end at a whole byte, and refer to nothing before them."""
    stream = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL + 1)
    return stream.compress(content) + stream.flush(zlib.Z_FULL_FLUSH)
