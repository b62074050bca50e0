"""docs/templates.md lists what each template is given."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from newsletter.compose import composer
from newsletter.model import Note
from press import pages
from press.head import Head, Image
from press.manifest import Entry, Manifest, Series
from tests.conftest import REPOSITORY, Publication
from tests.structure import reference
from tests.structure.test_docs import read, tables, words

DOCUMENT = "docs/templates.md"


def test_it_lists_what_each_page_is_given(publication: Publication) -> None:
    publication.article("000-a", aliases="[/old.html]", tags="[x]")
    edition = publication.make()
    site, [published], [place] = edition.site, edition.published, pages.places(edition.site)
    of_article = pages.of_article(site.config, site.words, published, place, ())
    every = [*pages.of_site(site, lambda _: ()), *of_article]
    given = {page.template: set(page.values) for page in every}
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
    assert {*Head.__struct_fields__, *Image.__struct_fields__} <= set(words(item))


def test_it_names_every_template() -> None:
    named = set(words(read(DOCUMENT)))
    assert named >= {path.name for path in (REPOSITORY / "templates/site").glob("*.html")}


@dataclass
class Recorder:
    """Stands for the templates: keeps what each of them is given."""

    given: dict[str, set[str]]

    def render(self, name: str, values: Mapping[str, object]) -> str:
        self.given.setdefault(name, set()).update(values)
        return ""


def given_to_mails() -> dict[str, set[str]]:
    """Template -> the names of its values, of every mail that can be made."""
    date = "2026-01-01T00:00:00+00:00"
    entry = Entry("a", 1, "a", "A", "D", "https://example.org/a.html", "a.html", date, date, (), ())
    series = Series("S", "https://example.org", "An Author", "en", "D")
    made = composer(REPOSITORY, reference.series(), Manifest(series, (entry,), {}))
    recorder: Any = Recorder({})
    recorded = replace(made, templates=recorder)
    recorded.mail(entry)
    recorded.digest([entry], "d")
    for kind in Note:
        recorded.note(kind)
    given: dict[str, set[str]] = recorder.given
    return given


def test_it_lists_what_each_mail_is_given() -> None:
    text = read(DOCUMENT).partition("## What each mail's template is given")[2]
    heading = re.search(r"^\| template \|.*besides (.*) \|$", text, re.MULTILINE)
    assert heading
    shared = set(words(heading[1]))
    listed: dict[str, set[str]] = {}
    for row in tables(DOCUMENT)[1]:
        name = words(row[0])[0]
        listed |= {f"{name}.{part}": shared | set(words(row[2])) for part in ("html", "txt")}
    given = given_to_mails()
    assert given.pop("subject.txt") == set().union(*listed.values())
    assert {name: values - {"subject"} for name, values in given.items()} == listed
    explained = set(re.findall(r"`(\w+)`(?=[^\n]*:)", text))
    assert set().union(*listed.values()) <= explained
