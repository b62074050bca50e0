"""Fences beside one another, marked lines, and how both look on a page and in a feed."""

import re

import pytest
from msgspec.structs import replace

from press import config, figures, marks, plain, prove, source
from press.languages import languages
from press.model import Fence, Workshop
from press.problems import Code, SourceText
from press.source import ContentFile
from tests.conftest import SERIES, Publication

OUTPUT = "```output\n1\n```\n"
LEFT = f"```python\nprint(1)\n```\n\n{OUTPUT}"
RIGHT = "```text beside\nlet a;\n```\n"


def fence(code: str = "a\nb\nc\nd\n", language: str = "text", **options: str) -> Fence:
    names = {name.rstrip("_"): value for name, value in options.items()}
    return Fence(1, 1, 6, language, names, code, "")


def article(publication: Publication, body: str) -> str:
    publication.article("000-a", body)
    return publication.page("a.html")


def indented(text: str, by: str = "  ") -> str:
    return "".join(f"{by}{line}".rstrip() + "\n" for line in text.splitlines())


PLACES = {
    "with an output between": f"{LEFT}\n{RIGHT}",
    "right after": f"```python\nprint(1)\n```\n{RIGHT}",
    "three of them": f"{LEFT}\n{RIGHT}\n{RIGHT}",
    "in an item": f"- a\n\n{indented(LEFT)}\n{indented(RIGHT)}\n- b\n",
    "in a nested item": f"- a\n  - b\n\n{indented(LEFT, '    ')}\n{indented(RIGHT, '    ')}",
    "in a quote": indented(f"{LEFT}\n{RIGHT}", "> "),
    "in an admonition": f"!!! note\n\n{indented(LEFT, '    ')}\n{indented(RIGHT, '    ')}",
    "in a footnote": f"a[^1]\n\n[^1]: b\n\n{indented(LEFT, '    ')}\n{indented(RIGHT, '    ')}",
    "in details": f"<details>\n\n{LEFT}\n{RIGHT}\n</details>\n",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_pair_stands_together(publication: Publication, place: str) -> None:
    page = article(publication, PLACES[place])
    [pair] = re.findall(r'<div class="pair">.*?</div></div></div>', page, re.DOTALL)
    sides = re.findall(r'<div class="side" data-language="(\w+)"><p class="language">(\w+)', pair)
    assert sides[:2] == [("python", "Python"), ("text", "Text")]
    assert len(sides) == PLACES[place].count("beside") + 1


@pytest.mark.parametrize(
    "body",
    [
        RIGHT,
        f"Text.\n\n{RIGHT}",
        f"{LEFT}\nText.\n\n{RIGHT}",
        f"{LEFT}\n<!-- a comment -->\n\n{RIGHT}",
        f"{LEFT}\n- a\n\n{indented(RIGHT)}",
        f"- ```python\n  1\n  ```\n- {indented(RIGHT).lstrip()}",
        f"> ```python\n> 1\n> ```\n\n{RIGHT}",
        "```python\nprint(1)\n```\n\n```output beside\n1\n```\n",
    ],
)
def test_beside_nothing_is_a_problem(publication: Publication, body: str) -> None:
    publication.article("000-a", body)
    problem = publication.problem()
    assert (problem.code, "beside" in problem.excerpt) == (Code.BAD_FENCE, True)
    assert "nothing that this fence could stand beside" in problem.message


def test_each_side_has_its_output_and_the_mark_of_its_proof(publication: Publication) -> None:
    page = article(publication, f"{LEFT}\n```python beside\nprint(1)\n```\n\n{OUTPUT}")
    sides = page.split('<div class="side"')[1:]
    for side in sides:
        assert side.index("<figcaption>Output") < side.index(
            '<p class="proof"><a href="proofs.html">Ran with Python'
        )
    assert len(sides) == 2


def test_a_feed_has_the_sides_as_labelled_blocks_in_a_row(publication: Publication) -> None:
    publication.article("000-a", f"{LEFT}\n{RIGHT}")
    assert publication.make().published[0].feed_html == (
        '<p><strong>Python</strong></p>\n<pre><code class="language-python">print(1)\n</code></pre>'
        '\n<p>Output:</p>\n<pre><code class="language-output">1\n</code></pre>'
        '\n<p><strong>Text</strong></p>\n<pre><code class="language-text">let a;\n</code></pre>'
    )


def test_a_single_example_has_no_language_above_it(publication: Publication) -> None:
    page = article(publication, LEFT)
    assert 'class="pair"' not in page
    assert 'class="language"' not in page
    assert "<strong>" not in publication.make().published[0].feed_html


def test_lines_are_marked() -> None:
    shown = figures.blocks([fence(mark="1,3-4")])
    assert re.findall(r"<mark>(.*?)</mark>", shown) == ["a", "c", "d"]
    assert '<pre tabindex="0">' in shown


def test_a_change_is_marked_on_the_page_and_in_feeds() -> None:
    changed = fence("<a>\n<b>\n", ins="2", del_="1")
    assert "<del>&lt;a&gt;</del>\n<ins>&lt;b&gt;</ins>\n" in figures.blocks([changed])
    assert '<pre class="diff"' in figures.blocks([changed])
    assert "<del>&lt;a&gt;</del>\n<ins>&lt;b&gt;</ins>\n" in plain.blocks([changed])


def test_lines_are_counted_in_the_code_that_is_shown() -> None:
    hidden = fence("# use a;\nlet b;\n", language="rust", mark="1")
    assert "<mark><span" in figures.blocks([hidden])
    assert not list(marks.wrong(hidden))
    assert list(marks.wrong(replace(hidden, options={"mark": "2"})))


def test_a_marked_line_of_a_text_of_several_lines_is_whole() -> None:
    shown = figures.blocks([fence('a = """\nb\n"""\n', language="python", mark="2")])
    assert '<mark><span class="s2">b</span></mark>\n' in shown


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ('mark="5"', "there is no line 5 to mark"),
        ('mark="0"', "there is no line 0 to mark"),
        ('mark="1-99999999"', "can't read the lines of `mark`"),
        ("mark", "can't read the lines of `mark`"),
        ('mark="one"', "can't read the lines of `mark`"),
        ('del="3-2"', "can't read the lines of `del`"),
        ('ins="1-100000"', "can't read the lines of `ins`"),
        ('ins="2" del="1-2"', "line 2 is marked twice"),
        ("mark=2,3-4", "there is no option `3-4` for fences"),
    ],
)
def test_marks_that_can_not_be_are_a_problem(
    publication: Publication, info: str, said: str
) -> None:
    publication.article("000-a", f"```text {info}\na\nb\nc\nd\n```\n")
    problem = publication.problem()
    assert (problem.line, problem.message) == (7, said)
    assert problem.hint


def test_how_a_fence_is_shown_changes_nothing_of_its_proof(publication: Publication) -> None:
    settings, _ = config.parse(SourceText("series.toml", SERIES))
    front = "---\ntitle: T\ndate: 2026-01-01\ndescription: D\n---\n"
    keys = set()
    for options in ("", ' beside mark="1"', ' ins="1" title="x"', ' del="1"'):
        text = f"{front}```python{options}\nprint(1)\n```\n"
        made, _ = source.parse(
            ContentFile("content/000-a.md", text.encode(), {}), settings, languages()
        )
        assert made
        workshop = Workshop(publication.root / ".cache")
        keys |= set(prove._keys(made.examples, workshop, prove.version))
    assert len(keys) == 1
