"""What a build does again, and what it does with processes of its own."""

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from press import channels, crew, markup, pipeline, prove, source, survey
from press.edition import Wish
from press.languages import python
from press.memory import KEPT
from press.model import Fragment, Manuscript, Verdict
from press.recall import Said
from press.root import OURS
from press.unchanged import Unchanged
from press.words import Words
from tests.conftest import NOW, Publication

COUNT = 6


@pytest.fixture
def series(publication: Publication) -> Publication:
    for number in range(COUNT):
        publication.article(f"{number:03}-a{number}", f"Words of {number}.\n", tags="[x]")
    return publication


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes pay from two articles on, there are processors for them, and no other test has
    left a thread in this process."""
    monkeypatch.setattr(crew, "LEAST", 2)
    monkeypatch.setattr(crew, "processors", lambda: 3)
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The articles that were rendered in this process."""
    found: list[str] = []
    real = markup.render

    def render(article: Manuscript, *more: Words) -> Fragment:
        found.append(article.slug)
        return real(article, *more)

    monkeypatch.setattr(markup, "render", render)
    return found


def tree(root: Path) -> dict[str, bytes]:
    site = root / "site"
    found = (path for path in site.rglob("*") if path.is_file())
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in found}


def test_only_what_changed_is_read_again(series: Publication, rendered: list[str]) -> None:
    series.build()
    assert sorted(rendered) == [f"a{number}" for number in range(COUNT)]
    rendered.clear()
    series.article("003-a3", "Other words.\n", tags="[x]")
    series.build()
    assert set(rendered) == {"a3"}


def test_a_file_with_another_time_and_the_same_content_has_not_changed(
    series: Publication, rendered: list[str]
) -> None:
    series.build()
    rendered.clear()
    for path in (series.root / "content").iterdir():
        os.utime(path, (1, 1))
    built = pipeline.build(series.root, NOW)
    assert not rendered
    assert not built.edition.why


def test_it_says_why_something_was_made_again(series: Publication) -> None:
    series.build()
    series.article("002-a2", title="Another", tags="[x]")
    why = pipeline.build(series.root, NOW).edition.why
    assert why["content/002-a2.md"] == "its text, its place, its card"
    assert why["content/001-a1.md"] == why["content/003-a3.md"] == "its place"
    assert "content/005-a5.md" not in why
    assert "leaf" in why["tags/x.html"]
    (series.root / "site/a0.html").unlink()
    why = pipeline.build(series.root, NOW).edition.why
    assert why == {"content/000-a0.md": "it was changed or removed in the site"}
    series.write("templates/site/coming.html", "")
    why = pipeline.build(series.root, NOW).edition.why
    assert why["content/000-a0.md"] == "its templates"


@pytest.mark.usefixtures("many")
def test_processes_make_the_same(series: Publication, rendered: list[str]) -> None:
    pipeline.build(series.root, NOW)
    assert not rendered  # here
    made = tree(series.root)
    assert made["manifest.json"] == series.make().index.content
    assert made == {one.path: one.content for one in series.make().outputs} | {
        "manifest.json": made["manifest.json"]
    }
    assert not list((series.root / "site").glob(".*"))


@pytest.mark.usefixtures("many")
def test_a_process_that_is_lost_costs_time_alone(
    series: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, real = os.getpid(), markup.render

    def render(article: Manuscript, *more: Words) -> Fragment:
        if os.getpid() != here:
            os._exit(9)
        return real(article, *more)

    wanted = {one.path for one in series.make().outputs} | {"manifest.json"}
    monkeypatch.setattr(markup, "render", render)
    pipeline.build(series.root, NOW)
    assert tree(series.root).keys() == wanted


@pytest.mark.usefixtures("many")
def test_a_text_that_was_damaged_is_made_again(series: Publication) -> None:
    series.build()
    kept = series.root / ".cache" / KEPT
    with closing(sqlite3.connect(kept)) as connection, connection:
        connection.execute("UPDATE texts SET text = 'Something else.'")
    for number in (1, 2):
        series.article(f"{number:03}-a{number}", "Other words.\n", tags="[x]")
    pipeline.build(series.root, NOW)
    feed = tree(series.root)["feed.xml"]
    assert feed == next(one.content for one in series.make().outputs if one.path == "feed.xml")


def test_what_another_version_has_kept_goes(series: Publication) -> None:
    """It may be large, and nobody would read it again."""
    old = series.root / ".cache/made-1.sqlite"
    old.parent.mkdir(exist_ok=True)
    old.write_bytes(b"old")
    pipeline.build(series.root, NOW)
    assert [path.name for path in old.parent.glob("made-*")] == [KEPT]


def test_drafts_are_kept_apart(series: Publication) -> None:
    series.article("009-draft", draft="true")
    pipeline.build(series.root, NOW, Wish(drafts=True))
    assert (series.root / "site/draft.html").is_file()
    pipeline.build(series.root, NOW)
    assert not (series.root / "site/draft.html").exists()


def test_a_card_is_drawn_again_with_another_font(series: Publication) -> None:
    series.build()
    before = tree(series.root)
    series.write("templates/card/title.ttf", (OURS / "card/text.ttf").read_bytes())
    series.build()
    after = tree(series.root)
    drawn = {path for path in before if before[path] != after[path]}
    assert drawn == {path for path in before if path.startswith("cards/")} | {"manifest.json"}


def test_an_article_in_a_zone_is_known_again(series: Publication, rendered: list[str]) -> None:
    settings = (series.root / "series.toml").read_text()
    series.write("series.toml", 'timezone = "Europe/Berlin"\n' + settings)
    series.build()
    rendered.clear()
    assert not pipeline.build(series.root, NOW).edition.why
    assert not rendered


def test_what_a_link_to_a_folder_leads_to_is_not_taken_for_unchanged(
    series: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "MARGIN", -(10**18))  # so that nothing is too young to tell
    site = series.root / "site"
    said = Said("built", "")
    memory = Unchanged(series.root, site, "test")
    memory.keep(pipeline.build(series.root, NOW), said, NOW)
    assert Unchanged(series.root, site, "test").recall(NOW) == said
    (tmp_path / "linked").mkdir()
    shutil.copy(series.root / "content/000-a0.md", tmp_path / "linked/index.md")
    (series.root / "content/007-linked").symlink_to(tmp_path / "linked")
    memory = Unchanged(series.root, site, "test")
    memory.keep(pipeline.build(series.root, NOW), said, NOW)
    assert (site / "linked.html").is_file()
    assert Unchanged(series.root, site, "test").recall(NOW) is None


def test_what_is_changed_in_the_site_meanwhile_is_not_taken_for_unchanged(
    series: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "MARGIN", -(10**18))  # so that nothing is too young to tell
    site = series.root / "site"
    said = Said("built", "")
    memory = Unchanged(series.root, site, "test")
    built = pipeline.build(series.root, NOW)
    page = (site / "a0.html").read_bytes()
    (site / "a0.html").write_bytes(b"somebody else's")  # before it is told that nothing is to do
    memory.keep(built, said, NOW)
    assert Unchanged(series.root, site, "test").recall(NOW) is None
    pipeline.build(series.root, NOW)
    assert (site / "a0.html").read_bytes() == page


def test_what_others_put_into_the_site_is_no_change(
    series: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "MARGIN", -(10**18))
    site = series.root / "site"
    said = Said("built", "")
    series.build()
    (site / "theirs").mkdir()
    (site / "theirs/a.txt").write_text("theirs")
    assert Unchanged(series.root, site, "test").recall(NOW) is None
    for changed in (False, True):
        if changed:
            series.article("006-a6", "Other words.\n")
        memory = Unchanged(series.root, site, "test")
        memory.keep(pipeline.build(series.root, NOW), said, NOW)
        assert Unchanged(series.root, site, "test").recall(NOW) == said
    (site / "theirs/a.txt").write_text("more of theirs")
    assert Unchanged(series.root, site, "test").recall(NOW) is None


def test_each_document_of_a_tag_has_the_name_that_its_first_article_gives_it(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "SIZE", 2)
    for number in range(5):
        publication.article(f"{number:03}-a{number}", tags="[rust]")
    publication.build()
    publication.article("000-a0", tags="[RUST]")
    publication.build()
    found = sorted((publication.root / "site/tags/rust").iterdir())
    assert len(found) == 9
    assert all("A Series: RUST" in path.read_text() for path in found)


MISSING = 'python: {dependencies: ["no-such-package-at-all"]}'


def test_what_could_not_be_had_is_asked_for_again(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication.write(
        "content/000-a.md",
        f"---\ntitle: A\ndate: 2026-01-01\ndescription: D\n{MISSING}\n---\n\n"
        "```python\nprint(1)\n```\n",
    )
    there: list[bool] = []
    asked: list[str] = []

    def version(language: str, *_: object) -> str:
        asked.append(language)
        return "Python 3\nwith it" if there else ""

    monkeypatch.setattr(prove, "version", version)
    monkeypatch.setattr(python, "version", version)
    built = pipeline.build(publication.root, NOW)
    assert [one.verdict for one in built.edition.marks] == [Verdict.NOT_PROVEN]
    assert not built.holds
    asked.clear()
    pipeline.build(publication.root, NOW)
    assert asked


def test_a_check_parses_each_article_once(
    series: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    series.article("006-a6", "```python\nprint(1)\n```\n")
    parsed: list[str] = []
    parse = source.parse

    def counted(file: source.ContentFile, *more: Any) -> Any:
        parsed.append(file.path)
        return parse(file, *more)

    monkeypatch.setattr(source, "parse", counted)
    assert not pipeline.check(series.root, NOW).problems
    assert sorted(parsed) == sorted({*parsed})
    assert len(parsed) == COUNT + 1
