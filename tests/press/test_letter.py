"""What an article's mail has: the HTML that mail programs show, and text from the same pieces."""

import re

import pytest

from press import highlight, letter, mailhtml, manifest, nodes
from press.folding import columns, fold
from press.letter import Letter, Section
from press.texttable import table
from tests.conftest import PIXEL, SERIES, Publication

PAGE = "https://example.org/series/a.html"


def letter_of(publication: Publication, body: str) -> Letter:
    publication.article("000-a", body)
    return letter.parse(publication.page("mail/a.json").encode())


def html_of(publication: Publication, body: str) -> str:
    return "\n".join(one.html for one in letter_of(publication, body).sections)


def text_of(publication: Publication, body: str) -> str:
    return "\n\n".join(one.text for one in letter_of(publication, body).sections)


def test_a_letter_is_in_the_site_and_the_manifest_names_it(publication: Publication) -> None:
    publication.article("000-a", changes='[{date: 2026-02-01, note: "Mended <it>."}]')
    publication.build()
    [entry] = manifest_of(publication)
    assert entry.letter == "mail/a.json"
    assert [(one.date[:10], one.note) for one in entry.changes] == [("2026-02-01", "Mended <it>.")]
    written = (publication.root / "site" / entry.letter).read_bytes()
    assert letter.parse(written) == Letter((Section("<p>Text.</p>", "Text."),))


def test_who_writes_to_nobody_has_no_letters(publication: Publication) -> None:
    publication.write("series.toml", SERIES)
    publication.article("000-a")
    publication.build()
    [entry] = manifest_of(publication)
    assert not entry.letter
    assert not (publication.root / "site/mail").exists()


def manifest_of(publication: Publication) -> tuple[manifest.Entry, ...]:
    return manifest.load(publication.root / "site").articles


def test_it_is_read_back_as_it_was_written() -> None:
    made = Letter((Section("<p>é</p>", "é", ("https://example.org/",)), Section("", "")))
    assert letter.parse(letter.dump(made)) == made


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"version": 0, "sections": []}',
                                     b'{"version": 1, "sections": [{"html": ""}]}'])  # fmt: skip
def test_anything_else_is_no_letter(content: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        letter.parse(content)


def test_each_heading_of_its_own_begins_a_section(publication: Publication) -> None:
    body = "One.\n\n## Two\n\nText.\n\n> ### Quoted\n\n### Three\n\nText.\n"
    made = letter_of(publication, body).sections
    assert [one.text.split("\n")[0] for one in made] == ["One.", "Two", "Three"]
    assert [one.html.split("\n")[0] for one in made] == [
        "<p>One.</p>", "<h2>Two</h2>", "<h3>Three</h3>",
    ]  # fmt: skip


CODE = """\
```python title="a.py"
def f(x):  # why
    return f"<{x}>"
```

```output
1
```
"""


def test_code_is_slim_and_says_its_language(publication: Publication) -> None:
    html = html_of(publication, CODE.replace("```output\n1\n```\n", ""))
    assert html == (
        '<p class="label">Python · a.py</p>\n'
        "<pre><code><b>def</b> <var>f</var>(x):  <i># why</i>\n"
        '    <b>return</b> <span>f"&lt;</span>{x}<span>&gt;"</span></code></pre>'
    )


def test_outputs_and_pairs_follow_one_another(publication: Publication) -> None:
    body = (
        "```python\nprint(1)\n```\n\n```output\n1\n```\n\n```rust,ignore beside\nfn f() {}\n```\n"
    )
    html = html_of(publication, body)
    labels = re.findall('<p class="label">(.*?)</p>', html)
    assert labels == ["Python", "Output", "Rust"]
    assert '<pre class="output"><code>1</code></pre>' in html
    assert text_of(publication, body) == (
        "Python:\n\n    print(1)\n\nOutput:\n\n    1\n\nRust:\n\n    fn f() {}"
    )


def test_what_is_new_or_gone_has_a_sign_and_needs_no_colour(publication: Publication) -> None:
    body = '```text del="1" ins="2"\na\nb\nc\n```\n'
    assert "<pre><code><del>- a</del>\n<ins>+ b</ins>\n  c</code></pre>" in html_of(
        publication, body
    )
    assert text_of(publication, body) == "    - a\n    + b\n      c"


def test_code_keeps_each_of_its_characters() -> None:
    code = 'def f():\n    """A\n\n    B"""\n    return "é" and not 1\n'
    lines = highlight.slim(code, "python")
    assert re.sub("<[^>]*>", "", "\n".join(lines)) == code.rstrip("\n")
    assert all(line.count("<span>") == line.count("</span>") for line in lines)


def test_what_mail_programs_do_not_know_is_said_another_way(publication: Publication) -> None:
    body = (
        "<details markdown><summary>More</summary>\n\nInside.\n\n</details>\n\n"
        "!!! note\n    Look.\n\n- [x] done\n\n| A |\n|---|\n| b |\n\n"
        "Some $`x^2`$, and a note.[^1]\n\n[^1]: Here.\n"
    )
    html = html_of(publication, body)
    for said in (
        '<div class="details">', '<div class="summary">More</div>', '<div class="admonition">',
        '<li class="task">', '<div class="wide" tabindex="0"><table>', "<code>x^2</code>",
        f'<sup><a href="{PAGE}#fn:1">1</a></sup>', '<div class="footnote">',
    ):  # fmt: skip
        assert said in html
    assert not re.search(r'<details|<summary|<math|\bid="|href="#', html)


def test_an_image_is_no_wider_than_a_mail() -> None:
    shown = mailhtml.simple(
        '<img src="https://e.org/a.png" alt="A &amp; b" width="1200" height="9">'
    )
    assert shown == '<img src="https://e.org/a.png" alt="A &amp; b" width="560">'
    assert 'width="80"' in mailhtml.simple('<img src="https://e.org/a.png" alt="" width="80">')


def test_what_plays_becomes_a_link() -> None:
    html = '<p><video controls><source src="https://e.org/a%20b.mp4">no</video> after</p>'
    assert mailhtml.simple(html) == '<p><a href="https://e.org/a%20b.mp4">▶ a b.mp4</a> after</p>'


def test_the_title_is_the_one_heading_of_its_level() -> None:
    assert mailhtml.simple('<h1 title="1 > 0">A</h1>') == "<h2>A</h2>"


TEXTS = {
    "links": (
        "A [one](https://e.org/1), [two](https://e.org/2), [one](https://e.org/1), <https://e.org/3>.",
        "A one [1], two [2], one [1], https://e.org/3.",
    ),
    "nested lists": (
        "1. a\n2. b\n    - c\n    - d\n", "1. a\n2. b\n   - c\n   - d",
    ),
    "loose lists": ("- a\n\n    b\n\n- c\n", "- a\n\n  b\n\n- c"),
    "a list from elsewhere": ("3. a\n4. b\n", "3. a\n4. b"),
    "quotes": ("> a\n>\n> > b\n", "> a\n>\n> > b"),
    "admonitions": ('!!! note "N"\n    a\n', "| **N**\n|\n| a"),
    "definitions": ("T\n:   D\n", "T\n\n    D"),
    "headings": ("## A *b*\n\n### C\n\n#### D\n", "A *b*\n=====\n\nC\n-\n\nD"),
    "emphasis": ("*a* **b** `c<d>`", "*a* **b** `c<d>`"),
    "formulas": ("$`x^2`$", "`x^2`"),
    "footnotes": ("A.[^n]\n\n[^n]: B.\n", "A.¹\n\n* * *\n\n1. B."),
    "raised and lowered": ("x<sup>2</sup> H<sub>2</sub>O a<sup>b</sup>", "x² H₂O a^b"),
    "breaks": ("a<br>b", "a\nb"),
    "code in a quote": ("> ```text\n> a  b\n> ```\n", ">     a  b"),
    "an entity": ("a &lt;b&gt; &amp; c", "a <b> & c"),
    "tables": (
        "| A | Long |\n|---|---|\n| `x` | b |\n| y | |\n", "A    Long\n---  ----\n`x`  b\ny",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_text_says_what_markdown_says(publication: Publication, name: str) -> None:
    markdown, text = TEXTS[name]
    assert text_of(publication, markdown) == text


def test_an_image_is_its_words(publication: Publication) -> None:
    publication.write("content/000-a/a.png", PIXEL)
    publication.article("000-a/index", "![A <b>](a.png)\n")
    [section] = letter.parse(publication.page("mail/a.json").encode()).sections
    assert section.text == "[A <b>]"
    assert 'src="https://example.org/series/a/a.png" alt="A &lt;b&gt;"' in section.html


def test_links_have_one_count_through_all_sections(publication: Publication) -> None:
    body = "[a](https://e.org/1)\n\n## B\n\n[b](https://e.org/2) [a](https://e.org/1)\n"
    first, second = letter_of(publication, body).sections
    assert (first.links, second.links) == (("https://e.org/1",), ("https://e.org/2",))
    assert second.text.endswith("b [2] a [1]")


def test_no_line_is_wider_than_a_screen() -> None:
    lines = fold("word " * 40 + "x" * 200 + " " + "漢" * 100, 76)
    assert max(map(columns, lines)) <= 76
    assert "".join("".join(lines).split()) == "word" * 40 + "x" * 200 + "漢" * 100


def test_an_address_stays_in_one_piece() -> None:
    address = "https://example.org/" + "a-b/" * 40
    assert address in fold(f"Look at {address} now", 76)


def test_a_table_that_is_too_wide_becomes_records() -> None:
    rows = [["A", "B"], ["x" * 50, "y" * 50], ["z", ""]]
    assert table(rows, 76, headed=True) == [f"- A: {'x' * 50}", f"  B: {'y' * 50}", "- A: z"]
    assert table(rows[1:2], 76, headed=False) == [f"- {'x' * 50}", f"  {'y' * 50}"]
    assert table([], 76, headed=False) == []


def test_columns_are_those_of_a_terminal() -> None:
    assert [columns(text) for text in ("abc", "漢字", "é", "e\u0301", "😀")] == [3, 4, 1, 1, 2]


@pytest.mark.parametrize("html", ["<p>a", "</p>a", "<a><b></a>c</b>", "<br/>a", "<p/>a", "a<"])
def test_what_is_not_well_formed_is_read_somehow(html: str) -> None:
    assert "a" in nodes.parse(html).text or "c" in nodes.parse(html).text
