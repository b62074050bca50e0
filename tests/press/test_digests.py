"""Equal values have one name, and others another, however they are named."""

from enum import StrEnum

from hypothesis import given
from hypothesis import strategies as st

from press import digests

TEXTS = st.text(alphabet=st.characters(), max_size=3)
VALUES = st.one_of(TEXTS, st.integers(), st.none(), st.tuples(TEXTS, TEXTS))


class Word(StrEnum):
    A = "a"


@given(one=st.lists(VALUES, max_size=3), other=st.lists(VALUES, max_size=3))
def test_a_name_is_that_of_one_value(one: list[object], other: list[object]) -> None:
    assert (digests.of(*one) == digests.of(*other)) is (one == other)
    assert digests.of(*one) == digests.of(*list(one))


def test_where_a_text_ends_counts() -> None:
    assert (
        len({digests.of(*"ab"), digests.of("ab"), digests.of("a', 'b"), digests.of("", "ab")}) == 4
    )


def test_what_is_no_text_is_named() -> None:
    assert digests.of("\ud800") != digests.of("\\ud800")
    assert digests.of(Word.A) == digests.of(Word("a"))
