"""What a mail shows of an article: all that fits, cut at a heading, and only what was built."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from newsletter import letters
from newsletter.letters import Body, body, fitting
from press.letter import Letter, Section, dump
from press.problems import ProblemsFound
from tests.newsletter.conftest import entry

WHOLE = Letter(
    (
        Section("<p>1</p>", "one [1]", ("https://e.org/1",)),
        Section("<h2>2</h2>", "two"),
        Section("<h2>3</h2>", "three [2]", ("https://e.org/3",)),
    )
)
ARTICLE = entry(1, "second", letter="mail/second.json")


def built(folder: Path, content: bytes) -> Mapping[str, str]:
    """The hashes of a site with a letter in it."""
    (folder / "mail").mkdir()
    (folder / ARTICLE.letter).write_bytes(content)
    return {ARTICLE.letter: sha256(content).hexdigest()}


def test_a_letter_is_read_as_it_was_built(tmp_path: Path) -> None:
    assert letters.read(tmp_path, ARTICLE, built(tmp_path, dump(WHOLE))) == WHOLE


def test_an_article_may_have_none(tmp_path: Path) -> None:
    assert letters.read(tmp_path, entry(1, "second"), {}) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[" * 100_000, b'{"version": 1}'])
def test_what_is_no_letter_is_one_problem(tmp_path: Path, content: bytes) -> None:
    files = built(tmp_path, content)
    with pytest.raises(ProblemsFound, match=r"site.*/mail/second.json|second.json.*not-built"):
        letters.read(tmp_path, ARTICLE, files)


def test_a_letter_that_was_changed_or_has_gone_is_one_problem(tmp_path: Path) -> None:
    files = built(tmp_path, dump(WHOLE))
    (tmp_path / ARTICLE.letter).write_bytes(dump(Letter(())))
    with pytest.raises(ProblemsFound, match="not the text that was built"):
        letters.read(tmp_path, ARTICLE, files)
    (tmp_path / ARTICLE.letter).unlink()
    with pytest.raises(ProblemsFound, match="can't read"):
        letters.read(tmp_path, ARTICLE, files)


def test_both_parts_and_the_links_end_at_the_same_heading() -> None:
    assert body(WHOLE, 2) == Body(
        "<p>1</p>\n<h2>2</h2>", "one [1]\n\ntwo", ("https://e.org/1",), is_cut=True
    )
    assert body(WHOLE, 3) == Body(
        "<p>1</p>\n<h2>2</h2>\n<h2>3</h2>", "one [1]\n\ntwo\n\nthree [2]",
        ("https://e.org/1", "https://e.org/3"), is_cut=False,
    )  # fmt: skip
    assert body(WHOLE, 0) is None


@pytest.mark.parametrize("most", range(6))
@pytest.mark.parametrize("count", range(1, 6))
def test_as_much_is_shown_as_fits(count: int, most: int) -> None:
    whole = Letter(tuple(Section("x", str(n)) for n in range(count)))

    def fits(shown: Body | None) -> bool:
        return (shown.html.count("x") if shown else 0) <= most

    found = fitting(whole, fits)
    assert (found.html.count("x") if found else 0) == min(count, most)
    assert found is None or found.is_cut is (count > most)
