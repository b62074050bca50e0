"""Lines are as full as they can be, however quickly that is found out."""

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from press.folding import BREAK, NARROW, NO_BREAK_SPACE, columns, fold

WORDS = st.text("ab-.é“д漢", min_size=1, max_size=30)
TEXTS = st.lists(WORDS | st.just("https://example.org/a-long-one"), max_size=30)


@given(TEXTS, st.integers(8, 40))
@example(["a" * 8, "b", "c" * 6, "d" * 9, "é" * 8], 8)
def test_nothing_is_lost_and_no_line_too_long(words: list[str], width: int) -> None:
    lines = fold("  ".join(words), width)
    assert "".join("".join(lines).split()) == "".join(words)
    for line in lines:
        assert columns(line) <= width or ("://" in line and " " not in line)


@given(st.lists(st.text("abé–д", min_size=1, max_size=8), max_size=30), st.integers(8, 40))
def test_words_of_narrow_letters_are_put_one_after_the_other(words: list[str], width: int) -> None:
    lines = [""]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > width and lines[-1]:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    assert fold(" \t".join(words), width) == lines


def test_a_break_begins_a_line_and_a_number_stays_with_its_word() -> None:
    assert fold(f"a{BREAK}{BREAK}b", 10) == ["a", "", "b"]
    assert fold(f"aaa bbb{NO_BREAK_SPACE}[1]", 9) == ["aaa", "bbb [1]"]


def test_a_script_without_spaces_fills_its_lines() -> None:
    assert fold("漢漢漢 漢漢漢漢", 8) == ["漢漢漢", "漢漢漢漢"]
    assert fold("xx 漢字漢字", 8) == ["xx 漢字", "漢字"]


def test_every_character_is_as_wide_among_narrow_ones_as_among_wide_ones() -> None:
    for code in range(0x11000):
        char = chr(code)
        assert columns(char) == columns(f"漢{char}") - 2, hex(code)
        if NARROW.fullmatch(char) and code >= 0x300:
            assert unicodedata.category(char) not in ("Mn", "Me", "Cf"), hex(code)
            assert unicodedata.east_asian_width(char) not in "WF", hex(code)
