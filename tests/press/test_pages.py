"""Which pages there are, and what readers find on each."""

import re

import pytest

from press import pages, paging
from press.assets import PYODIDE
from press.config import parse
from press.model import tag_slug
from press.problems import Code, SourceText
from tests.conftest import SERIES, Publication


def configure(publication: Publication, *lines: str) -> None:
    path = publication.root / "series.toml"
    path.write_text(path.read_text().replace("[newsletter]", "\n".join([*lines, "[newsletter]"])))


def links(html: str) -> list[str]:
    return re.findall(r'<a [^>]*href="([^"]*)"', html)


@pytest.mark.parametrize("page", ["index.html", "tags.html", "feeds.html", "proofs.html"])
def test_an_empty_series_has_each_page(publication: Publication, page: str) -> None:
    assert "A Series" in publication.page(page)


def test_a_tag_has_a_page_of_its_articles(publication: Publication) -> None:
    publication.article("000-first", tags="[Rust, C++]")
    publication.article("001-second", tags="[rust]")
    publication.article("002-third")
    assert {"tags/rust.html", "tags/c-plus-plus.html"} <= set(links(publication.page("tags.html")))
    page = publication.page("tags/rust.html")
    assert {"../first.html", "../second.html"} <= set(links(page))
    assert "../third.html" not in links(page)
    assert "tags/rust.html" in links(publication.page("second.html"))


TAGS = [
    ("Rust", "rust"), ("C++", "c-plus-plus"), ("C#", "c-sharp"), ("a  b/../c", "a-b-c"),
    ("Ελληνικά", "ελληνικά"), ("snake_case", "snake-case"), ("!", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "slug"), TAGS)
def test_a_tag_is_called_in_addresses(name: str, slug: str) -> None:
    assert tag_slug(name) == slug


def test_a_tag_without_a_name_is_a_problem(publication: Publication) -> None:
    publication.article("000-a", tags='["!"]')
    assert "no letter and no digit" in publication.problem().message


def test_what_is_not_found_can_be_shown_at_any_depth(publication: Publication) -> None:
    publication.article("000-a")
    page = publication.page("404.html")
    inner = [link for link in links(page) if not link.startswith("#")]
    assert "/series/a.html" in inner
    assert all(link.startswith("/series/") for link in inner)


def test_a_link_of_that_page_that_leads_nowhere_is_a_problem(publication: Publication) -> None:
    publication.write("templates/site/404.html", '<a href="{{ root }}gone.html">Gone</a>')
    assert "`/series/gone.html`" in publication.problem().message


def test_an_article_can_be_edited_where_its_file_is(publication: Publication) -> None:
    publication.article("000-a")
    assert "Suggest a change" not in publication.page("a.html")
    configure(publication, "[site]", 'edit-url = "https://example.org/edit/{path}"')
    assert "https://example.org/edit/content/000-a.md" in links(publication.page("a.html"))


@pytest.mark.parametrize("address", ["https://example.org/edit", "ftp://x/{path}", "{path}{path}"])
def test_where_that_is_has_to_be_an_address(publication: Publication, address: str) -> None:
    configure(publication, "[site]", f'edit-url = "{address}"')
    found = publication.problem()
    assert found.where.startswith("series.toml:9:")
    assert "`edit-url`" in found.message


def test_one_subscribes_by_mail_where_there_is_no_form(publication: Publication) -> None:
    publication.article("000-a")
    assert "mailto:author@example.org?subject=subscribe" in publication.page("a.html")
    assert "<form" not in publication.page("a.html")


def test_one_subscribes_by_a_form_that_needs_no_script(publication: Publication) -> None:
    publication.article("000-a")
    path = publication.root / "series.toml"
    path.write_text(path.read_text() + 'subscribe-url = "https://news.example.org/subscribe"\n')
    page = publication.page("a.html")
    assert '<form method="post" action="https://news.example.org/subscribe">' in page
    assert 'name="email" type="email" autocomplete="email" required' in page


LANGUAGES = [
    ("en", "ltr"), ("ar", "rtl"), ("he-IL", "rtl"), ("uz-Arab", "rtl"), ("ar-Latn", "ltr"),
    ("fa-IR", "rtl"), ("pt-BR", "ltr"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "direction"), LANGUAGES)
def test_a_language_has_its_direction(language: str, direction: str) -> None:
    text = SERIES.replace('language = "en"', f'language = "{language}"')
    assert parse(SourceText("series.toml", text))[0].direction == direction


def test_code_takes_longer_to_read_than_prose(publication: Publication) -> None:
    publication.article("000-prose", "word " * 690)
    publication.article("001-code", "```text\n" + "line\n" * 100 + "```\n")
    publication.article(
        "002-short",
        "```python\nprint('line\\n' * 499)\n```\n\n```output\n" + "line\n" * 499 + "```\n",
    )
    publication.article("003-thai", "ก" * 1500 + "\n")
    assert [one.minutes for one in publication.make().site.articles] == [3, 4, 1, 3]


def test_running_examples_needs_pyodide(publication: Publication) -> None:
    configure(publication, "[site]", "run = true")
    found = publication.problem()
    assert (found.path, found.code) == ("series.toml", Code.MISSING_VALUE)
    assert "npm pack pyodide" in found.hint
    for name in PYODIDE:
        publication.write(f"templates/assets/pyodide/{name}", b"x")
    publication.article("000-a")
    assert "assets/run.js" in publication.page("a.html")
    assert publication.page("assets/pyodide/pyodide.mjs") == "x"


NOT_TO_RUN = [
    ("stdin", '```python stdin="x"\nprint(input())\n```\n'),
    ("a file", '```text file="x.txt"\nx\n```\n\n```python\nopen("x.txt")\n```\n'),
    ("not proven", '```python skip="needs a printer"\nprint_it()\n```\n'),
    ("a session", "```pycon\n>>> 1\n1\n```\n"),
]


@pytest.mark.parametrize("body", [body for _, body in NOT_TO_RUN], ids=[n for n, _ in NOT_TO_RUN])
def test_what_a_browser_could_not_run_is_not_offered(publication: Publication, body: str) -> None:
    publication.article("000-a", body)
    assert "data-run" not in publication.page("a.html")


def test_an_example_names_those_that_it_goes_on_from(publication: Publication) -> None:
    publication.article("000-a", "```python\nx = 1\n```\n\n```python continue\nprint(x)\n```\n")
    page = publication.page("a.html")
    assert 'data-line="7" data-run=""' in page
    assert 'data-line="11" data-run="7"' in page


@pytest.mark.parametrize(("second", "offered"), [("rust", True), ("text", False)])
def test_a_first_language_is_offered_where_both_stand_side_by_side(
    publication: Publication, second: str, offered: bool
) -> None:
    skipped = ' skip="x"' if second == "rust" else ""
    pair = f"```python\nprint(1)\n```\n\n```{second} beside{skipped}\nfn main() {{}}\n```\n"
    publication.article("000-a", pair)
    assert ('value="python"' in publication.page("a.html")) is offered


LATER = {"date": "2100-01-01", "title": "Later & <b>more</b>"}


def test_the_last_part_says_so_and_tells_nothing_of_what_comes(publication: Publication) -> None:
    publication.article("000-a")
    publication.article("001-b")
    publication.article("002-later", **LATER)
    assert "newest part" not in publication.page("a.html")
    assert "This is the newest part." in publication.page("b.html")
    assert not [o.path for o in publication.make().outputs if b"Later" in o.content]


def test_the_next_part_that_has_a_date_is_named_where_that_is_wished(
    publication: Publication,
) -> None:
    configure(publication, "[site]", "coming = true")
    publication.article("000-a")
    publication.article("001-b")
    publication.article("002-draft", draft="true", date="2099-01-01")
    publication.article("003-later", **LATER)
    publication.article("004-last", date="2101-01-01")
    assert "Later" not in publication.page("a.html")
    for page in ("b.html", "index.html"):
        told = publication.page(page)
        assert "Later &amp; &lt;b&gt;more&lt;/b&gt;" in told
        assert "2100-01-01" in told
        assert "Next: 003" in told or page == "index.html"
        assert not [word for word in ("later.html", "draft", "2101-01-01") if word in told]
    fed = [o for o in publication.make().outputs if o.path.endswith((".xml", ".json", ".txt"))]
    assert not [one.path for one in fed if b"Later" in one.content]


@pytest.fixture
def long(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> Publication:
    """Seven parts, three to a page, and one that is to come."""
    monkeypatch.setattr(paging, "SIZE", 3)
    configure(publication, "[site]", "coming = true")
    for number in range(1, 8):
        publication.article(f"{number:03}-p{number}", "## S\n\nText.\n", tags="[rust]")
    publication.article("008-p8", date="2026-07-01")
    return publication


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        ("index.html", "parts/2.html", "parts/3.html"),
        ("proofs.html", "proofs/2.html", "proofs/3.html"),
        ("search.html", "search/2.html", "search/3.html"),
        ("tags/rust.html", "tags/rust/2.html", "tags/rust/3.html"),
    ],
)
def test_a_long_list_goes_on_on_further_pages(
    long: Publication, first: str, second: str, third: str
) -> None:
    files = {
        one.path: one.content.decode() for one in long.make().outputs if one.path.endswith(".html")
    }
    up = "../" * second.count("/")

    def parts(page: str) -> list[str]:
        return re.findall(r'<a href="(?:\.\./)*(p\d).html"', files[page].partition("<h1")[2])

    assert [parts(page)[-3:] for page in (first, second, third)] == [
        ["p1", "p2", "p3"], ["p4", "p5", "p6"], ["p7"],
    ]  # fmt: skip
    middle = files[second]
    assert f'<link rel="prev" href="{up}{first}">' in middle
    assert f'<link rel="next" href="{up}{third}">' in middle
    assert f'<a class="next" rel="next" href="{up}{third}">' in middle
    assert "Next: from 007" in middle
    assert "004–006</h1>" in middle
    assert f'<p class="facts"><a href="{up}{first}">From the beginning</a></p>' in middle
    names = re.search(r"Go on from</span> (.*)</p>", files[first])
    assert names
    assert [link.rpartition("/")[2] for link in links(names[1])] == ["2.html", "3.html"]
    assert not re.search(r"\b(?:7|3) (?:parts|pages)|of 7|of 3", middle)


def test_the_newest_part_is_one_step_from_the_first_page(long: Publication) -> None:
    opening = long.page("index.html").partition("</header>\n<ol")[0]
    assert 'The newest: <a href="p7.html">007 007-p7</a>' in opening
    assert "7 parts" in opening


def test_what_comes_stands_after_the_last_part_alone(long: Publication) -> None:
    found = [page for page in ("index.html", "parts/2.html", "parts/3.html")
             if '<li class="coming">' in long.page(page)]  # fmt: skip
    assert found == ["parts/3.html"]


def test_the_sections_of_a_further_page_are_counted_on(long: Publication) -> None:
    assert '<ol class="index inside" start="4">' in long.page("search/2.html")
    assert "<form" not in long.page("search/2.html")


def test_where_nothing_is_found_a_long_series_is_not_listed(long: Publication) -> None:
    page = long.page("404.html")
    assert {"/series/index.html", "/series/search.html"} <= set(links(page))
    assert "/series/p1.html" not in links(page)


def test_tags_come_in_pages_too(long: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "TAGS", 2)
    long.article("009-p9", tags='["2", a, b, c]')
    assert {"tags/2.html", "tags/a.html", "all-tags/2.html"} <= set(links(long.page("tags.html")))
    assert {"../tags/b.html", "../tags/c.html"} <= set(links(long.page("all-tags/2.html")))
    assert [link for link in links(long.page("feeds.html")) if link.startswith("tags/")] == [
        "tags/2/atom.xml", "tags/a/atom.xml",
    ]  # fmt: skip
