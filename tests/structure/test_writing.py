"""What the guide to writing shows can be written: its Markdown makes an article without a problem.

A comment `with NAME` before a block says which image lies beside its article.
"""

import re

import pytest

from tests.conftest import PIXEL, Publication
from tests.structure.test_docs import tokens

DOCUMENT = "docs/writing.md"
SHOWN = {
    "beside": '<div class="pair">',
    "mark=": "<mark>",
    "del=": "<del>",
    "[x]": '<li class="task">',
    "|:--": '<td class="left">',
    "{#named}": '<h2 id="named">',
    "!!! warning": '<div class="admonition warning">',
    ":   Its": "<dd>",
    "[^1]:": '<div class="footnote">',
    "```math": '<div class="formula"',
    "$`O": "<math alttext",
    "plot.png": "<figcaption>Requests",
}
"""What a block has -> what its page has for it."""


def blocks() -> list[tuple[str, str]]:
    """Each block of Markdown in four backquotes, with the image that it needs."""
    parsed = tokens(DOCUMENT)
    found = []
    for index, token in enumerate(parsed):
        if token.type == "fence" and token.markup == "````":
            needs = re.fullmatch(r"<!-- with (\S+) -->\n*", parsed[index - 1].content)
            found.append((token.content, needs[1] if needs else ""))
    return found


@pytest.mark.parametrize(("text", "needs"), blocks())
def test_it_can_be_written(publication: Publication, text: str, needs: str) -> None:
    if needs:
        publication.write(f"content/000-a/{needs}", PIXEL)
    publication.article("000-a/index", text)
    page = publication.page("a.html")
    assert all(shown in page for word, shown in SHOWN.items() if word in text)


def test_all_that_is_listed_is_shown() -> None:
    texts = "".join(text for text, _ in blocks())
    assert not [word for word in SHOWN if word not in texts]
