"""What the hints of examples that failed say."""

import tempfile
from pathlib import Path

import pytest

from press import prove, source
from press.languages import languages
from press.model import Workshop
from press.source import ContentFile
from tests.press.test_prove import FRONT, SETTINGS, problem

BIND, OTHER = "```python{}\nx = 1\n```\n", "```python{}\ny = 2\n```\n"  # three lines each
ASK = "```python{}\nprint(x)\n```\n"
BOTH = (
    "`x` is bound by the example at line 7, which this one does not go on from: "
    "give both `group=NAME`, at line 7 and line {}"
)
OF_ANOTHER = (
    "`x` is bound by the example at line 7, which is of another group: "
    "give both the same, at line 7 and line 13"
)


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (
            BIND.format("") + ASK.format(""),
            "`x` is bound by the example at line 7: add `continue` to go on from it",
        ),
        (
            BIND.format("") + OTHER.format(" continue") + ASK.format(""),
            "`x` is bound by the example at line 7: add `continue` to go on from it",
        ),
        (BIND.format("") + OTHER.format("") + ASK.format(""), BOTH.format(13)),
        (BIND.format("") + OTHER.format("") + ASK.format(" continue"), BOTH.format(13)),
        (
            BIND.format("") + OTHER.format(" skip=later") + ASK.format(""),
            "`x` is bound by the example at line 7: add `continue` to go on from it",
        ),
        (
            BIND.format(" group=a") + OTHER.format("") + ASK.format(""),
            "`x` is bound by the example at line 7: add `group=a` to go on from it",
        ),
        (
            BIND.format(" group=a") + OTHER.format("") + ASK.format(" continue"),
            "`x` is bound by the example at line 7: add `group=a` to go on from it",
        ),
        (
            BIND.format("") + OTHER.format("") + ASK.format(" group=b"),
            "`x` is bound by the example at line 7: add `group=b` to that as well",
        ),
        (
            BIND.format(" group=a") + OTHER.format("") + ASK.format(" group=b"),
            OF_ANOTHER,
        ),
        (BIND.format(" skip=later") + OTHER.format("") + ASK.format(""), ""),
        ("```python\nx = 1\ndel x\n```\n" + ASK.format(" continue"), ""),
        (
            BIND.format("") + OTHER.format("") + BIND.format("") + ASK.format(""),
            "`x` is bound by the example at line 13: add `continue` to go on from it",
        ),
    ],
)  # fmt: skip
def test_a_hint_says_how_to_go_on_from_what_binds_a_name(body: str, hint: str) -> None:
    assert problem(body).hint == hint


def test_a_hint_says_to_take_out_what_is_in_the_way() -> None:
    front = FRONT.replace("---\n\n", "python: {continue: true}\n---\n\n")
    text = front + BIND.format("") + ASK.format(" fresh")
    file = ContentFile("content/000-a.md", text.encode(), {})
    article, _ = source.parse(file, SETTINGS, languages())
    assert article
    with tempfile.TemporaryDirectory() as cache:
        [found] = prove.problems(prove.prove(article.examples, Workshop(Path(cache))))
    assert found.hint == (
        "`x` is bound by the example at line 8: put `continue` in place of `fresh` to go on from it"
    )
