"""HTML of tokens: as Pygments' formatter has it, byte for byte."""

from io import StringIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pygments.formatters import HtmlFormatter
from pygments.token import Comment, Keyword, Name, String, Text, Token

from press import colouring
from press.lexing.kinds import kind_of

TYPES = [
    Token, Text, Text.Whitespace, Name, Keyword, Keyword.Other.Still, Comment.Single, String,
    String.Of.Ours, Token.Unknown, Token.Unknown.More, Token.Error,
]  # fmt: skip
TEXTS = st.text("ab é\n\n<>&\"'\t\r\v\u2028", max_size=5)
TOKENS = st.lists(st.tuples(st.sampled_from(TYPES), TEXTS))


def by_pygments(tokens: list[tuple[Any, str]]) -> str:
    out = StringIO()
    HtmlFormatter(nowrap=True).format(iter(tokens), out)
    return out.getvalue()


def by_us(tokens: list[tuple[Any, str]]) -> str:
    return colouring.html([(0, kind_of(token), text) for token, text in tokens])


@given(TOKENS)
def test_any_tokens(tokens: list[tuple[Any, str]]) -> None:
    """What is formatted ends in a newline, as each lexer sees to."""
    tokens = [*tokens, (Text, "\n")]
    assert by_us(tokens) == by_pygments(tokens)


def test_neighbours_of_one_class_share_an_element_but_not_over_a_line() -> None:
    tokens = [
        (Name, "a"),
        (Name, ""),
        (Name, "b"),
        (Name, "\nc"),
        (Name.Nothing, "d"),
        (Text, "\n"),
    ]
    assert by_us(tokens) == by_pygments(tokens)
    assert by_us(tokens[:3]) == '<span class="n">ab</span>'


def test_texts_that_are_kept_are_given_up_at_a_point() -> None:
    for number in range(2 * colouring.KEPT):
        assert by_us([(Name, f"<{number}")]) == f'<span class="n">&lt;{number}</span>'
    assert len(colouring.BY_KIND[kind_of(Name)]) <= colouring.KEPT
