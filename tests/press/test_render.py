"""A template's faults: one Problem each, with the template's own line."""

from pathlib import Path

import pytest

from press.problems import Code, Problem
from tests.conftest import Publication


def problem(publication: Publication, **templates: str) -> Problem:
    publication.article("000-a")
    publication.article("001-b")
    for name, text in templates.items():
        publication.write(f"templates/site/{name}.html", text)
    found = publication.problem()
    assert found.code is Code.TEMPLATE_FAILED
    return found


FAULTS = [
    ("one\n{{ no_such }}\n", 2, "'no_such' is undefined"),
    ("{{ series.no_such }}\n", 1, "has no attribute 'no_such'"),
    ("one\n\n{% if %}\n", 3, "Expected an expression"),
    ("{% for a in articles %}\n", 1, "Unexpected end of template"),
    ("one\n{{ 1 / 0 }}\n", 2, "ZeroDivisionError: division by zero"),
    ("one\n{{ title | no_such }}\n", 2, "No filter named 'no_such'"),
    ("one\n{% include 'none.html' %}\n", 2, "there is no template `none.html`"),
    ("{% extends 'none.html' %}\n", 1, "there is no template `none.html`"),
    ("\n{% include 'series.html' %}\n", 2, "RecursionError"),
    ("{{ series.title.encode('utf-16').decode('utf-8') }}\n", 1, "UnicodeDecodeError"),
    ("{{ cycler.__init__.__globals__.os.getcwd() }}\n", 1, "attribute '__init__' of 'type'"),
    ("\n{{ feeds.__class__.__mro__ }}\n", 2, "attribute '__class__' of 'tuple'"),
    # What would be another page each time.
    ("{{ range(9) | random }}\n", 1, "No filter named 'random'"),
    ("{{ lipsum() }}\n", 1, "'lipsum' is undefined"),
    # What Python itself can't read.
    ("{{ " + "9" * 5000 + " }}\n", 0, "ValueError"),
    ("{{ " + "(" * 3000 + " }}\n", 0, "RecursionError"),
]


@pytest.mark.parametrize(("text", "line", "message"), FAULTS)
def test_it_reports(publication: Publication, text: str, line: int, message: str) -> None:
    found = problem(publication, series=text)
    assert (found.path, found.line) == ("templates/site/series.html", line)
    assert message in found.message
    assert found.excerpt == text.split("\n")[line - 1]


def test_it_reports_once_what_many_pages_share(publication: Publication) -> None:
    found = problem(publication, article="x\n{{ nothing }}\n")
    assert (found.path, found.line) == ("templates/site/article.html", 2)


def test_it_reports_each_fault_of_many_templates(publication: Publication) -> None:
    publication.article("000-a")
    publication.write("templates/site/article.html", "{{ one }}\n")
    publication.write("templates/site/series.html", "{{ two }}\n")
    assert [p.path for p in publication.problems()] == [
        "templates/site/article.html",
        "templates/site/series.html",
    ]


@pytest.mark.parametrize("fault", ["{{ nothing }}", "{% if %}", "{% include 'none.html' %}"])
def test_it_names_the_template_that_another_includes(publication: Publication, fault: str) -> None:
    publication.write("templates/site/parts/inner.html", f"one\ntwo\n{fault}\n")
    found = problem(publication, article="{% include 'parts/inner.html' %}")
    assert (found.path, found.line) == ("templates/site/parts/inner.html", 3)
    assert found.excerpt == fault


def test_it_names_the_template_that_a_page_extends(publication: Publication) -> None:
    publication.article("000-a")
    base = Path("templates/site/base.html").read_text()
    publication.write("templates/site/base.html", base.replace("</body>", "{{ nothing }}</body>"))
    found = publication.problem()
    assert found.path == "templates/site/base.html"
    assert "{{ nothing }}" in found.excerpt


@pytest.mark.parametrize("content", [b"\xff\xfe", b"<p>\x80</p>"])
def test_it_reports_a_template_that_is_no_utf8(publication: Publication, content: bytes) -> None:
    publication.write("templates/site/series.html", content)
    found = publication.problem()
    assert (found.path, found.code) == ("templates/site/series.html", Code.TEMPLATE_FAILED)


def test_a_publication_may_replace_one_template_alone(publication: Publication) -> None:
    publication.article("000-a")
    before = publication.page("a.html")
    publication.write(
        "templates/site/series.html",
        "{% extends 'base.html' %}{% block main %}<p>Mine: {{ count }}{% endblock %}",
    )
    assert "<p>Mine: 1" in publication.page("index.html")
    assert publication.page("a.html") == before


def test_a_publication_may_replace_one_block_alone(publication: Publication) -> None:
    publication.article("000-a", "Its text.\n")
    publication.write(
        "templates/site/article.html",
        "{% extends 'proofpress/article.html' %}{% block title %}Mine{% endblock %}",
    )
    publication.write(
        "templates/site/base.html",
        "{% extends 'proofpress/base.html' %}{% block footer %}My footer.{% endblock %}",
    )
    page = publication.page("a.html")
    assert all(one in page for one in ("<title>Mine</title>", "My footer.", "Its text."))
    assert "My footer." in publication.page("index.html")


def test_a_fault_in_a_block_is_named_by_its_own_template(publication: Publication) -> None:
    text = "{% extends 'proofpress/series.html' %}\n{% block main %}\n{{ nothing }}{% endblock %}"
    found = problem(publication, series=text)
    assert (found.path, found.line) == ("templates/site/series.html", 3)


def test_a_publication_may_replace_an_asset(publication: Publication) -> None:
    publication.write("templates/assets/style.css", "mine")
    publication.write("templates/assets/fonts/f.woff2", "font")
    assert publication.page("assets/style.css") == "mine"
    assert publication.page("assets/fonts/f.woff2") == "font"
    assert "pre code" in publication.page("assets/code.css")


def test_values_are_escaped(publication: Publication) -> None:
    hostile = "'\"><script>x</script>&amp;'"
    publication.article("000-a", title=hostile, description=hostile, authors=f"[{hostile}]")
    publication.article(
        "001-b", aliases="[/old]", changes=f"[{{date: 2026-01-02, note: {hostile}}}]"
    )
    publication.write(
        "series.toml", (publication.root / "series.toml").read_text().replace("A Series", "<b>&", 1)
    )
    for page in ("index.html", "a.html", "b.html", "old/index.html"):
        assert "<script>x" not in publication.page(page)
        assert "<b>" not in publication.page(page)


def test_what_is_no_text_is_named_once_whatever_extends_it(publication: Publication) -> None:
    publication.write("templates/site/base.html", b"<p>\xff</p>")
    publication.article("000-a")
    found = publication.problem()
    assert (found.path, found.code) == ("templates/site/base.html", Code.TEMPLATE_FAILED)
