"""Images have their size, smaller ones beside them, and can't hurt the build."""

import re
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from press import images, scaling
from press.images import Picture
from press.problems import Code
from tests.conftest import PIXEL, Publication

LOADED = {
    "<img src=a>": "a",
    "<IMG SRC=a srcset='b 2x'>": "ab",
    "<source srcset=a>": "a",
    "<video src=a poster=b></video>": "ab",
    "<audio src=a></audio>": "a",
    "<track src=a>": "a",
    "<svg><image href=a /><feImage href=b /><use xlink:href=c /></svg>": "abc",
    '<a href="<img src=a>">b</a> <!-- <img src=c> --> <imgs src=d>': "",
}


@pytest.mark.parametrize("html", LOADED)
def test_all_that_a_browser_loads_by_itself_is_known(html: str) -> None:
    assert list(images.embedded(html)) == list(LOADED[html])


def test_an_image_and_what_may_stand_instead_are_known() -> None:
    html = "<source srcset='a 2x, b'><p><IMG src=c><img alt=''></p><a title='<img src=d>'>"
    assert (list(images.instead(html)), list(images.sources(html))) == (["a"], ["c", ""])
    assert list(images.instead("<SOURCE srcset=a>")) == ["a"]


def noise(
    width: int, height: int, kind: str = "PNG", mode: str = "RGB", **options: object
) -> bytes:
    """An image that gets smaller when it is made smaller."""
    made = Image.effect_noise((width, height), 64).convert(mode)
    out = BytesIO()
    made.save(out, kind, **options)
    return out.getvalue()


def image(publication: Publication, name: str, content: bytes, body: str = "") -> str:
    publication.write(f"content/000-a/{name}", content)
    publication.article("000-a/index", body or f"![What it shows]({name})\n")
    tags: list[str] = re.findall(r"<img[^>]*>", publication.page("a.html"))
    return tags[0]


@pytest.mark.parametrize(
    "said",
    ['width="9{}" height="5"', 'viewBox="0 0 9{} 5"', 'width="0.2" height="5"'],
)
def test_a_drawing_may_say_any_size(publication: Publication, said: str) -> None:
    content = f'<svg xmlns="http://www.w3.org/2000/svg" {said.format("9" * 5000)}/>'
    assert "width" not in image(publication, "d.svg", content.encode())


def test_an_image_has_its_size_so_that_nothing_moves(publication: Publication) -> None:
    assert image(publication, "p.png", PIXEL) == (
        '<img width="1" height="1" alt="What it shows" src="a/p.png">'
    )


@pytest.mark.parametrize(("suffix", "kind"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")])
def test_a_big_image_has_smaller_ones_beside_it(
    publication: Publication, suffix: str, kind: str
) -> None:
    tag = image(publication, f"my p.{suffix}", noise(1000, 500, kind), f"![x](<my p.{suffix}>)\n")
    assert f'srcset="a/my%20p-480w.{suffix} 480w, a/my%20p-800w.{suffix} 800w, ' in tag
    assert f'a/my%20p.{suffix} 1000w" sizes="' in tag
    publication.build()
    for width in (480, 800):
        with Image.open(publication.root / f"site/a/my p-{width}w.{suffix}") as made:
            assert (made.size, made.format) == ((width, width // 2), kind)


def test_an_image_that_is_small_already_stays_alone(publication: Publication) -> None:
    few_colours = BytesIO()
    Image.effect_noise((600, 300), 64).quantize(4).save(few_colours, "PNG")
    # A smaller one would have more colours, and more bytes.
    assert "srcset" not in image(publication, "p.png", few_colours.getvalue())


def test_one_that_moves_is_left_alone(publication: Publication) -> None:
    out = BytesIO()
    frames = [Image.effect_noise((900, 10), n) for n in (10, 90)]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    tag = image(publication, "p.webp", out.getvalue())
    assert 'width="900"' in tag
    assert "srcset" not in tag


def test_one_taken_on_its_side_is_as_it_is_shown(publication: Publication) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn it to the right
    tag = image(publication, "p.jpg", noise(2000, 1000, "JPEG", exif=exif))
    assert 'width="1000" height="2000"' in tag
    publication.build()
    with Image.open(publication.root / "site/a/p-480w.jpg") as made:
        assert made.size == (480, 960)
        assert not made.getexif()


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
def test_any_kind_of_pixel_will_do(tmp_path: Path, mode: str) -> None:
    content = noise(600, 300, mode="L") if mode == "LA" else b""
    out = BytesIO()
    Image.effect_noise((600, 300), 64).convert(mode.replace(";16", "")).convert(mode).save(
        out, "PNG"
    )
    known = scaling.picture("p.png", content or out.getvalue(), tmp_path)
    assert known
    assert known.width == 600


def test_the_first_loads_at_once_and_the_others_when_they_are_near(
    publication: Publication,
) -> None:
    publication.write("content/000-a/p.png", PIXEL)
    publication.article("000-a/index", "![a](p.png)\n\n![b](p.png)\n\n<img src='p.png' alt='c'>\n")
    first, *others = re.findall(r"<img[^>]*>", publication.page("a.html"))
    assert "lazy" not in first
    assert len(others) == 2
    assert all('loading="lazy" decoding="async"' in one for one in others)


def test_what_an_author_says_of_an_image_stays() -> None:
    tag = '<img src="a.png" width=5 loading="eager" srcset="b.png 2x" alt="">'
    known = Picture(10, 20, {480: b""})
    assert images.described(tag, lambda _: known) == tag
    second = images.described(tag + tag, lambda _: known)[len(tag) :]
    assert second == tag.replace("<img", '<img decoding="async"')


def test_feeds_have_the_image_alone(publication: Publication) -> None:
    image(publication, "p.png", noise(1000, 500))
    feed = publication.make().published[0].feed_html
    assert feed == ('<p><img alt="What it shows" src="https://example.org/series/a/p.png"></p>')


def test_nothing_is_made_twice_and_all_is_made_again(publication: Publication) -> None:
    image(publication, "p.png", noise(1000, 500))
    first = {one.path: one.content for one in publication.make().outputs}
    kept = sorted((publication.root / ".cache/images").iterdir())
    assert len(kept) == 3
    times = [one.stat().st_mtime_ns for one in kept]
    assert {one.path: one.content for one in publication.make().outputs} == first
    assert [one.stat().st_mtime_ns for one in kept] == times
    for one in kept:
        one.write_bytes(b"{}")
        assert {file.path: file.content for file in publication.make().outputs} == first


@pytest.mark.parametrize(
    ("drawing", "size"),
    [
        ('<svg width="40" height="20px">', (40, 20)),
        ('<?xml version="1.0"?><!-- a --><svg\n viewBox="0 0 40.4 20">', (40, 20)),
        ('<svg width="100%" viewBox="0,0,40,20">', (40, 20)),
        ('<svg width="4em" height="2em">', None),
        ('<svg viewBox="0 0 0 0">', None),
        ("<html>", None),
        ("\x00", None),
    ],
)
def test_a_drawing_says_its_size_itself(drawing: str, size: tuple[int, int] | None) -> None:
    assert images.size_of_svg(drawing.encode()) == size


def bomb(width: int, height: int) -> bytes:
    """A file of a few bytes that says it has very many pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [header, b"IDAT" + zlib.compress(b"\0" * 1000), b"IEND"]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks
    )


BROKEN = {
    "no image": (b"<html>", "it is no image"),
    "nothing": (b"", "it is no image"),
    "cut off": (noise(300, 300)[:5000], "it is damaged"),
    "cut off, of another kind": (noise(300, 300, "JPEG")[:5000], "it is damaged"),
    "too many pixels": (bomb(10_000, 6_000), "more than 50,000,000 pixels"),
    "far too many pixels": (bomb(100_000, 100_000), "more than 50,000,000 pixels"),
    "very much too many pixels": (bomb(2**31 - 1, 2**31 - 1), "more than 50,000,000 pixels"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_an_image_that_can_not_be_shown_is_a_problem(publication: Publication, what: str) -> None:
    content, said = BROKEN[what]
    publication.write("content/000-a/p.png", content)
    publication.article("000-a/index", "Text.\n\n![x](p.png)\n")
    problem = publication.problem()
    assert (problem.code, problem.line) == (Code.BAD_IMAGE, 9)
    assert said in problem.message


def test_a_file_that_nothing_shows_may_be_anything(publication: Publication) -> None:
    publication.write("content/000-a/p.png", b"x")
    publication.article("000-a/index", "[data](p.png)\n")
    assert not publication.problems()


CAPTIONS = {
    '![a](p.png "A *caption*")\n': '<figure class="image"><img {} alt="a" src="a/p.png">'
    "<figcaption>A *caption*</figcaption></figure>",
    '[![a](p.png "C")](/index.html)\n': '<figure class="image"><a href="index.html">'
    '<img {} alt="a" src="a/p.png"></a><figcaption>C</figcaption></figure>',
    '![a](p.png "C")\n{: .wide }\n': '<figure class="image wide"><img {} alt="a" src="a/p.png">'
    "<figcaption>C</figcaption></figure>",
    'Text ![a](p.png "C")\n': '<p>Text <img {} alt="a" src="a/p.png" title="C"></p>',
    '![a](p.png "C") text\n': '<p><img {} alt="a" src="a/p.png" title="C"> text</p>',
    "![a](p.png)\n": '<p><img {} alt="a" src="a/p.png"></p>',
}


@pytest.mark.parametrize("body", CAPTIONS)
def test_an_image_with_a_title_is_a_figure_with_a_caption(
    publication: Publication, body: str
) -> None:
    image(publication, "p.png", PIXEL, body)
    assert CAPTIONS[body].format('width="1" height="1"') in publication.page("a.html")


ELSEWHERE = [
    "![x](https://example.org/p.png)", "![x](//example.org/p.png)", "![x](HTTP://example.org/p.png)",
    '<img alt="" src="/assets/content.css" srcset="https://example.org/p.png 2x">',
    "<video poster='https://example.org/p.png'></video>",
    "<svg><image xlink:href='https://example.org/p.png'/></svg>",
]  # fmt: skip


@pytest.mark.parametrize("text", ELSEWHERE)
def test_an_image_of_another_host_is_a_problem(publication: Publication, text: str) -> None:
    publication.article("000-a", f"[a link](https://example.org/p.html)\n\n{text}\n")
    problem = publication.problem()
    assert (problem.code, problem.line) == (Code.BAD_IMAGE, 9)


def test_such_an_image_is_a_problem_however_its_address_is_written(
    publication: Publication,
) -> None:
    publication.article("000-a", '<img alt="" src="https://example.org/?a=1&amp;b=2">\n')
    assert publication.problem().code is Code.BAD_IMAGE


def test_what_a_picture_may_show_instead_has_its_own_size(publication: Publication) -> None:
    publication.write("content/000-a/wide.png", noise(1000, 100))
    publication.write("content/000-a/w.mp4", b"")
    body = (
        '<picture><source srcset="wide.png 2x, p.png" media="(width > 60rem)">'
        '<source srcset="p.png" width="7" height="7"><img src="p.png" alt=""></picture>\n\n'
        '<video controls><source src="w.mp4"></video>\n'
    )
    assert image(publication, "p.png", PIXEL, body).startswith('<img width="1" height="1" ')
    page = publication.page("a.html")
    assert '<source width="1000" height="100" srcset="a/wide.png 2x, a/p.png"' in page
    assert '<source srcset="a/p.png" width="7" height="7">' in page
    assert '<source src="a/w.mp4">' in page
    # The author chose what stands instead: nothing is made that no page names.
    assert not [o.path for o in publication.make().outputs if "wide-" in o.path]


def test_what_is_kept_of_images_that_went_goes_in_time(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scaling, "SPARE", 2)
    folder = publication.root / ".cache/images"
    image(publication, "p.png", noise(600, 300))
    publication.build()
    before = {path.name for path in folder.iterdir()}
    assert len(before) == 2
    for height in range(301, 312):  # an image that is made better again and again
        image(publication, "p.png", noise(600, height))
        publication.build()
    after = {path.name for path in folder.iterdir()}
    assert not before & after
    assert len(after) == 2 + 3 * 2 + 2
    now = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    publication.build()
    assert now == {path: path.stat().st_mtime_ns for path in folder.iterdir()}
