"""A build after another one is what it would be from nothing, whatever has come in between."""

import os
import shutil

import pytest

from press import building, machine, pipeline, unchanged
from press.building import Wish
from press.problems import Code, ProblemsFound
from tests.conftest import NOW, Publication

FAILING = '{% extends "proofpress/404.html" %}{% block title %}{{ nothing }}{% endblock %}'


@pytest.fixture
def series(publication: Publication) -> Publication:
    for number in range(3):
        publication.article(f"{number:03}-a{number}", tags="[x, y]")
    return publication


def built(publication: Publication) -> list[str]:
    """What it is refused for, if anything."""
    try:
        building.build(publication.root, NOW, Wish())
    except ProblemsFound as error:
        return sorted({f"{one.path} {one.code}" for one in error.problems})
    return []


def require_whole(publication: Publication) -> None:
    """No file is a link, and each has the content that it has in a site from nothing."""
    site = publication.root / "site"
    edition = publication.make()
    wanted = {one.path: one.content for one in (*edition.outputs, edition.index)}
    found = {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in site.rglob("*")
        if path.is_file()
    }
    assert not {path for path in found.keys() | wanted if found.get(path) != wanted.get(path)}
    assert not [path for path in site.rglob("*") if path.is_symlink()]


@pytest.fixture(autouse=True)
def nothing_is_young(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look is enough, as it is for files that have been there for some seconds."""
    monkeypatch.setattr("press.survey.MARGIN", -(10**18))


@pytest.mark.parametrize("name", ["404", "tag", "series"])
def test_a_template_that_fails_fails_each_time(series: Publication, name: str) -> None:
    assert not built(series)
    page = FAILING.replace("404", name)
    series.write(f"templates/site/{name}.html", page)
    for _ in range(2):
        assert built(series) == [f"templates/site/{name}.html template-failed"]
        checked = pipeline.check(series.root, NOW).problems
        assert {one.code for one in checked} == {Code.TEMPLATE_FAILED}
    assert (series.root / "site/404.html").is_file()
    (series.root / f"templates/site/{name}.html").unlink()
    assert not built(series)
    require_whole(series)


@pytest.mark.parametrize("name", ["assets", "tags", "tags/x", "a1.html"])
@pytest.mark.parametrize("changes", [True, False])
def test_what_was_moved_and_linked_to_is_written_again(
    series: Publication, name: str, changes: bool
) -> None:
    assert not built(series)
    place, elsewhere = series.root / "site" / name, series.root / "elsewhere"
    place.rename(elsewhere)
    place.symlink_to(elsewhere)
    if changes:
        series.write("templates/assets/mine.css", "b {}")
        series.article("001-a1", "Other words.\n", tags="[x]")
    assert not built(series)
    require_whole(series)


def test_a_folder_of_templates_may_be_a_link(series: Publication) -> None:
    series.write("shared/own.html", "First.")
    block = '{% block footer %}{% include "parts/own.html" %}{% endblock %}'
    page = f'{{% extends "proofpress/base.html" %}}{block}'
    series.write("templates/site/base.html", page)
    (series.root / "templates/site/parts").symlink_to("../../shared")
    for name in ("again", "and-again"):  # it never ends
        (series.root / "shared" / name).symlink_to(".")
    assert not built(series)
    series.write("shared/own.html", "Second.")
    assert not built(series)
    assert "Second." in (series.root / "site/a1.html").read_text()
    require_whole(series)


def test_an_empty_template_is_another_than_none(series: Publication) -> None:
    block = '{% block footer %}{% include ["promo.html", "other.html"] %}{% endblock %}'
    series.write("templates/site/base.html", f'{{% extends "proofpress/base.html" %}}{block}')
    series.write("templates/site/other.html", "Other.")
    assert not built(series)
    promo = series.write("templates/site/promo.html", "")
    assert not built(series)
    require_whole(series)
    promo.unlink()
    assert not built(series)
    require_whole(series)


@pytest.mark.parametrize(
    ("name", "code"),
    [("content/021-foo", Code.BAD_FILE_NAME), ("content/022-x.md", Code.UNREADABLE)],
)
def test_a_folder_without_files_is_seen(series: Publication, name: str, code: Code) -> None:
    assert not built(series)
    (series.root / name).mkdir()
    assert built(series) == [f"{name} {code}"]
    (series.root / name).rmdir()
    assert not built(series)


@pytest.mark.parametrize("is_file", [True, False])
def test_no_content_is_another_than_an_empty_one(publication: Publication, is_file: bool) -> None:
    content = publication.root / "content"
    assert not built(publication)
    content.rmdir()
    if is_file:
        content.touch()
    assert built(publication) == [f"content {Code.UNREADABLE}"]


def test_our_own_files_may_be_links(
    series: Publication,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where an installer links to what it has in store."""
    store, installed = tmp_path_factory.mktemp("store"), tmp_path_factory.mktemp("installed")
    for module, name in ((machine, "press.py"), (unchanged, "page.html")):
        (store / name).write_text("1")
        (installed / name).symlink_to(store / name)
        monkeypatch.setattr(module, "OURS", installed)
    assert not built(series)
    assert building.build(series.root, NOW, Wish()).built is None
    for name in ("press.py", "page.html"):
        (store / name).write_text("22")
        assert building.build(series.root, NOW, Wish()).built is not None
        assert building.build(series.root, NOW, Wish()).built is None


@pytest.mark.parametrize(
    ("inside", "name", "code"),
    [
        ("x.md", "content/009-x.md", Code.UNREADABLE),
        ("x", "content/009-x", Code.UNREADABLE),
        ("x/beside.txt", "content/005-b/beside.txt", Code.UNREADABLE),
        ("base.html", "templates/site/base.html", Code.TEMPLATE_FAILED),
    ],
)
def test_what_is_moved_out_of_the_publication_is_no_part_of_it(
    series: Publication,
    tmp_path_factory: pytest.TempPathFactory,
    inside: str,
    name: str,
    code: Code,
) -> None:
    """Though nothing of it has another content or another stamp."""
    article = series.article("009-x").read_text()
    for folder in ("drafts/x/index.md", "drafts/x.md", "content/005-b/index.md"):
        series.write(folder, article if "drafts" in folder else article.replace("009-x", "b"))
    (series.root / "content/009-x.md").unlink()
    series.write("drafts/x/beside.txt", "beside")
    series.write("drafts/base.html", '{% extends "proofpress/base.html" %}')
    place = series.root / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(series.root / "drafts" / inside)
    for _ in range(2):
        assert not built(series)
    away = tmp_path_factory.mktemp("away") / "drafts"
    shutil.move(series.root / "drafts", away)
    (series.root / "drafts").symlink_to(away)
    [problem] = built(series)
    assert problem.endswith(f" {code}")


@pytest.mark.parametrize("name", ["content/009-x.md", "content/005-b/x", "templates/assets/x",
                                  "templates/site/x.html", "templates/words/en.po",
                                  "templates/card/title.ttf"])  # fmt: skip
def test_a_pipe_is_waited_for_by_nobody(series: Publication, name: str) -> None:
    series.article("005-b/index")
    (series.root / name).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(series.root / name)
    wanted = [f"{name} unreadable"] if name.endswith((".md", ".ttf")) else []
    assert built(series) == built(series) == wanted
    assert not (series.root / "site/x").exists()


@pytest.mark.parametrize("content", [None, '{"files": {"a": ', "[]"])
def test_without_a_manifest_what_was_left_is_known(
    series: Publication, content: str | None
) -> None:
    assert not built(series)
    manifest = series.root / "site/manifest.json"
    manifest.unlink()
    if content is not None:
        manifest.write_text(content)
    (series.root / "content/002-a2.md").unlink()
    assert not built(series)
    require_whole(series)


@pytest.mark.parametrize("name", [".intended", "manifest.json"])
@pytest.mark.parametrize(
    "content",
    [
        '["a\\u0000b", "\\ud800", "../series.toml"]',
        '{"files": {"a\\u0000": "", "\\ud800": ""}}',
        "[" * 99_999,
    ],
)
def test_what_a_site_says_of_itself_may_be_anything(
    series: Publication, name: str, content: str
) -> None:
    assert not built(series)
    series.write(f"site/{name}", content)
    assert not built(series)
    require_whole(series)


def test_paths_of_forms_give_way_to_folders(publication: Publication) -> None:
    settings = publication.root / "series.toml"
    settings.write_text(
        settings.read_text().replace("[newsletter]", "[site]\ncompressed = true\n[newsletter]")
    )
    publication.write("content/000-a/x.csv", "again and " * 200)
    publication.write("content/000-a/x.csv.gz/y.csv", "its own")
    publication.article("000-a/index")
    publication.article("001-c", aliases="[/b.html.gz/]")
    publication.article("002-b", "Words. " * 300)
    assert not built(publication)
    require_whole(publication)
    assert (publication.root / "site/b.html.gz/index.html").is_file()
