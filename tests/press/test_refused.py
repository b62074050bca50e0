"""Hostile articles are rendered safely, or refused with a Problem at their line."""

import re
from html.parser import HTMLParser

import pytest

from press import elements, refused
from press.problems import Code
from tests.conftest import Publication

REFUSED = [
    "<script>alert(1)</script>", "<SCRIPT src=x.js></SCRIPT>", "Text <script>a</script>",
    "<style>p { color: red }</style>", '<p style="color: red">x</p>', "A word\n{: style='x' }",
    '<img src="p.png" onerror="alert(1)" alt="">', "<img/onerror=alert(1) src=p.png>",
    '<a\nONCLICK="x" href="/">x</a>', "[x](/){: onclick='alert(1)' }",
    '<pre>\n<img src=x" onerror=alert(1) alt="">\n</pre>', "<svg><script>1</script></svg>",
    '<svg><animate values="javascript:alert(1)"></animate></svg>',
    '<svg><set to="java&#10;script:alert(1)"></set></svg>',
    "<iframe src='https://example.org'></iframe>", "<object></object>", "<embed src='/'>",
    "<form action='/'></form>", "<button>x</button>", "<input>", "<textarea></textarea>",
    "<base href='/'>", "<meta http-equiv='refresh'>", "<link rel='stylesheet' href='/'>",
    "<title>x</title>", "<main>x</main>", "<center>x</center>", "<p align='left'>x</p>",
    "<img src='p.png'>", "<a name='x'></a>", "> <b markdown='1'>x</b>", "x <meter>3</meter>",
    "<p><div>x</div></p>", "x <div>y</div>", "<span><ul><li>x</li></ul></span>",
    "<li>x</li>", "<table><td>x</td></table>", "> <summary>x</summary>", "<dl><p><dt>x</dt></dl>",
    "<a href='/'><b><a href='/'>x</a></b></a>",
    "<pre>\n<script>\n</script>\n</pre>", "- a\n    <style>\n    </style>",
]  # fmt: skip


def around(text: str) -> str:
    return f"Text with `<script>` and `onclick=` as code.\n\n{text}\n\nText.\n"


@pytest.mark.parametrize("text", REFUSED)
def test_it_refuses(publication: Publication, text: str) -> None:
    publication.article("000-a", around(text))
    found = [one for one in publication.problems() if one.code is Code.REFUSED_HTML]
    assert found
    # Never at the line that has the same as code.
    assert {one.line for one in found} <= {9, 10, 11}
    assert all(one.hint for one in found)


LINKS = [
    "[x](javascript:alert(1))", "[x](JaVaScript:alert(1))", "[x](java&#10;script:alert(1))",
    "[x](data:text/html,x)", "[x](vbscript:x)", "<javascript:alert(1)>", "![x](javascript:x)",
    '<a href="javascript:alert(1)">x</a>', '<a href=" &#1;javascript:alert(1)">x</a>',
    "[x]{: href='javascript:alert(1)' }", '<svg><a xlink:href="javascript:x">x</a></svg>',
    "[x][r]\n\n[r]: javascript:alert(1)",
]  # fmt: skip


@pytest.mark.parametrize("text", LINKS)
def test_no_link_runs_a_script(publication: Publication, text: str) -> None:
    publication.article("000-a", around(text))
    if problems := publication.problems():
        assert {one.code for one in problems} <= {Code.BROKEN_LINK, Code.UNCLOSED_HTML}
        return
    addresses, _ = elements.references(publication.page("a.html"))
    assert not [one for one in addresses if "script:" in re.sub(r"\s", "", one).lower()]


PASSES = [
    "<details>\n<summary>More</summary>\n\nText.\n\n</details>", "x<sup>2</sup>", "<kbd>Ctrl</kbd>",
    "Is 1 < 2 and on = 3?", "a <b c", "`Vec<u64>`", 'An <img src=x" onerror=1>',
    "<!-- <script> onclick=1 -->",
    "<svg viewBox='0 0 1 1'><title>x</title><path d='M0 0'/></svg>", "<br>\n<br/>\n<hr />",
    "<ul><li>a<li>b</ul>", "<table><tr><td>a<td>b</table>",
    "<table><tbody><tr><th>a<tr><td>b</table>",
    "<dl><dt>a<dd>b<dt>c<dd><p>d</dl>", "<a id='x'></a>",
    "<svg><a xlink:href='/'><g><text>x</text></g></a></svg>", "A word {: .wide }",
    "<https://example.org>", "<video src='/assets/content.css' controls></video>",
    "<div markdown>\n\n*a*\n\n</div>", "<pre>\nonclick=\n</pre>",
]  # fmt: skip


@pytest.mark.parametrize("text", PASSES)
def test_it_lets_pass(publication: Publication, text: str) -> None:
    publication.article("000-a", around(text))
    assert not publication.problems()


UNBALANCED = {
    "<div>\n\nText.": [(9, 1)],
    "Text</div></main>": [(9, 5), (9, 11)],
    "<b>a\n\nb</b>": [(9, 1), (11, 2)],
    "<details>\n\n<div>\n\n</details>": [(11, 1)],
    "</details>": [(9, 1)],
    "<div>\n</div>\n\n<div>\n": [(12, 1)],
    "The type Vec<u64> without code": [(9, 13)],
}


@pytest.mark.parametrize("text", UNBALANCED)
def test_an_element_that_is_not_closed_is_a_problem(publication: Publication, text: str) -> None:
    publication.article("000-a", around(text))
    found = publication.problems()
    assert {one.code for one in found} == {Code.UNCLOSED_HTML}
    assert sorted({(one.line, one.column) for one in found}) == UNBALANCED[text]


class _Depth(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lists = self.most = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.lists += tag == "ul"
        self.most = max(self.most, self.lists)

    def handle_endtag(self, tag: str) -> None:
        self.lists -= tag == "ul"


def test_twenty_levels_of_list_are_twenty_lists(publication: Publication) -> None:
    publication.article("000-a", "".join(f"{'  ' * n}- level {n}\n" for n in range(20)))
    parser = _Depth()
    parser.feed(publication.page("a.html"))
    assert parser.most == 20


SAFE = {
    "an empty article": "",
    "a line of space": "   \n",
    "300 columns of code": f"```python\nx = '{'a' * 300}'\n```\n",
    "a thousand lines of code": '```text mark="1000"\n' + "line\n" * 1000 + "```\n",
    "a word of 5,000 letters": "a" * 5000 + "\n",
    "a huge table": "|" + "a|" * 40 + "\n|" + "-|" * 40 + "\n" + ("|" + "b|" * 40 + "\n") * 300,
    "an unclosed everything": "**a _b [c](d `e <f\n",
    "a right-to-left override": "a \u202e b\n",
    "brackets without end": "[" * 500 + "\n",
    "stars without end": "*" * 500 + "a\n",
}  # fmt: skip


@pytest.mark.parametrize("what", SAFE)
def test_it_renders_safely(publication: Publication, what: str) -> None:
    publication.article("000-a", SAFE[what])
    assert not publication.problems()
    page = publication.page("a.html")
    assert not list(refused.find(page[page.index("<article") : page.index("</article>") + 10]))


@pytest.mark.parametrize("char", ["\x00", "\x0b", "\x1b", "\x7f", "\ufdd0", "\uffff"])
def test_a_control_character_is_refused_at_its_place(publication: Publication, char: str) -> None:
    publication.article("000-a", f"Text.\n\n```text\na{char}b\n```\n")
    problem = publication.problem()
    assert (problem.code, problem.line, problem.column) == (Code.BAD_CHARACTER, 10, 2)


@pytest.mark.parametrize(
    "slug", ["../a", "a/b", "..", ".", "a\\\\b", "/a", "%2e%2e", "a b", "a\\0"]
)
@pytest.mark.parametrize("key", ["slug", "aliases"])
def test_no_slug_and_no_alias_leads_out_of_the_site(
    publication: Publication, key: str, slug: str
) -> None:
    value = f'"{slug}"' if key == "slug" else f'["/x/../../{slug}"]'
    publication.article("000-a", **{key: value})
    problems = publication.problems()
    assert problems
    assert all(one.path == "content/000-a.md" and one.line for one in problems)
