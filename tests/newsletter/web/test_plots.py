"""Plots: what they say to who sees them and to who does not, and that they need no style."""

import re
from xml.etree import ElementTree as Xml

from hypothesis import given
from hypothesis import strategies as st

from newsletter.web import plots

SVG = "{http://www.w3.org/2000/svg}"
PARTS = {"accepted": "accepted", "bounced": "bounced", "unknown": "unknown"}


def read(picture: str) -> Xml.Element:
    """As a browser that is strict about it."""
    return Xml.fromstring(picture)


def test_a_line_goes_from_the_first_day_to_the_last() -> None:
    made = read(plots.line("Readers", "Many.", [("2026-01-01", 0), ("2026-01-11", 10)]))
    path = made.findall(f"{SVG}path")[1].get("d")
    assert path == "M4.0 196.0 H636.0 V22.0 H636"
    texts = [one.text for one in made.iter(f"{SVG}text")]
    assert texts == ["10", "2026-01-01", "2026-01-11"]


def test_what_there_is_little_of_can_be_seen() -> None:
    made = read(plots.bars("All", "So.", PARTS, [("A", {"accepted": 10_000, "bounced": 1})]))
    first, second, *legend = made.findall(f"{SVG}rect")
    assert float(first.get("width", "")) > 600
    assert float(second.get("width", "")) == 3
    assert len(legend) == 3
    ends = float(second.get("x", "")) + 3
    assert ends <= plots.WIDTH


def test_nothing_is_drawn_of_nothing() -> None:
    assert plots.line("A", "B", []) == plots.bars("A", "B", PARTS, []) == ""


counts = st.dictionaries(st.sampled_from(sorted(PARTS)), st.integers(0, 10**9))


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")),
    st.lists(st.tuples(st.dates(), st.integers(-5, 10**9)), max_size=5),
    counts,
)
def test_whatever_is_drawn_stands_in_a_page_with_a_name_and_without_style(
    word: str, days: list[tuple[object, int]], of: dict[str, int]
) -> None:
    points = sorted((str(day), value) for day, value in days)
    for picture in (plots.line(word, word, points), plots.bars(word, word, PARTS, [(word, of)])):
        if not picture:
            continue
        made = read(picture)
        assert made.get("role") == "img"
        named = [made.find(f"{SVG}title"), made.find(f"{SVG}desc")]
        assert [one.text or "" for one in named if one is not None] == [word, word]
        assert (made.get("aria-labelledby") or "").split() == [
            one.get("id") for one in named if one is not None
        ]
        for one in made.iter():
            assert not {"style", "class", "onload", "href"} & set(one.attrib)
            assert one.tag.removeprefix(SVG) in ("svg", "title", "desc", "path", "rect", "text")
        drawn = "".join(one.get("d") or one.get("x") or "" for one in made.iter())
        assert not re.search("nan|inf", drawn)
