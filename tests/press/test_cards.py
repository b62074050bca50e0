"""Cards: what a page looks like where it is shared."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageColor, ImageDraw

from press import cards, drawing, typeface
from press.problems import Code
from press.root import OURS
from tests.conftest import Publication

BOLD, PLAIN = (OURS.joinpath("card", name).read_bytes() for name in cards.FONTS)
LONG = "A title that is longer than any card can show, whatever its author may think of it. " * 5
TITLES = [
    "Traits",
    "Iterators & <generics> ]]> \"q\" 😀",
    "Ελληνικά, Кириллица, Žluťoučký kůň",
    LONG,
    "x" * 5000,
    "",
]  # fmt: skip


def draw(title: str, series: str = "A Series", author: str = "An Author") -> bytes:
    return drawing.draw(series, title, "007", author, BOLD, PLAIN)


def image(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def edges(content: bytes) -> tuple[int, int, int, int]:
    """The box around all that is drawn right of the bar."""
    found = image(content).crop((16, 0, 1200, 630)).convert("L").point([255] * 240 + [0] * 16)
    box = found.getbbox()
    assert box
    return box[0] + 16, box[1], box[2] + 16, box[3]


@pytest.mark.parametrize("title", TITLES)
def test_a_card_has_the_size_that_is_asked_for_and_keeps_its_margins(title: str) -> None:
    content = draw(title, series=LONG, author=LONG)
    assert image(content).size == (1200, 630)
    left, top, right, bottom = edges(content)
    assert (left, right) >= (90, 0)
    assert (top >= 70, right <= 1110, bottom <= 570) == (True, True, True)
    assert len(content) < 60_000


def test_a_letter_stands_where_the_font_has_it_and_fades_into_the_paper() -> None:
    layer = Image.new("L", (1200, 630))
    font = typeface.typeface(PLAIN).at(typeface.SMALL).font
    at = (drawing.LEFT, drawing.TOP + typeface.SMALL)
    ImageDraw.Draw(layer).text(at, "Åkers gym, q", 255, font, anchor="ls")
    drawn, layer = (
        one.crop((16, 0, 1200, 300)) for one in (image(draw("", series="Åkers gym, q")), layer)
    )
    paper, ink = (ImageColor.getrgb(one) for one in (drawing.PAPER, drawing.QUIET))
    for covered, colour in zip(layer.tobytes(), pixels(drawn), strict=True):
        share = round(covered / 255 * drawing.LEVELS) / drawing.LEVELS
        blended = (round(p + (i - p) * share) for p, i in zip(paper, ink, strict=True))
        assert colour == tuple(blended)


def pixels(picture: Image.Image) -> list[tuple[int, ...]]:
    values = picture.tobytes()
    return [tuple(values[at : at + 3]) for at in range(0, len(values), 3)]


def test_lines_that_reach_into_one_another_are_both_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "LEADING", 0.3)
    title = "A title that takes more than a line of it"
    together = image(draw(title, series="", author=""))
    monkeypatch.setattr(drawing, "LEADING", 1.18)
    apart = image(draw(title, series="", author=""))
    dark = [sum(one[0] < 0x60 for one in pixels(picture)) for picture in (together, apart)]
    assert dark[0] > 0.7 * dark[1]


@given(st.text("AVTWy. fi-“”Žgj1", max_size=40), st.sampled_from([34, 44, 88]))
def test_a_text_is_as_wide_as_the_font_says(text: str, size: int) -> None:
    sized = typeface.typeface(BOLD).at(size)
    assert sized.width(text) == sized.font.getlength(text)


def test_a_picture_by_a_font_whose_letters_leave_the_card_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drawing, "LEFT", -20)
    monkeypatch.setattr(drawing, "TOP", -40)
    assert image(draw("Traits")).size == (1200, 630)


def test_the_same_words_make_the_same_bytes() -> None:
    assert draw("Traits") == draw("Traits")
    assert draw("Traits") != draw("Trait")


def test_a_short_title_is_larger_than_a_long_one() -> None:
    def height(title: str) -> int:
        _left, top, _right, bottom = edges(drawing.draw("", title, "", "", BOLD, PLAIN))
        return bottom - top

    assert height("Trait") > 60
    assert height(LONG) < 300


@pytest.mark.parametrize(
    "title",
    ["中文", "Rust 中文", "السلام", "שלום", "हिन्दी", "ภาษาไทย", "한국어", "\U0001d400", "q\u0308"],
)
def test_a_title_that_the_font_has_no_letters_for_is_left_out(title: str) -> None:
    assert draw(title) == draw("")


@pytest.mark.parametrize("title", ["q\u0308", "हिन्दी", "ภาษาไทยที่", "السلام", "שלום"])
def test_no_font_helps_where_letters_are_stacked_or_run_the_other_way(
    title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typeface.Typeface, "has", lambda *_: True)
    assert typeface.typeface(BOLD).drawable(title) == ""
    assert typeface.typeface(BOLD).drawable("中文") == "中文"


@pytest.mark.parametrize(
    ("title", "same"),
    [
        ("Rust 😀 & Python ❤️", "Rust & Python"),
        ("👩‍💻 Rust", "Rust"),
        ("Rust\u200b", "Rust"),
        ("Python → Rust", "Python -> Rust"),
        ("e\u0301te\u0301", "été"),
        ("  Rust \n and  Python ", "Rust and Python"),
    ],
)
def test_a_picture_is_left_out_of_a_title_or_spelt(title: str, same: str) -> None:
    assert draw(title) == draw(same)


@pytest.mark.parametrize("letter", "AzñßĐžőΩάЖяёẞạ0“”–—…€№’")
def test_our_fonts_have(letter: str) -> None:
    assert all(typeface.typeface(font).has(letter) for font in (BOLD, PLAIN))


def test_each_page_names_a_card_that_is_there(publication: Publication) -> None:
    publication.article("000-a", tags="[x]")
    outputs = {one.path: one.content for one in publication.make().outputs}
    for page, card in {"a.html": "a", "index.html": "index", "tags/x.html": "index"}.items():
        address = f"https://example.org/series/cards/{card}.png"
        assert f'<meta property="og:image" content="{address}">' in outputs[page].decode()
        assert image(outputs[f"cards/{card}.png"]).size == (1200, 630)


def test_a_card_is_drawn_again_only_when_its_words_change(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication.article("000-a", "Text.\n")
    publication.article("001-a-b")
    publication.build()
    drawn: list[str] = []
    draw = drawing.draw
    monkeypatch.setattr(
        drawing,
        "draw",
        lambda *words: drawn.append(words[1]) or draw(*words),  # type: ignore[func-returns-value]
    )
    publication.article("000-a", "Another text.\n")
    publication.build()
    assert not drawn
    publication.article("000-a", title="Another")
    publication.build()
    assert drawn == ["Another"]
    (publication.root / "site/cards/a.png").unlink()
    publication.build()
    assert drawn == ["Another", "Another"]


@pytest.mark.parametrize("name", cards.FONTS)
def test_a_publication_can_bring_its_font(publication: Publication, name: str) -> None:
    publication.article("000-a")
    ours = {one.path: one.content for one in publication.make().outputs}["cards/a.png"]
    other = OURS / "card" / next(one for one in cards.FONTS if one != name)
    publication.write(f"templates/card/{name}", other.read_bytes())
    assert {one.path: one.content for one in publication.make().outputs}["cards/a.png"] != ours


@pytest.mark.parametrize("content", [b"", b"no font", BOLD[:2000]])
def test_a_font_that_is_none_is_a_problem(publication: Publication, content: bytes) -> None:
    publication.article("000-a")
    publication.write("templates/card/text.ttf", content)
    problem = publication.problem()
    assert (problem.path, problem.code) == ("templates/card/text.ttf", Code.TEMPLATE_FAILED)


def test_a_font_that_can_not_be_read_is_a_problem(publication: Publication) -> None:
    (publication.root / "templates/card/title.ttf").mkdir(parents=True)
    assert publication.problem().path == "templates/card/title.ttf"


def test_the_fonts_come_with_their_licence() -> None:
    text = (OURS / "card/OFL.txt").read_text()
    assert text.startswith("Copyright 2015 Google LLC")
    assert "SIL OPEN FONT LICENSE" in text
