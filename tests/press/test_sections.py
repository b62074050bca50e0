"""The titles of sections go down one step at a time, and every step has words."""

import pytest

from press.problems import Code
from tests.conftest import Publication

WRONG = {
    "# A title\n": (7, 1, "front matter"),
    "Text.\n\nA title\n=====\n": (10, 1, "front matter"),
    "Text.\n\n### Too deep\n": (9, 1, "`##`"),
    "## A\n\n### B\n\n##### C\n\n##### D\n": (11, 1, "`####`"),
    "`# code`, and `<h1>`\n\n```text\n# code\n```\n\n> # Here\n": (13, 3, "front matter"),
    "- ### In a list\n": (7, 3, "`##`"),
    "## A\n\n##\n": (9, 1, "give it one"),
    "## A\n\n## ![](a.svg)\n": (9, 1, "give it one"),
    "## A\n\n<h4>B</h4>\n": (9, 1, "`###`"),
}


@pytest.mark.parametrize("body", WRONG)
def test_a_title_that_is_out_of_order_is_a_problem_at_its_place(
    publication: Publication, body: str
) -> None:
    publication.article("000-a", body)
    found = [one for one in publication.problems() if one.code is Code.BAD_SECTION]
    line, column, words = WRONG[body]
    assert [(one.line, one.column) for one in found] == [(line, column)]
    assert words in found[0].message + found[0].hint


@pytest.mark.parametrize("body", ["## A\n\n### B\n\n#### C\n\n## D\n", "## `code`\n", "Text.\n"])
def test_steps_down_by_one_and_up_by_any_are_well(publication: Publication, body: str) -> None:
    publication.article("000-a", body)
    assert not publication.problems()


def test_an_image_is_the_words_of_a_title_in_every_list_of_sections(
    publication: Publication,
) -> None:
    publication.write("content/000-a/a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    front = "---\ntitle: A\ndate: 2026-01-01\ndescription: About it.\n---\n"
    publication.write("content/000-a/index.md", f"{front}## ![Two & three](a.svg)\n")
    assert ">Two &amp; three</a>" in publication.page("search.html")
