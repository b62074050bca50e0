"""Every internal link resolves, and each that does not is reported where it stands."""

from typing import Any

import pytest

from press import links
from press.articles import Articles
from press.model import Manuscript
from press.problems import Code, Problem
from tests.conftest import PIXEL, Publication


@pytest.fixture
def series(publication: Publication) -> Publication:
    publication.article("001-b", "## Part One\n\n<a id='own'></a>\n")
    publication.article("002-c/index", "## Part\n", slug="other")
    publication.write("content/002-c/data/a b.csv", "1")
    publication.article("003-draft", draft="true")
    publication.article("004-later", date="2030-01-01")
    return publication


RESOLVED = {
    "001-b.md": "b.html",
    "./001-b.md": "b.html",
    "../content/001-b.md": "b.html",
    "001-b.md#part-one": "b.html#part-one",
    "001-b.md#own": "b.html#own",
    "001-b.md#part%2Done": "b.html#part%2Done",
    "001-b.md?plain=1": "b.html",
    "%30%30%31-b.md": "b.html",
    "002-c/index.md": "other.html",
    "002-c/index.md#part": "other.html#part",
    "002-c": "other.html",
    "002-c/": "other.html",
    "#here": "#here",
    "#h%65re": "#h%65re",
    "#": "#",
    "/": "index.html",
    "/index.html": "index.html",
    "/feed.xml": "feed.xml",
    "/assets/style.css": "assets/style.css",
    "https://example.com/x.md?y#z": "https://example.com/x.md?y#z",
    "HTTPS://example.com": "HTTPS://example.com",
    "//example.com/x": "//example.com/x",
    "mailto:a@example.com": "mailto:a@example.com",
}


@pytest.mark.parametrize("href", RESOLVED)
def test_it_resolves(series: Publication, href: str) -> None:
    series.article("000-a", f"## Here\n\n[x]({href})\n")
    assert f'<a href="{RESOLVED[href]}">x</a>' in series.page("a.html")


def test_it_resolves_from_a_folder(series: Publication) -> None:
    series.write("content/000-a/data/a b.csv", "1")
    series.write("content/000-a/ü.png", PIXEL)
    series.article(
        "000-a/index",
        "[b](../001-b.md) [c](../002-c/index.md) [d](data/a%20b.csv#x) [e](<data/a b.csv>) "
        "[me](index.md) ![u](ü.png)\n",
    )
    page = series.page("a.html")
    for address in ("b.html", "other.html", "a/data/a%20b.csv#x", "a/data/a%20b.csv", "a.html"):
        assert f'href="{address}"' in page
    assert 'src="a/%C3%BC.png"' in page


BROKEN = {
    "001-c.md": ("there is no `001-c.md`", "did you mean `001-b.md`?"),
    "nowhere": ("there is no `nowhere`", ""),
    "b.html": ("there is no `b.html`", ""),
    "data/a.csv": ("there is no `data/a.csv`", ""),
    "../../etc/passwd": ("there is no `../../etc/passwd`", ""),
    "001-b.md#part-on": ("content/001-b.md has no section `#part-on`", "`part-one`?"),
    "#her": ("content/000-a.md has no section `#her`", "did you mean `here`?"),
    "003-draft.md": ("`003-draft.md` is not part of the site now", "publish it"),
    "004-later.md#x": ("`004-later.md` is not part of the site now", "publish it"),
    "/b.htm": ("the site has no page `/b.htm`", ""),
    "/inde.html": ("the site has no page `/inde.html`", "did you mean `index.html`?"),
    "javascript:alert(1)": ("`javascript:` addresses are not published", ""),
    "JavaScript:alert(1)": ("`javascript:` addresses are not published", ""),
    "data:text/html,x": ("`data:` addresses are not published", ""),
    "file:///etc/passwd": ("`file:` addresses are not published", ""),
    "c:/x": ("`c:` addresses are not published", ""),
    "http://[bad": ("`http://[bad` is not a valid address", ""),
    "https://": ("`https://` is not a valid address", ""),
}


@pytest.mark.parametrize("href", BROKEN)
def test_it_reports(series: Publication, href: str) -> None:
    series.article("000-a", f'## Here\n\na <a href="{href}">x</a>\n')
    message, hint = BROKEN[href]
    problem = series.problem()
    assert (problem.path, problem.line, problem.column) == ("content/000-a.md", 9, 12)
    assert problem.code is Code.BROKEN_LINK
    assert message in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize("link", ["[x]()", "[x](<>)", '<a href="">x</a>', '<img src=" " alt="">'])
def test_it_reports_a_link_without_an_address(publication: Publication, link: str) -> None:
    publication.article("000-a", f"{link}\n")
    assert "no address" in publication.problem().message


def test_it_tells_that_a_target_can_not_be_read_now(publication: Publication) -> None:
    publication.write("content/001-b.md", "no front matter\n")
    publication.article("000-a", "[x](001-b.md)\n")
    found = [p for p in publication.problems() if p.code is Code.BROKEN_LINK]
    assert "not part of the site now" in found[0].message


PLACES = [
    ("a [x](no.md) b [y](no.md)\n", [(7, 7), (7, 20)]),
    ("![x](no.md)\n", [(7, 6)]),
    ('[x]( no.md "title")\n', [(7, 6)]),
    ("[x](<no.md>)\n", [(7, 6)]),
    ("> - [x][r]\n\n[r]: no.md\n", [(9, 6)]),
    ("[r]: <no.md>\n\n[r]\n", [(7, 7)]),
    ("<a href='no.md'>\n</a>\n", [(7, 10)]),
    ("<img alt='' SRC=no.md>\n", [(7, 17)]),
    ("[a](no.md.x)\n\n[b](no.md)\n", [(7, 5), (9, 5)]),
    ("[a](no.md)\n[b](no.md)\n\n`[x](no.md)` [c](no.md)", [(7, 5), (8, 5), (10, 18)]),
    ("```text\n[x](no.md)\n```\n\n[x](no.md)\n", [(11, 5)]),
    ("<pre>\n<a href='no.md'>x</a>\n</pre>\n", [(8, 10)]),
    ("<a href='n&#111;.md'>written otherwise</a>\n", [(6, 1)]),
    ("<video poster='no.md'></video>\n", [(7, 16)]),
]


@pytest.mark.parametrize("body", ["[x][r]\n[r]: no.md", "[r]: no.md\n[x][r]\n\n[r]: no.md"])
def test_a_text_needs_no_line_break_at_its_end(publication: Publication, body: str) -> None:
    publication.article("000-a", body)
    found = publication.problems()[-1]
    assert (found.line, found.excerpt) == (7 + body.count("\n"), "[r]: no.md")


@pytest.mark.parametrize(("body", "places"), PLACES)
def test_it_tells_each_place_of(
    publication: Publication, body: str, places: list[tuple[int, int]]
) -> None:
    publication.article("000-a", body)
    assert [(p.line, p.column) for p in publication.problems()] == places


def test_it_reports_every_broken_link(publication: Publication) -> None:
    publication.article("000-a", "[x](no.md) [y](nor.md#z)\n")
    publication.article("001-b", "![z](none.png)\n")
    assert [(p.path, p.column) for p in publication.problems()] == [
        ("content/000-a.md", 5),
        ("content/000-a.md", 16),
        ("content/001-b.md", 6),
    ]


def from_template(publication: Publication, text: str) -> list[Problem]:
    """The problems of a series page made of this text."""
    publication.article("000-a", "## Part\n")
    publication.write("templates/site/series.html", text)
    return publication.problems()


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("nowhere.html", "which is no file of the site"),
        ("/a.html", "which is no file of the site"),
        ("a", "which is no file of the site"),
        ("a.html#none", "but a.html has no element with that id"),
        ("#none", "but index.html has no element with that id"),
    ],
)
def test_it_reports_a_link_of_a_template(publication: Publication, link: str, why: str) -> None:
    [problem] = from_template(publication, f'<a href="{link}">x</a>')
    assert (problem.path, problem.code) == ("site/index.html", Code.BROKEN_LINK)
    assert problem.message == f"the page links to `{link}`, {why}"


@pytest.mark.parametrize(
    "link",
    ["a.html", "a.html#part", "./a.html", "#i", "assets/style.css?v=2", "https://x.example/y"],
)
def test_a_template_may_link_to(publication: Publication, link: str) -> None:
    assert not from_template(publication, f'<a id="i" href="{link}">x</a>')


def test_an_alias_links_from_its_folder(publication: Publication) -> None:
    publication.article("000-a", aliases="[/old/deep/, /older.html]")
    assert 'href="../../a.html"' in publication.page("old/deep/index.html")
    assert 'href="a.html"' in publication.page("older.html")


def test_an_article_that_is_being_written_while_it_is_read_has_a_problem(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = publication.article("000-a", "[x](nowhere.md)\n")
    resolve = links.resolve

    def meanwhile(*args: Any) -> str:
        path.write_bytes(b"")
        return resolve(*args)

    monkeypatch.setattr(links, "resolve", meanwhile)
    assert publication.problem().code is Code.BAD_FRONT_MATTER


def test_an_article_is_read_again_once_for_all_its_broken_links(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Articles.manuscript
    asked: list[str] = []

    def counted(articles: Articles, path: str) -> Manuscript:
        asked.append(path)
        return read(articles, path)

    monkeypatch.setattr(Articles, "manuscript", counted)
    publication.article("000-a", "".join(f"[a](gone-{n}.md)\n" for n in range(9)))
    assert len(publication.problems()) == 9
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("page", "address", "expected"),
    [
        ("a.html", "b.html#c", "https://e.org/s/b.html#c"),
        ("a.html", "#c", "https://e.org/s/a.html#c"),
        ("x/a.html", "../b.html", "https://e.org/s/b.html"),
        ("a.html", "a/p%20q.png", "https://e.org/s/a/p%20q.png"),
        ("a.html", "https://x.org/", "https://x.org/"),
        ("a.html", "mailto:a@x.org", "mailto:a@x.org"),
        ("a.html", "//x.org/y", "https://x.org/y"),
    ],
)
def test_it_makes_addresses_whole(page: str, address: str, expected: str) -> None:
    assert links.absolute("https://e.org/s", page, address) == expected


WHOLE = {
    "https://example.org/series/": "",
    "https://example.org/series": "",
    "https://example.org/series/a.html": "",
    "https://example.org/series/a.html?x=1#here": "",
    "HTTPS://Example.org/series/a.html": "",
    "http://example.org/series/tags.html": "",
    "//example.org/series/a.html": "",
    "https://example.org/series/old/": "",
    "https://example.org/series/a.md": "",
    "https://example.org/series/cards/a.png": "",
    "https://example.org/series/%61.html": "",
    "https://example.org/serieses/none.html": "",
    "https://example.org/none.html": "",
    "https://example.org:8443/series/none.html": "",
    "https://news.example.org/series/none.html": "",
    "https://example.org/series/none.html": "which is no file of the site",
    "https://example.org/series/a": "which is no file of the site",
    "http://example.org/series/none.html": "which is no file of the site",
    "//example.org/series/none.html": "which is no file of the site",
    "https://example.org/series/a.html#none": "but a.html has no element with that id",
    "https://example.org/series/old/none/": "which is no file of the site",
}


@pytest.mark.parametrize("href", WHOLE)
def test_a_whole_address_of_the_site_is_checked_like_others(
    publication: Publication, href: str
) -> None:
    publication.article("000-a", f"## Here\n\none [x]({href}) two\n", aliases="[/old]")
    found = publication.problems()
    assert [one.message for one in found] == (
        [f"the page links to `{href}`, {WHOLE[href]}"] if WHOLE[href] else []
    )
    assert all(one.where == "content/000-a.md:10:9" for one in found)
    assert all(one.code is Code.BROKEN_LINK for one in found)


def test_a_whole_address_of_a_template_is_checked_as_well(publication: Publication) -> None:
    [problem] = from_template(publication, '<a href="https://example.org/series/none">x</a>')
    assert (problem.path, problem.code) == ("site/index.html", Code.BROKEN_LINK)


def test_the_form_for_subscribing_may_be_served_beside_the_site(publication: Publication) -> None:
    toml = publication.root / "series.toml"
    address = "https://example.org/series/app/subscribe"
    toml.write_text(toml.read_text() + f'subscribe-url = "{address}"\n')
    publication.article("000-a", f"[x]({address})\n")
    assert not publication.problems()


def test_what_is_code_is_no_link(publication: Publication) -> None:
    publication.article("000-a", "`[x](no.md)` and [x](no.md)\n")
    assert publication.problem().column == 22


ROOTED = {
    "#here": "",
    "/tags.html": "",
    "https://example.org": "",
    "https://example.org/none.html": "which is no file of the site",
    "https://example.org/#none": "but index.html has no element with that id",
}


@pytest.mark.parametrize("href", ROOTED)
def test_a_site_may_be_at_the_root_of_its_host(publication: Publication, href: str) -> None:
    toml = publication.root / "series.toml"
    toml.write_text(toml.read_text().replace("example.org/series", "example.org"))
    publication.article("000-a", f"## Here\n\n[x]({href})\n")
    found = [one.message for one in publication.problems()]
    assert found == ([f"the page links to `{href}`, {ROOTED[href]}"] if ROOTED[href] else [])


def test_an_address_outside_has_no_character_that_none_may_have(publication: Publication) -> None:
    publication.article(
        "000-a", "[x](<https://example.net/a b|ü?q=100%&r=%20>) <https://example.net/{c}>\n"
    )
    page = publication.page("a.html")
    assert 'href="https://example.net/a%20b%7Cü?q=100%25&amp;r=%20"' in page
    assert 'href="https://example.net/%7Bc%7D"' in page
