"""The fragment of an article: each fence in its place, headings, links, and HTML left alone."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from press import config, elements, faults, figures, markup, plain, source
from press.languages import languages
from press.model import Fragment, Manuscript
from press.problems import Code, SourceText
from press.source import ContentFile
from tests.conftest import PIXEL, SERIES, Publication

SETTINGS, _ = config.parse(SourceText("series.toml", SERIES))
FRONT = "---\ntitle: T\ndate: 2026-01-01\ndescription: D\n---\n"
VOID = {"br", "hr", "img", "input", "link", "meta", "source"}


def article(body: str) -> Manuscript:
    made, problems = source.parse(
        ContentFile("content/000-a.md", (FRONT + body).encode(), {}), SETTINGS, languages()
    )
    assert made
    assert not problems
    return made


def not_shown(made: Manuscript, fragment: Fragment) -> set[int]:
    """The lines of the fences that are lost, or stand where no block can."""
    found = faults.find(made, fragment)
    return {problem.line for problem in found if problem.code is Code.BAD_FENCE}


def html(body: str) -> str:
    made = article(body)
    fragment = markup.render(made)
    assert not not_shown(made, fragment)
    return markup.fill(fragment.html, made, plain.blocks)


class _Blocks(HTMLParser):
    """Notes the elements around each `pre`, and what it holds."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag not in VOID:
            self._open.append(tag)
        if tag == "pre":
            self.found.append(("/".join(self._open[:-1]), ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"nothing is open where {tag} is closed"
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "pre" in self._open:
            place, text = self.found[-1]
            self.found[-1] = (place, text + data)


def blocks(text: str) -> list[tuple[str, str]]:
    """Where each code block stands, as in `ul/li`, and its text. Elements must nest well."""
    parser = _Blocks()
    parser.feed(text)
    parser.close()
    return parser.found


F = "```text\nx\n```\n"


def indented(columns: int, text: str = F) -> str:
    return "".join(f"{' ' * columns}{line}\n" for line in text.splitlines())


PLACES = {
    "on its own": (F, [""]),
    "after a paragraph": (f"a\n{F}", [""]),
    "between paragraphs": (f"a\n{F}b\n", [""]),
    "two in a row": (F + F, ["", ""]),
    "after a heading": (f"# h\n{F}", [""]),
    "after a table": (f"| a |\n|---|\n| b |\n{F}", [""]),
    "after a link's definition": (f"[r]:\n{F}\n[r]: https://example.org\n", [""]),
    "after an abbreviation of a digit": (f"*[0]: zero\n\n{F}", [""]),
    "a list": (f"- a\n\n{indented(2)}", ["ul/li"]),
    "a list, indented by four": (f"- a\n\n{indented(4)}", ["ul/li"]),
    "a tight list": (f"- a\n{indented(2)}- b\n", ["ul/li"]),
    "a numbered list": (f"1. a\n{indented(3)}2. b\n", ["ol/li"]),
    "a list numbered with brackets": (f"1) a\n{indented(3)}2) b\n", ["ol/li"]),
    "a list with high numbers": (f"100. a\n\n{indented(4)}", ["ol/li"]),
    "a list right after a paragraph": (f"a\n- b\n\n{indented(2)}", ["ul/li"]),
    "a nested list": (f"- a\n    - b\n\n{indented(8)}", ["ul/li/ul/li"]),
    "a nested list, indented by two": (f"- a\n  - b\n\n{indented(4)}", ["ul/li/ul/li"]),
    "a list nested in a list of three": (
        f"- a\n  1. b\n     - c\n\n{indented(7)}", ["ul/li/ol/li/ul/li"]),
    "a nested list after a paragraph": (f"- a\n\n  p\n  - b\n\n{indented(4)}", ["ul/li/ul/li"]),
    "an item's own line": (f"- ```text\n{indented(2, 'x')}  ```\n- b\n", ["ul/li"]),
    "an empty item": (f"-\n{indented(2)}", ["ul/li"]),
    "a nested item's own line": ("- a\n  - ```text\n    x\n    ```\n", ["ul/li/ul/li"]),
    "a list in an item after one of two paragraphs": (
        f"1. a\n\n   p\n2. b\n   - c\n\n{indented(5)}", ["ol/li/ul/li"]),
    "an item after a fence in an item": (
        f"- a\n\n{indented(2)}- b\n  - ```text\n    x\n    ```\n", ["ul/li", "ul/li/ul/li"]),
    "a quote in a tight item": ("- a\n  > ```text\n  > x\n  > ```\n", ["ul/li/blockquote"]),
    "a numbered list after one with bullets": (f"- a\n1. b\n{indented(3)}", ["ol/li"]),
    "two in an item": (f"- a\n\n{indented(2)}\n{indented(2)}\n- b\n", ["ul/li", "ul/li"]),
    "a quote": ("> ```text\n> x\n> ```\n", ["blockquote"]),
    "a quote, after text": ("> a\n> ```text\n> x\n> ```\n> b\n", ["blockquote"]),
    "a quote in a quote": ("> > ```text\n> > x\n> > ```\n", ["blockquote/blockquote"]),
    "a quote in a list": ("- > ```text\n  > x\n  > ```\n", ["ul/li/blockquote"]),
    "a list in a quote": ("> - a\n>\n>   ```text\n>   x\n>   ```\n", ["blockquote/ul/li"]),
    "an admonition": (f"!!! note\n    a\n\n{indented(4)}", ["div"]),
    "the first of an admonition": (f"!!! note\n{indented(4)}", ["div"]),
    "an admonition in a list": (f"- a\n\n    !!! tip\n{indented(8)}", ["ul/li/div"]),
    "details": (f"<details>\n\n{F}\n</details>\n", ["details"]),
    "details with markdown": (f"<details markdown>\n\n{F}\n</details>\n", ["details"]),
    "a div without empty lines": (f"<div>\n{F}</div>\n", ["div"]),
    "a footnote": (f"a[^1]\n\n[^1]: b\n\n{indented(4)}", ["div/ol/li"]),
    "a footnote, after two empty lines": (f"a[^1]\n\n[^1]: b\n\n\n{indented(4)}", ["div/ol/li"]),
    "two in a footnote": (
        f"a[^1]\n\n[^1]: b\n\n{indented(4)}\n\n{indented(4)}\n    c\n", ["div/ol/li"] * 2),
    "a footnote's own line": (f"a[^1]\n\n[^1]: ```text\n{indented(4, 'x')}    ```\n",
                              ["div/ol/li"]),
    "a definition": (f"t\n:   a\n\n{indented(4)}", ["dl/dd"]),
    "a definition's own line": ("t\n:   ```text\n    x\n    ```\n", ["dl/dd"]),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_it_shows_a_fence_in_its_place_in(place: str) -> None:
    body, expected = PLACES[place]
    assert blocks(html(body)) == [(where, "x\n") for where in expected]


def test_it_keeps_the_order_of_many_fences() -> None:
    body = "\n".join(f"- item\n\n  ```text\n  code {n}\n  ```\n" for n in range(30))
    assert [text for _, text in blocks(html(body))] == [f"code {n}\n" for n in range(30)]


def test_it_keeps_the_code_as_it_is() -> None:
    code = "\tif a < b && c:\n\n\n        **no** [md](x.md) &amp; <b> `` \\* ![]() 😀  \n"
    assert f"{code}</code>".replace("&", "&amp;").replace("<b>", "&lt;b&gt;").replace(
        "< b", "&lt; b"
    ) in html(f"````text\n{code}````\n")


def test_the_colours_change_no_character() -> None:
    made = article('```rust\n\n  fn a<\'b>() {} // "&" 😀\n\n\n```\n')
    [(_, text)] = blocks(markup.fill(markup.render(made).html, made, figures.blocks))
    assert text == made.fences[0].code


def test_it_keeps_text_in_the_list_that_its_indentation_says() -> None:
    found = html("- a\n\n  more\n\n- b\n  - c\n")
    assert re.sub(r"\s*\n\s*", "", found) == (
        "<ul><li><p>a</p><p>more</p></li><li><p>b</p><ul><li>c</li></ul></li></ul>"
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a\n- b\n", "<p>a</p><ul><li>b</li></ul>"),
        ("- a\n- b\n", "<ul><li>a</li><li>b</li></ul>"),
        ("- a\nlazy\n", "<ul><li>alazy</li></ul>"),
        ("> q\n- b\n", "<blockquote><p>q</p></blockquote><ul><li>b</li></ul>"),
        ("> a\nlazy\n", "<blockquote><p>alazy</p></blockquote>"),
        ("t\n: a\n: b\n", "<dl><dt>t</dt><dd>a</dd><dd>b</dd></dl>"),
        ("a\n\n    code\n\n\n    code\n", '<p>a</p><pre tabindex="0"><code>codecode</code></pre>'),
    ],
)
def test_it_sees_the_blocks_of(body: str, expected: str) -> None:
    assert html(body).replace("\n", "") == expected


def test_it_keeps_the_empty_lines_of_indented_code() -> None:
    assert "code\n\n\ncode\n" in html("a\n\n    code\n\n\n    code\n")


HEADINGS = ["Überblick", "Συναρτήσεις", "😀", "😀", "Same", "Same", "`a == b`", "C++ & C#", "!?"]


def test_headings_have_ids_that_are_their_own() -> None:
    made = markup.render(article("".join(f"## {title}\n\n" for title in HEADINGS)))
    ids = [heading.id for heading in made.headings]
    assert len(set(ids)) == len(HEADINGS)
    assert all(ids)
    assert set(ids) == made.ids
    assert ids[:3] == ["überblick", "συναρτήσεις", "section"]


def test_a_heading_keeps_its_markup_and_loses_its_link() -> None:
    [heading] = markup.render(article("## A *b* [c](https://example.org)\n")).headings
    assert (heading.level, heading.html) == (2, "A <em>b</em> c")


@pytest.mark.parametrize("name", ["Main", "Changes", "Subscribe"])
def test_a_heading_shares_no_id_with_the_page(publication: Publication, name: str) -> None:
    publication.article("000-a", f"## {name}\n\n[x](#{name.lower()})\n", changes="[]")
    publication.article(
        "001-b", f"## {name}\n", changes='[{date: 2026-01-02, note: "x"}]', date="2026-01-01"
    )
    assert not publication.problems()


def test_it_reports_an_id_that_is_given_twice(publication: Publication) -> None:
    publication.article("000-a", '<i id="x"></i>\n\n## T {.y #x}\n')
    problem = publication.problem()
    assert (problem.path, problem.line, problem.code) == ("content/000-a.md", 9, Code.DUPLICATE)
    assert "`x`" in problem.message


COMMENTS = [
    "<!-- a -->\n", "<!--\na [b](c.md)\n\n    d\n-->\n", "- <!-- a\n\n  b -->\n",
    "<!-- ```python -->\n",
    "a <!-- b -->\n", "a <!-- b\n\nc --> d\n", "<!-- ```python\n```\n-->\n",
]  # fmt: skip


@pytest.mark.parametrize("comment", COMMENTS)
def test_it_leaves_a_comment_alone(comment: str) -> None:
    found = html(f"before\n\n{comment}\nafter\n")
    inner = comment[comment.index("<!--") : comment.index("-->") + 3]
    assert "".join(inner.split()) in "".join(found.split())
    assert "<p>after</p>" in found
    assert not elements.references(found)[0]


@pytest.mark.parametrize("tag", ["pre", "script", "style", "textarea"])
def test_it_leaves_raw_elements_alone(tag: str) -> None:
    element = f"<{tag}>\n```python\n\n*a*\n- b\n```\n</{tag}>"
    found = html(f"before\n{element}\nafter\n")
    assert element in found
    assert found.startswith("<p>before</p>")
    assert found.endswith("<p>after</p>")


def test_it_finds_the_links_of_raw_html() -> None:
    body = (
        '<img src=\'a.png\' alt="see href=no.md" srcset="b.png 1x, c.png 2x">\n\n'
        '<pre>\n<a class=x HREF="d.md?a&amp;b">\n</a>\n</pre>\n\n<video poster=e.png></video>\n'
    )
    found = markup.render(article(body)).links
    assert found == ("a.png", "b.png", "c.png", "d.md?a&b", "e.png")


def test_it_rewrites_links_and_nothing_else() -> None:
    text = (
        '<a title="href=&quot;x&quot; src=y" href=\'a&amp;b\' data-href="z" download>href="n"</a>'
        '<!-- <a href="c"> --><img srcset="d 1x,e 2x" alt="src = f">'
    )
    assert elements.relink(text, str.upper) == (
        '<a title="href=&quot;x&quot; src=y" href="A&amp;B" data-href="z" download>href="n"</a>'
        '<!-- <a href="c"> --><img srcset="D 1x,E 2x" alt="src = f">'
    )


def test_a_link_is_safe_in_its_attribute() -> None:
    assert elements.relink('<a href="x">', lambda _: "\"'<>&") == (
        '<a href="&quot;&#x27;&lt;&gt;&amp;">'
    )


def test_what_a_feed_gets_is_whole(publication: Publication) -> None:
    publication.article("001-b", "## Part\n")
    publication.write("content/000-a/p.png", PIXEL)
    publication.article(
        "000-a/index",
        "[b](../001-b.md#part) ![p](p.png) [s](#own) [h](/index.html)\n\n## Own\n\n"
        '<img srcset="p.png 1x, p.png 2x" alt="">\n\n```text title="t"\na < b\n```\n\n'
        "```rust\nfn a() {}\n```\n",
    )
    feed_html = publication.make().published[0].feed_html
    base = "https://example.org/series"
    links, _ = elements.references(feed_html)
    assert links == (
        f"{base}/b.html#part", f"{base}/a/p.png", f"{base}/a.html#own", f"{base}/index.html",
    )  # fmt: skip
    assert '<pre><code class="language-rust">fn a() {}\n</code></pre>' in feed_html
    assert "<span" not in feed_html
    assert "a &lt; b" in feed_html


PLAIN = {
    '<p class="admonition-title">T</p>': "<p><strong>T</strong></p>",
    '<td class="right">1</td>': '<td style="text-align: right">1</td>',
    '<div class="heading"><h2 id="a">A</h2><a class="anchor" href="#a">#</a></div>': (
        '<h2 id="a">A</h2>'
    ),
    '<math alttext="a &lt; &quot;"><mi>a</mi></math>': '<code>a &lt; "</code>',
}


@pytest.mark.parametrize("text", PLAIN)
def test_a_feed_says_in_words_what_a_page_says_by_its_style(text: str) -> None:
    assert plain.html(text) == PLAIN[text]


def test_it_reports_a_fence_that_can_not_be_shown(publication: Publication) -> None:
    publication.article("000-a", '<p title="\n\n```text\nx\n```\n\n">a</p>\n')
    problem = publication.problem()
    assert (problem.code, problem.line, problem.column) == (Code.BAD_FENCE, 9, 1)
    assert "can't be shown" in problem.message


def test_it_reports_a_fence_in_a_footnote_that_another_replaces(publication: Publication) -> None:
    publication.article("000-a", f"a[^1]\n\n[^1]: b\n\n{indented(4)}\n[^1]: c\n")
    assert publication.problem().line == 11


def test_it_reports_what_is_nested_too_deeply_and_goes_on(publication: Publication) -> None:
    publication.article("000-a", "- " * 2000 + "a\n")
    publication.article("001-b", f"a[^1]\n\n[^1]: b\n\n{indented(4)}")
    problem = publication.problem()
    assert (problem.path, problem.code) == ("content/000-a.md", Code.BAD_INPUT)


# A text made of the lines that matter, each word once, so that none can be lost unnoticed.
LINES = [
    "", "", "{w}", "```text", "```", "~~~", "~~~", "# {w}", "  ```text", "  ```", "- {w}",
    "  - {w}", "    - {w}", "1. {w}", "2) {w}", "10. {w}", "> {w}", ">", "> ```text", "> ```",
    "> - {w}", "!!! note", "    {w}", "    ```text", "    ```", "[^{w}]: {w}", ":   {w}",
    ":   ```text", "- ```text", "  {w}", "   {w}", "| {w} | b |", "|---|---|", "* * *", "---",
    "===", "-", "- > {w}", "  > ```text", "  > ```", "\t{w}", "\t```text", "      {w}", "* {w}",
    "<!-- {w} -->", "<!-- {w}", "{w} -->", "<pre>", "</pre>", "<details>", "</details>", "<br>",
]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=14))
def test_it_loses_nothing_of_any_text(lines: list[str]) -> None:
    text = FRONT + "".join(f"{line}\n".replace("{w}", f"w{n}w") for n, line in enumerate(lines))
    made, problems = source.parse(
        ContentFile("content/000-a.md", text.encode(), {}), SETTINGS, languages()
    )
    assert made
    fragment = markup.render(made)
    shown = markup.fill(fragment.html, made, plain.blocks)
    if problems:
        return  # nothing would be published; but it was rendered, to find all that is wrong
    refused = not_shown(made, fragment)
    for index, fence in enumerate(made.fences):
        assert fence.line in refused or shown.count(plain.code(fence)) >= 1, index
    if not refused:
        assert not re.search("[\ufdd0-\ufdef]", shown)
        assert set(re.findall(r"w\d+w", text)) <= set(re.findall(r"w\d+w", shown))


def test_it_reports_a_footnote_that_nothing_refers_to(publication: Publication) -> None:
    publication.article("000-a", f"a\n\n[^1]: b\n\n{indented(4)}")
    assert "nothing refers to the footnote `[^1]`" in publication.problem().message


def test_a_reference_to_no_character_is_text() -> None:
    known = "&nbsp; &amp; &#65; &#x1F600;"
    unknown = "&unknown; &#0; &#11; &#128; &#xD800; &#xFDD0; &#xFFFE; &#x110000;"
    assert html(f"{known} {unknown}\n") == f"<p>{known} {unknown.replace('&', '&amp;')}</p>"


def test_what_colours_code_is_passed_over_and_all_else_is_found() -> None:
    text = (
        '<span class="nb" id="a">x</span><span class="n">y</span><span  class="k"><i id="b">'
        '<!-- <span class="n"> <i id="no"> --><span class="n"><a href="c">'
    )
    assert elements.references(text) == (("c",), ("a", "b"))
    assert 'href="C"' in elements.relink(text, str.upper)
