"""Pictures of few colours as PNG, read back by another's decoder."""

import io
import zlib
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from press import png

PALETTE = bytes(range(12))
WIDTH = 5
LINES = st.lists(st.sampled_from([bytes(5), b"\1\1\0\0\0", bytes([3, 2, 1, 0, 3])]), min_size=1)


def written(lines: list[bytes]) -> bytes:
    before = bytes([png.NO_FILTER])
    bands = []
    for line, some in groupby(before + line for line in lines):
        count = len(list(some))
        bands += (
            [png.repeated(line, count)] if line == before + bytes(5) else [png.band(line * count)]
        )
    return png.indexed(bands, WIDTH, PALETTE)


@given(LINES)
def test_a_decoder_reads_what_was_written(lines: list[bytes]) -> None:
    with Image.open(io.BytesIO(written(lines))) as picture:
        assert (picture.format, picture.mode) == ("PNG", "P")
        assert picture.size == (WIDTH, len(lines))
        assert picture.tobytes() == b"".join(lines)
        assert bytes(picture.getpalette() or ())[: len(PALETTE)] == PALETTE


@given(LINES)
def test_its_checks_are_right(lines: list[bytes]) -> None:
    content, kinds = written(lines)[len(png.SIGNATURE) :], []
    while content:
        size = int.from_bytes(content[:4], "big")
        kinds.append(content[4:8])
        assert zlib.crc32(content[4 : 8 + size]) == int.from_bytes(content[8 + size :][:4], "big")
        if kinds[-1] == b"IDAT":
            assert len(zlib.decompress(content[8 : 8 + size])) == len(lines) * (1 + WIDTH)
        content = content[12 + size :]
    assert kinds == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]


def test_paper_takes_no_room() -> None:
    lines = [bytes(5)] * 3000
    assert len(written(lines)) < 200
    assert len(written([*lines, b"\1\0\0\0\0", *lines])) < 260
