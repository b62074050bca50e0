"""docs/templates.md lists what each template is given."""

import re
from dataclasses import dataclass, fields
from typing import Any

from newsletter.compose import Composer
from press import pages
from press.head import Head, Image
from press.manifest import Entry, Manifest, Series
from tests.conftest import REPOSITORY, Publication
from tests.structure.test_docs import read, settings, tables, words

DOCUMENT = "docs/templates.md"


def test_it_lists_what_each_page_is_given(publication: Publication) -> None:
    publication.article("000-a", aliases="[/old.html]", tags="[x]")
    site = publication.make().site
    given = {page.template: set(page.values) for page in pages.pages(site, lambda _: ())}
    heading = re.search(r"^\| template \|.*besides (.*) \|$", read(DOCUMENT), re.MULTILINE)
    assert heading
    shared = set(words(heading[1]))
    rows = tables(DOCUMENT)[0]
    assert {words(row[0])[0]: shared | set(words(row[2])) for row in rows} == given


def test_it_explains_each_value() -> None:
    text = read(DOCUMENT)
    # Each item of a list begins with its names, up to the last colon behind one of them.
    explained = set(re.findall(r"`(\w+)`(?=[^\n]*:)", text))
    heading = re.search(r"besides (.*) \|$", text, re.MULTILINE)
    assert heading
    named = {*words(heading[1]), *(word for row in tables(DOCUMENT)[0] for word in words(row[2]))}
    assert named <= explained


def test_it_lists_what_the_head_of_a_page_has() -> None:
    [item] = re.findall(r"^- `head`: (.*?)^- ", read(DOCUMENT), re.MULTILINE | re.DOTALL)
    assert {field.name for field in (*fields(Head), *fields(Image))} <= set(words(item))


def test_it_names_every_template() -> None:
    named = set(words(read(DOCUMENT)))
    assert named >= {path.name for path in (REPOSITORY / "templates").glob("*/*.html")}


@dataclass
class Recorder:
    """Stands for Jinja2's environment: keeps what each template is given."""

    given: dict[str, set[str]]
    name: str = ""

    def get_template(self, name: str) -> "Recorder":
        return Recorder(self.given, name)

    def render(self, values: dict[str, object]) -> str:
        self.given[self.name] = set(values)
        return ""


def test_it_lists_what_each_mail_is_given() -> None:
    date = "2026-01-01T00:00:00+00:00"
    entry = Entry("a", 1, "a", "A", "D", "https://example.org/a.html", "a.html", date, date, (), ())
    series = Series("S", "https://example.org", "An Author", "en", "D")
    recorder: Any = Recorder({})
    newsletter = settings().newsletter
    assert newsletter
    Composer(settings(), newsletter, Manifest(series, (entry,), {}), {"a": 1}, recorder).mail(entry)
    named = set(words(read(DOCUMENT).partition("## What each mail's template is given")[2]))
    assert set(recorder.given) == {"announcement.txt", "announcement.html"}
    assert all(named >= {template, *values} for template, values in recorder.given.items())
