"""HTML blocks in lists and quotes are blocks, as they are at the margin."""

import pytest

from press.refused import find
from tests.conftest import Publication

BLOCKS = {
    "<details>\n<summary>More</summary>\n\nText.\n\n</details>": "<summary>More</summary>",
    "<p>raw</p>": "<p>raw</p>",
    "<ul><li>raw</li></ul>": "<ul><li>raw</li></ul>",
    "<table>\n<tr><td>*x*</td></tr>\n</table>": "<td><em>x</em></td>",
    "<div>\n\n- item\n\n</div>\n\nAfter.": "<p>After.</p>",
    "<hr>": "<hr>",
}


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("marks", [("- a\n\n", "    "), ("", "> "), ("> 1. a\n>\n", ">     ")])
def test_a_block_of_html_is_not_put_into_a_paragraph(
    publication: Publication, block: str, marks: tuple[str, str]
) -> None:
    before, indent = marks
    lines = "\n".join(f"{indent}{line}".rstrip() for line in block.split("\n"))
    publication.article("000-a", f"{before}{lines}\n\nText.\n")
    assert not publication.problems()
    page = publication.page("a.html")
    text = page[page.index('<div class="text">') : page.index('<footer class="closing"')]
    assert BLOCKS[block] in text
    assert not list(find(text))
    assert "<p></p>" not in text


def test_words_around_a_block_stay_a_paragraph(publication: Publication) -> None:
    publication.article("000-a", "- <b>a</b> and <i>b</i>\n\n    <kbd>c</kbd>\n")
    assert "<p><kbd>c</kbd></p>" in publication.page("a.html")
