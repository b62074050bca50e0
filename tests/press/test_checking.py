"""What an author asks a check for: files, examples by their lines, and what has changed."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from press import checking, pipeline
from press.checking import Wanted
from press.memory import KEPT
from press.problems import Problem, ProblemsFound
from press.progress import Advance
from tests.conftest import NOW, SERIES, Publication

ONE, TWO, FOLDER, DRAFT = (
    "content/000-a.md", "content/001-b.md", "content/002-c/index.md", "content/003-d.md",
)  # fmt: skip
EXAMPLE = "```python\npass\n```\n"
EVERY = [f"{ONE}:7", f"{ONE}:13", f"{TWO}:7", f"{FOLDER}:7"]


@pytest.fixture(params=[False, True], ids=["never built", "built"])
def series(publication: Publication, request: pytest.FixtureRequest) -> Publication:
    shown = "```python\nprint(1)\n```\n\n```output\n1\n```\n"
    publication.write("series.toml", SERIES)
    publication.article("000-a", f"{EXAMPLE}\nText.\n\n{shown}")
    publication.article("001-b", EXAMPLE)
    publication.article("002-c/index", EXAMPLE)
    publication.write("content/002-c/data.txt", "data")
    publication.article("003-d", EXAMPLE, draft="true")
    if request.param:
        publication.build()
    return publication


def quiet(_what: str) -> Advance:
    return lambda _done, _count: None


def asked(series: Publication, *places: str, since: str | None = None) -> list[str]:
    """The places of the examples that are proven."""
    checked = checking.check(series.root, NOW, Wanted(places, since), quiet)
    assert checked.problems == ()
    return [
        f"{one.example.article.path}:{one.example.fence.line}"
        for one in checked.proofs
    ]  # fmt: skip


def refused(series: Publication, *places: str, since: str | None = None) -> list[Problem]:
    with pytest.raises(ProblemsFound) as error:
        checking.check(series.root, NOW, Wanted(places, since), quiet)
    return list(error.value.problems)


@pytest.fixture
def here(series: Publication, monkeypatch: pytest.MonkeyPatch) -> Publication:
    """The publication, in the working folder."""
    monkeypatch.chdir(series.root)
    return series


def test_nothing_asked_for_is_everything_published(here: Publication) -> None:
    assert asked(here) == EVERY


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([ONE], EVERY[:2]),
        ([f"./{ONE}"], EVERY[:2]),
        ([f"content/../{ONE}"], EVERY[:2]),
        ([FOLDER], [f"{FOLDER}:7"]),
        (["content/002-c"], [f"{FOLDER}:7"]),
        (["content/002-c/"], [f"{FOLDER}:7"]),
        ([f"{FOLDER}:7"], [f"{FOLDER}:7"]),
        ([DRAFT], [f"{DRAFT}:8"]),
        ([TWO, f"{ONE}:13"], [f"{ONE}:13", f"{TWO}:7"]),
        ([f"{ONE}:7", f"{ONE}:8"], [f"{ONE}:7"]),
        ([f"{ONE}:9"], [f"{ONE}:7"]),
        ([f"{ONE}:13:1"], [f"{ONE}:13"]),
        ([f"{ONE}:15"], [f"{ONE}:13"]),
        ([f"{ONE}:17"], [f"{ONE}:13"]),
        ([f"{ONE}:19"], [f"{ONE}:13"]),
    ],
)
def test_a_place_means(here: Publication, places: list[str], expected: list[str]) -> None:
    assert asked(here, *places) == expected


def test_a_place_is_from_the_working_folder(
    series: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(series.root / "content")
    assert asked(series, "001-b.md") == [f"{TWO}:7"]
    assert asked(series, f"{series.root / TWO}:8") == [f"{TWO}:7"]


def test_an_article_that_is_a_link_is_one(here: Publication) -> None:
    (here.root / TWO).rename(here.root / "elsewhere.md")
    (here.root / TWO).symlink_to("../elsewhere.md")
    assert asked(here, TWO) == [f"{TWO}:7"]


def test_a_link_to_the_publication_leads_there(
    here: Publication, tmp_path_factory: pytest.TempPathFactory
) -> None:
    link = tmp_path_factory.mktemp("other") / "link"
    link.symlink_to(here.root)
    assert asked(here, f"{link / TWO}") == [f"{TWO}:7"]


@pytest.mark.parametrize(
    "place",
    ["content/009-x.md", "content", "series.toml", "content/002-c/data.txt", "/none.md", "",
     f"{ONE}:", f"{ONE}:x", f"{ONE}:7:x", "../content/000-a.md", f"{ONE}:{'9' * 5000}", "a\nb"],
)  # fmt: skip
def test_a_place_that_is_no_article_is_refused(here: Publication, place: str) -> None:
    [problem] = refused(here, ONE, place)
    assert (problem.code, problem.line) == ("unreadable", 0)
    assert problem.message == "this is no article of the publication"


@pytest.mark.parametrize("line", [0, 1, 6, 10, 11, 20, 999_999_999])
def test_a_line_without_an_example_is_refused(here: Publication, line: int) -> None:
    [problem] = refused(here, f"{ONE}:{line}", ONE)
    assert (problem.path, problem.line, problem.code) == (ONE, line, "bad-input")
    assert problem.message == "there is no example at this line"


def test_every_wrong_place_is_told(here: Publication) -> None:
    assert [one.path for one in refused(here, "x.md", f"{ONE}:1", "y.md")] == [ONE, "x.md", "y.md"]


def test_an_article_that_can_not_be_read_tells_why(here: Publication) -> None:
    here.write(TWO, "no front matter\n")
    checked = checking.check(here.root, NOW, Wanted((f"{TWO}:7",)), quiet)
    assert [one.code for one in checked.problems] == ["bad-front-matter"]


def git(series: Publication, *words: str) -> str:
    names = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER")
             for what in ("NAME", "EMAIL")}  # fmt: skip
    environment = {**os.environ, **names, "GIT_CONFIG_GLOBAL": "/dev/null"}
    done = subprocess.run(
        ["git", *words], cwd=series.root, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return done.stdout


@pytest.fixture
def kept(series: Publication) -> Publication:
    """The publication, in a repository of git that has all of it."""
    commit(series)
    return series


def commit(series: Publication, ignored: str = "") -> None:
    """Put all into a new repository, but for what is ignored."""
    git(series, "init", "-q")
    series.write(".gitignore", f".cache\n{ignored}")
    git(series, "add", ".")
    git(series, "commit", "-qm", "All")


def changed(series: Publication, path: str) -> None:
    with (series.root / path).open("a") as file:
        file.write("\nMore.\n")


def test_nothing_has_changed(kept: Publication) -> None:
    assert asked(kept, since="HEAD") == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (ONE, EVERY[:2]),
        (FOLDER, [f"{FOLDER}:7"]),
        ("content/002-c/data.txt", [f"{FOLDER}:7"]),
        ("content/002-c/new.txt", [f"{FOLDER}:7"]),
        ("content/_002-cd.txt", []),
        ("series.toml", EVERY),
        ("README.md", []),
    ],
)
@pytest.mark.parametrize("commit", [False, True])
def test_what_has_changed_is_proven(
    kept: Publication, path: str, expected: list[str], commit: bool
) -> None:
    if path == "series.toml":
        kept.write(path, SERIES + "\n# a comment\n")
    else:
        changed(kept, path)
    if commit:
        git(kept, "add", ".")
        git(kept, "commit", "-qm", "More")
    assert asked(kept, since="HEAD~1" if commit else "HEAD") == expected


@pytest.fixture
def linked(series: Publication) -> Publication:
    """The publication with links: a file beside an article, an article and the folder of one."""
    series.write("shared/data.txt", "data")
    (series.root / "shared/way.txt").symlink_to("data.txt")
    (series.root / "content/002-c/data.txt").unlink()
    (series.root / "content/002-c/data.txt").symlink_to("../../shared/way.txt")
    (series.root / TWO).rename(series.root / "shared/text.md")
    (series.root / TWO).symlink_to(series.root / "shared/text.md")
    series.article("004-e/index", EXAMPLE)
    series.write("content/004-e/more.txt", "data")
    (series.root / "content/004-e").rename(series.root / "shared/e")
    (series.root / "content/004-e").symlink_to("../shared/e")
    return series


LINKED = "content/004-e/index.md:7"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("shared/data.txt", [f"{FOLDER}:7"]),
        ("shared/text.md", [f"{TWO}:7"]),
        ("shared/e/index.md", [LINKED]),
        ("shared/e/more.txt", [LINKED]),
        ("shared/e/new.txt", [LINKED]),
        ("shared/other.txt", []),
    ],
)
@pytest.mark.parametrize("ignored", ["", "{}\n"])
def test_what_a_link_leads_to_has_changed(
    linked: Publication, path: str, expected: list[str], ignored: str
) -> None:
    commit(linked, ignored.format(path))
    changed(linked, path)
    assert asked(linked, since="HEAD") == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("shared/data.txt", [f"{FOLDER}:7"]), ("shared/e/more.txt", [LINKED])],
)
def test_what_a_link_leads_to_is_gone(linked: Publication, path: str, expected: list[str]) -> None:
    commit(linked)
    (linked.root / path).unlink()
    assert asked(linked, since="HEAD") == expected


@pytest.mark.parametrize("path", ["shared/way.txt", "content/002-c/data.txt"])
def test_a_link_that_leads_elsewhere_has_changed(linked: Publication, path: str) -> None:
    linked.write("shared/other.txt", "other")
    commit(linked)
    (linked.root / path).unlink()
    (linked.root / path).symlink_to(linked.root / "shared/other.txt")
    assert asked(linked, since="HEAD") == [f"{FOLDER}:7"]


def test_a_folder_that_is_another_has_changed(linked: Publication) -> None:
    linked.write("other/index.md", (linked.root / "shared/e/index.md").read_text())
    commit(linked)
    (linked.root / "content/004-e").unlink()
    (linked.root / "content/004-e").symlink_to("../other")
    assert asked(linked, since="HEAD") == [LINKED]


def test_a_file_that_is_gone_has_changed(kept: Publication) -> None:
    (kept.root / "content/002-c/data.txt").unlink()
    (kept.root / TWO).unlink()
    assert asked(kept, since="HEAD") == [f"{FOLDER}:7"]


@pytest.mark.parametrize("name", ["004-é", "004-new"])
def test_an_article_that_git_does_not_know_has_changed(kept: Publication, name: str) -> None:
    kept.article(name, EXAMPLE, slug="new")
    assert asked(kept, since="HEAD") == [f"content/{name}.md:8"]


def test_an_article_that_git_ignores_may_have_changed(kept: Publication) -> None:
    kept.write(".gitignore", "004*\n.cache\n")
    git(kept, "commit", "-qam", "Ignore it")
    kept.article("004-new", EXAMPLE)
    assert asked(kept, since="HEAD") == ["content/004-new.md:7"]


def test_a_publication_within_a_repository(tmp_path: Path) -> None:
    outer, inner = Publication(tmp_path), Publication(tmp_path / "docs")
    inner.write("series.toml", SERIES)
    inner.article("000-a", EXAMPLE)
    inner.article("001-b", EXAMPLE)
    outer.write("content/001-b.md", "other")
    git(outer, "init", "-q")
    git(outer, "add", ".")
    git(outer, "commit", "-qm", "All")
    changed(inner, ONE)
    changed(outer, TWO)
    assert asked(inner, since="HEAD") == [f"{ONE}:7"]


def test_both_a_place_and_a_change_are_asked_for(
    kept: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kept.root)
    changed(kept, ONE)
    assert asked(kept, f"{ONE}:7", TWO, since="HEAD") == [f"{ONE}:7"]
    assert asked(kept, f"{TWO}:7", since="HEAD") == []


@pytest.mark.parametrize(
    "revision",
    ["no-such", "--output=x", "-O/etc/passwd", "--no-index", "HEAD:none", "-", " "],
)
def test_a_revision_that_is_none_is_refused(kept: Publication, revision: str) -> None:
    before = sorted(one.name for one in kept.root.iterdir())
    [problem] = refused(kept, since=revision)
    assert (problem.path, problem.code) == ("--since", "bad-input")
    assert problem.message.startswith("can't tell: ")
    assert "\n" not in problem.message
    assert sorted(one.name for one in kept.root.iterdir()) == before


def test_it_needs_a_repository(series: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(series.root.parent))
    [problem] = refused(series, since="HEAD")
    assert problem.message.startswith("can't tell: ")


def test_it_needs_git(kept: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    [problem] = refused(kept, since="HEAD")
    assert problem.message == "can't tell: git is not installed"


def test_it_does_not_wait_for_ever(kept: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = kept.write("bin/git", "#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(checking, "GIT_SECONDS", 0.2)
    [problem] = refused(kept, since="HEAD")
    assert problem.message == "can't tell: git was still running after 0.2 seconds"


def test_the_command_takes_them(kept: Publication) -> None:
    changed(kept, TWO)
    run = kept.run("check", "--since", "HEAD")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == "3 articles; 1 example: 1 proven\n"
    run = kept.run("check", "--since", "--output=x", TWO)
    assert run.returncode == 1
    assert run.stderr.startswith("--since: bad-input: can't tell: ")
    run = kept.run("check", f"{TWO}:1")
    assert run.returncode == 1
    assert run.stderr.startswith(f"{TWO}:1:1: bad-input: there is no example at this line\n")


def test_what_a_build_has_made_is_not_made_again_and_nothing_is_kept(
    publication: Publication,
) -> None:
    for name in ("000-a", "001-b", "002-c"):
        publication.article(name, EXAMPLE)
    publication.build()
    kept = publication.root / ".cache" / KEPT
    before = kept.read_bytes()
    publication.article("000-a", f"{EXAMPLE}\nMore.\n")
    for _ in range(2):
        checked = pipeline.check(publication.root, NOW)
        assert checked.edition
        assert [name for name in checked.edition.why if "content/" in name] == [ONE]
        assert {one.example.article.path for one in checked.proofs} == {
            f"content/{name}.md" for name in ("000-a", "001-b", "002-c")
        }
        assert kept.read_bytes() == before


def test_what_is_kept_may_be_damaged(publication: Publication) -> None:
    for name in ("000-a", "001-b"):
        publication.article(name, EXAMPLE)
    publication.build()
    with closing(sqlite3.connect(publication.root / ".cache" / KEPT)) as kept, kept:
        kept.execute("UPDATE texts SET text = 'of another'")
    publication.article("000-a", f"{EXAMPLE}\nMore.\n")
    assert not pipeline.check(publication.root, NOW).problems


def test_what_fails_elsewhere_is_told_by_a_check_of_all_alone(publication: Publication) -> None:
    publication.article("000-a", EXAMPLE)
    publication.article("001-b", EXAMPLE)
    publication.build()
    publication.article("001-b", "```python\nraise ValueError\n```\n")
    only_a = pipeline.check(
        publication.root, NOW, choose=lambda *_: lambda e: e.article.path == ONE
    )
    assert not only_a.problems
    [problem] = pipeline.check(publication.root, NOW).problems
    assert problem.path == TWO
