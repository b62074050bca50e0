"""What Markdown has here besides the library's own: anchors, tables, task lists, notes."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from press.dialect import slugify
from tests.conftest import Publication

SLUGS = {
    "Shape, not name": "shape-not-name",
    "C++ & C#": "c-c",
    "`a == b`": "a-b",
    "Überblick": "überblick",
    "Συναρτήσεις": "συναρτήσεις",
    "中文 标题": "中文-标题",
    "हिन्दी में": "हिन्दी-में",
    "עִבְרִית": "עִבְרִית",
    "ภาษาไทย": "ภาษาไทย",
    "😀": "section",
    "❤️ Rust": "rust",
    "👩‍💻": "section",
    "!?": "section",
    "": "section",
    "́": "section",
    "a_b - c": "a_b-c",
}


@pytest.mark.parametrize("title", SLUGS)
def test_a_title_in_any_script_has_an_anchor(title: str) -> None:
    assert slugify(title, "-") == unicodedata.normalize("NFC", SLUGS[title])
    assert slugify(unicodedata.normalize("NFD", title), "-") == slugify(title, "-")


@given(st.text(max_size=20))
def test_an_anchor_can_be_an_id(title: str) -> None:
    anchor = slugify(title, "-")
    assert anchor
    assert not re.search(r"[\s\"'<>&#%:]", anchor)


def page(publication: Publication, body: str) -> str:
    publication.article("000-a", body)
    return publication.page("a.html")


def feed(publication: Publication) -> str:
    return publication.make().published[0].feed_html


def test_a_section_has_a_link_beside_its_title(publication: Publication) -> None:
    found = page(publication, "## A *b* <i>c</i>\n\n## 😀\n\n## 😀\n")
    for name in ("a-b-c", "section", "section_1"):
        link = (
            f'<a aria-labelledby="{name}" class="anchor" data-pagefind-ignore="" href="#{name}">#'
        )
        assert f"</h2>{link}</a></div>" in found
    assert "<h2>A <em>b</em> <i>c</i></h2>\n" in feed(publication)
    assert "#</a>" not in feed(publication)


def test_a_wide_table_scrolls_by_keyboard_under_the_name_of_its_section(
    publication: Publication,
) -> None:
    table = "| a | b | c |\n|:--|--:|:-:|\n| 1 | 2 | 3 |\n"
    found = page(publication, f"{table}\n## Numbers\n\n- x\n\n{re.sub('(?m)^', '    ', table)}")
    assert '<div class="table" tabindex="0"><table>' in found
    assert '<div aria-labelledby="numbers" class="table" role="group" tabindex="0"><table>' in found
    assert '<td class="left">1</td>\n<td class="right">2</td>\n<td class="center">3</td>' in found
    assert "style=" not in found
    assert not re.search(r"tabindex|role|aria|class", feed(publication))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("- [ ] a\n- [x] b\n- [X] c\n", ["to do", "done", "done"]),
        ("- [ ] a\n\n- [x] *b*\n", ["to do", "done"]),
        ("1. [ ] a\n    - [x] b\n", ["to do", "done"]),
        ("- [x](/)\n- [y] a\n- []\n- [x]\n", []),
        ("- a [ ] b\n\n[x] c\n", []),
    ],
)
def test_a_task_says_whether_it_is_done(
    publication: Publication, body: str, words: list[str]
) -> None:
    found = page(publication, body.replace("(/)", "(/index.html)"))
    assert re.findall(r'<span aria-label="([^"]*)" role="img">[☐☑]</span> ', found) == words
    assert found.count('<li class="task">') == len(words)
    assert len(re.findall("<span>[☐☑]</span> ", feed(publication))) == len(words)


def test_links_of_footnotes_have_names(publication: Publication) -> None:
    found = page(publication, "a[^x] b[^y] c[^x]\n\n[^x]: X\n[^y]: Y\n")
    links = re.findall(r'<a aria-label="([^"]*)" class="footnote-(\w+)"', found)
    assert [name for name, kind in links if kind == "ref"] == ["Note 1", "Note 2", "Note 1"]
    assert [name for name, kind in links if kind == "backref"] == [
        "Back to note 1", "Back to note 1", "Back to note 2",
    ]  # fmt: skip


def test_an_article_without_anything_of_it_is_as_the_library_makes_it(
    publication: Publication,
) -> None:
    page(publication, "Text with *words*.\n\n- a\n- b\n\n> q\n")
    assert feed(publication) == (
        "<p>Text with <em>words</em>.</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"
        "<blockquote>\n<p>q</p>\n</blockquote>"
    )
