"""A picture of few colours -> PNG (w3.org/TR/png-3), made of bands: some of its lines each.

A band that many pictures have is compressed once for all of them; so a card costs a fraction of
what an encoder takes that looks at each of its lines.
"""

import zlib
from collections.abc import Iterable
from functools import lru_cache
from struct import pack

from msgspec import Struct

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PALETTE = 3
"""The colour type whose pixels are places in a list of colours."""
NO_FILTER = 0
ZLIB = b"\x78\x5e"
"""How a stream of RFC 1950 begins that was made quickly."""
LAST = b"\x03\x00"
"""The block that ends it, without content (RFC 1951, 3.2.6)."""
QUICK, THOROUGH = 3, 9
ADLER = 65521
"""The modulus of Adler-32 (RFC 1950, section 9)."""


class Band(Struct, frozen=True):
    """Lines of a picture, compressed."""

    data: bytes
    """Blocks of RFC 1951 that end at a whole byte, and refer to nothing before them."""
    check: int
    """Adler-32 of the lines."""
    size: int
    """Bytes of the lines."""


def band(lines: bytes, level: int = QUICK, strategy: int = zlib.Z_RLE) -> Band:
    """Each line is NO_FILTER, and for each pixel the place of its colour in the palette.

    Most of a card repeats the pixel before: to look for that alone (Z_RLE) is quickest.
    """
    stream = zlib.compressobj(
        level, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL + 1, strategy
    )
    data = stream.compress(lines) + stream.flush(zlib.Z_FULL_FLUSH)
    return Band(data, zlib.adler32(lines), len(lines))


@lru_cache(maxsize=1024)
def repeated(line: bytes, count: int) -> Band:
    """The same line, so many times."""
    return band(line * count, THOROUGH, zlib.Z_DEFAULT_STRATEGY)


def indexed(bands: Iterable[Band], width: int, palette: bytes) -> bytes:
    """A picture of bands, from the highest. `palette` has three bytes for each colour."""
    bands = list(bands)
    height = sum(one.size for one in bands) // (1 + width)
    header = pack(">IIBBBBB", width, height, 8, PALETTE, 0, 0, 0)
    check = pack(">I", _check(bands))
    data = ZLIB + b"".join(one.data for one in bands) + LAST + check
    chunks = [(b"IHDR", header), (b"PLTE", palette), (b"IDAT", data), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(kind))
    return pack(">I", len(content)) + kind + content + pack(">I", check)


def _check(bands: Iterable[Band]) -> int:
    """Adler-32 of all lines: two sums, each told from those of the bands."""
    total, weighted = 1, 0
    for one in bands:
        low, high = one.check & 0xFFFF, one.check >> 16
        weighted = (weighted + high + one.size * (total - 1)) % ADLER
        total = (total + low - 1) % ADLER
    return weighted << 16 | total
