"""After a rename every link leads where it led, and every id is what it was."""

import shutil
import subprocess
import sys
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from press import config, entering, renaming, replacing, series
from press.links import SCHEME
from press.markup import render
from press.problems import ProblemsFound
from press.renaming import Wish
from press.root import RENAMING
from tests.conftest import PIXEL, REPOSITORY, SERIES, Publication
from tests.killing import killed

LINKS = """\
[a](000-a.md) [with a section](000-a.md#here), [a reference][r], [none](https://example.org/x)
<a href="./000-a.md?x#here">HTML</a> <a href='../content/000-a.md'>up and down</a>
[by brackets](<000-a.md>) [escaped](000%2Da.md) [over
lines](
000-a.md)

`[in code](000-a.md)` <https://example.org/000-a.md>

```text
[in a fence](000-a.md)
```

> - [nested](000-a.md "a title")

[r]: 000-a.md#here
"""
SECTION = "## Here\n\nText.\n"


@pytest.fixture
def series_of_three(publication: Publication) -> Publication:
    publication.article("000-a", SECTION + "\n[self](000-a.md#here) [b](001-b/index.md)\n")
    publication.article(
        "001-b/index", LINKS.replace("000-a", "../000-a").replace("000%2D", "../000%2D")
    )
    publication.write("content/001-b/plot.png", PIXEL)
    publication.article("002-c", LINKS + "\n[a folder](001-b/) [b](001-b/index.md)\n", id="its-id")
    return publication


def rename(publication: Publication, which: str, **wish: Any) -> tuple[str, ...]:
    made = renaming.plan(publication.root, which, Wish(**wish))
    replacing.replace(publication.root, made.changes)
    return made.said


def read(publication: Publication, path: str) -> str:
    return (publication.root / path).read_text()


def test_all_links_lead_on(series_of_three: Publication) -> None:
    rename(series_of_three, "a", slug="new", number=5)
    assert series_of_three.problems() == []
    text = read(series_of_three, "content/002-c.md")
    kept = ["`[in code](000-a.md)`", "<https://example.org/000-a.md>", "[in a fence](000-a.md)"]
    assert all(one in text for one in kept)
    assert text.count("000-a") == len(kept)
    assert "000%2Da" not in text
    in_text = 9
    in_lists = 2  # of the series, on each page
    assert series_of_three.page("c.html").count('href="new.html') == in_text + in_lists
    assert "[self](005-new.md#here)" in read(series_of_three, "content/005-new.md")


def test_who_was_told_is_told_no_more_and_the_old_address_leads_on(
    series_of_three: Publication,
) -> None:
    before = {one.id for one in articles(series_of_three)}
    said = rename(series_of_three, "000", slug="new", title="Another: title")
    assert {one.id for one in articles(series_of_three)} == before
    front = read(series_of_three, "content/000-new.md").split("---")[1].splitlines()
    assert 'title: "Another: title"' in front
    assert 'id: "a"' in front
    assert 'aliases: ["/a.html"]' in front
    assert "new.html" in series_of_three.page("a.html")
    assert said[0] == "content/000-a.md -> content/000-new.md"


def articles(publication: Publication) -> list[Any]:
    return series.read(publication.root, config.load(publication.root))[0]


def test_a_folder_moves_with_all_that_is_in_it(series_of_three: Publication) -> None:
    rename(series_of_three, "content/001-b/index.md", slug="images", number=7)
    assert (series_of_three.root / "content/007-images/plot.png").read_bytes() == PIXEL
    assert not (series_of_three.root / "content/001-b").exists()
    assert series_of_three.problems() == []
    assert "[a folder](007-images/)" in read(series_of_three, "content/002-c.md")


def test_it_goes_back_to_where_it_was(series_of_three: Publication) -> None:
    rename(series_of_three, "a", slug="new")
    rename(series_of_three, "new", slug="a")
    assert series_of_three.problems() == []
    [article] = [one for one in articles(series_of_three) if one.slug == "a"]
    assert (article.id, article.aliases) == ("a", ("new.html",))


FRONTS = [
    ("slug: a\n", ["slug: \"new\"", 'aliases: ["/a.html"]']),
    ("slug: 'a' # why\n", ["slug: \"new\" # why"]),
    ("aliases: /x.html\n", ['aliases: [/x.html, "/a.html"]']),
    ("redirect_from: [/x.html]  # old\n", ['redirect_from: [/x.html, "/a.html"]  # old']),
    ("aliases:\n  - /x.html\n  # a word\n  - '/y.html'\n# end\n",
     ["  # a word", "  - '/y.html'", '  - "/a.html"', "# end"]),
    ("aliases:\n- /x.html\n", ["- /x.html", '- "/a.html"']),
    ("aliases: []\n", ['aliases: ["/a.html"]']),
    ("id: mine\n", ["id: mine"]),
]  # fmt: skip


@pytest.mark.parametrize(("front", "lines"), FRONTS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_front_matter_stays_as_it_was_written(
    publication: Publication, front: str, lines: list[str], newline: str
) -> None:
    text = f"---\ntitle: A\ndate: 2026-01-01\ndescription: B\n{front}---\n\nText.  \n"
    content = "\ufeff" + text.replace("\n", newline)
    publication.write("content/000-a.md", content)
    rename(publication, "a", slug="new")
    after = (publication.root / "content/000-new.md").read_bytes().decode()
    assert after.startswith("\ufeff---" + newline)
    assert after.count("\n") == after.count(newline)
    assert set(lines) <= set(after.split(newline))
    assert publication.problems() == []


def test_others_make_room_only_when_asked(series_of_three: Publication) -> None:
    with pytest.raises(ProblemsFound, match="has the number 0 already"):
        renaming.plan(series_of_three.root, "c", Wish(number=0))
    rename(series_of_three, "c", number=0, shift=True)
    names = sorted(path.name for path in (series_of_three.root / "content").iterdir())
    assert names == ["000-c.md", "001-a.md", "002-b"]
    assert series_of_three.problems() == []


@pytest.mark.parametrize(
    ("which", "wish", "message"),
    [
        ("none", {"slug": "x"}, "there is no article `none`"),
        ("cc", {"slug": "x"}, "did you mean `c`?"),
        ("a", {"slug": "X y"}, "the slug `X y` must be"),
        ("a", {"title": " "}, "the title must not be empty"),
        ("a", {"slug": "c"}, "it has the address c.html already"),
    ],
)
def test_what_can_not_be_is_refused(
    series_of_three: Publication, which: str, wish: dict[str, Any], message: str
) -> None:
    with pytest.raises(ProblemsFound) as caught:
        renaming.plan(series_of_three.root, which, Wish(**wish))
    assert message in str(caught.value)


def test_an_address_that_leads_to_another_is_not_taken(series_of_three: Publication) -> None:
    rename(series_of_three, "a", slug="new")
    with pytest.raises(ProblemsFound, match=r"it has the address a\.html already"):
        renaming.plan(series_of_three.root, "c", Wish(slug="a"))


def test_a_link_that_can_not_be_rewritten_stops_it(series_of_three: Publication) -> None:
    series_of_three.article("003-d", 'Text <a href="000-&#97;.md">x</a>\n')
    series_of_three.article("004-e", "[x](000-a.md)\n")
    before = read(series_of_three, "content/003-d.md")
    with pytest.raises(ProblemsFound, match=r"003-d\.md:6:1: broken-link"):
        renaming.plan(series_of_three.root, "a", Wish(slug="new"))
    assert read(series_of_three, "content/003-d.md") == before


def test_an_article_that_can_not_be_read_stops_it(series_of_three: Publication) -> None:
    series_of_three.write("content/003-d.md", "no front matter")
    with pytest.raises(ProblemsFound, match="bad-front-matter"):
        renaming.plan(series_of_three.root, "a", Wish(slug="new"))


def snapshot(root: Path) -> dict[str, bytes]:
    found = (
        (path.relative_to(root).as_posix(), path) for path in root.rglob("*") if path.is_file()
    )
    return {name: path.read_bytes() for name, path in found if not name.startswith(".cache")}


class Killed(BaseException):
    """Stands for `kill -9`: nothing that is there to clean up is called."""


def test_cut_off_anywhere_it_is_whole_or_ended_by_the_next(
    series_of_three: Publication,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = snapshot(series_of_three.root)
    plan = renaming.plan(series_of_three.root, "b", Wish(slug="x", number=0, shift=True))
    real = {name: getattr(Path, name) for name in ("replace", "rename", "unlink", "mkdir")}
    outcomes = set()
    for at in range(100):
        root = tmp_path_factory.mktemp("cut") / "it"
        shutil.copytree(series_of_three.root, root)
        left = [at]

        def step(name: str, left: list[int] = left) -> Any:
            def act(self: Path, *args: Any, **named: Any) -> Any:
                if left[0] == 0:
                    raise Killed
                left[0] -= 1
                return real[name](self, *args, **named)

            return act

        with monkeypatch.context() as patch:
            for name in real:
                patch.setattr(Path, name, step(name))
            try:
                replacing.replace(root, plan.changes)
                was_cut = False
            except Killed:
                was_cut = True
        replacing.finish(root)
        after = snapshot(root)
        outcomes.add("before" if after == before else "after")
        if after != before:
            assert {"content/000-x/index.md", "content/001-a.md"} <= after.keys()
            assert len(after) == len(before)
            assert Publication(root).problems() == []
        if not was_cut:
            break
    assert outcomes == {"before", "after"}
    assert not was_cut


def test_what_has_changed_since_it_was_cut_off_is_not_lost(series_of_three: Publication) -> None:
    root = series_of_three.root
    change = replacing.Change("content/000-a.md", "content/000-x.md", b"never so", b"new")
    with pytest.raises(ProblemsFound, match="changed since a rename began"):
        replacing.replace(root, [change])
    assert replacing.is_unfinished(root)
    assert (root / "content/000-a.md").exists()


def test_what_stands_in_the_way_of_a_change_is_named(series_of_three: Publication) -> None:
    before = (series_of_three.root / "content/000-a.md").read_bytes()
    (series_of_three.root / "content/009-x.md/mine").mkdir(parents=True)
    change = replacing.Change("content/000-a.md", "content/009-x.md", before, b"new")
    with pytest.raises(ProblemsFound) as caught:
        replacing.replace(series_of_three.root, [change])
    assert [one.path for one in caught.value.problems] == ["content/009-x.md"]


def test_where_no_file_is_to_blame_the_folder_is_named(
    series_of_three: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("press.replacing.os.fsync", full)
    change = replacing.Change("content/000-a.md", "content/000-x.md", b"a", b"b")
    with pytest.raises(ProblemsFound) as caught:
        replacing.replace(series_of_three.root, [change])
    assert [one.path for one in caught.value.problems] == ["content"]


@pytest.fixture
def cut_off(series_of_three: Publication) -> Publication:
    """A publication in which a rename was killed in the middle: an article is there twice."""
    killed(series_of_three, "press.replacing:Path.unlink", "before", *RENAME)
    assert {"content/000-a.md", "content/001-a.md"} <= snapshot(series_of_three.root).keys()
    return series_of_three


RENAME = ("rename", "1", "--number", "0", "--shift")
ENDED = "a rename that was cut off is done now\n"


@pytest.mark.parametrize(
    "verb",
    [["build"], ["check"], ["check", "--update"], ["status"], ["new", "D"], ["import", "old"],
     ["publish", "--dry-run", "--until", "build"]],
    ids=" ".join,
)  # fmt: skip
def test_whatever_reads_the_articles_ends_first_what_was_cut_off(
    cut_off: Publication, verb: list[str]
) -> None:
    (cut_off.root / "old/_posts").mkdir(parents=True)
    run = cut_off.run(*verb)
    assert (run.returncode, run.stderr) == (0, ENDED)
    assert not (cut_off.root / RENAMING).exists()
    assert [one.path for one in articles(cut_off)][:3] == [
        "content/000-b/index.md", "content/001-a.md", "content/002-c.md",
    ]  # fmt: skip
    assert cut_off.run("check").stderr == ""


def test_said_again_after_it_was_cut_off_it_is_done_once(cut_off: Publication) -> None:
    run = cut_off.run(*RENAME)
    assert (run.returncode, run.stderr) == (0, ENDED)
    assert run.stdout == "if it was not this one, say this one again\n"
    assert [one.slug for one in articles(cut_off)] == ["b", "a", "c"]


def test_a_rename_that_is_under_way_is_waited_for_and_not_taken_for_one_that_was_cut_off(
    cut_off: Publication,
) -> None:
    with entering.alone(cut_off.root):
        command = [sys.executable, str(REPOSITORY / "build.py"), "status"]
        status = subprocess.Popen(
            command, cwd=cut_off.root, env=cut_off.environment, stderr=subprocess.PIPE, text=True
        )
        with pytest.raises(subprocess.TimeoutExpired):
            status.wait(1)
        replacing.finish(cut_off.root)
    assert status.communicate()[1] == ""
    assert status.returncode == 0


def test_its_command(series_of_three: Publication) -> None:
    before = snapshot(series_of_three.root)
    dry = series_of_three.run("rename", "a", "--slug", "new", "--dry-run")
    assert (dry.returncode, dry.stderr) == (0, "")
    assert snapshot(series_of_three.root) == before
    run = series_of_three.run("rename", "a", "--slug", "new")
    assert dry.stdout == run.stdout + "nothing is done yet: say it again without --dry-run\n"
    assert "content/002-c.md:8: 000-a.md -> 000-new.md" in run.stdout
    assert series_of_three.run("check").returncode == 0
    assert series_of_three.run("rename", "new").returncode == 2
    again = series_of_three.run("rename", "new", "--slug", "new")
    assert again.stdout == "it is so already\n"


WISHES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.none() | st.integers(0, 6),
        st.none() | st.sampled_from("abcdef"),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


def led(publication: Publication) -> tuple[dict[str, list[str]], set[str]]:
    """Article's id -> where each of its links leads to, as the id of an article."""
    found = articles(publication)
    ids = {one.path: one.id for one in found}
    where = {}
    for one in found:
        places = [
            (publication.root / one.path).parent / href.partition("#")[0]
            for href in render(one).links
            if not SCHEME.match(href)
        ]
        names = [
            place.resolve().relative_to(publication.root.resolve()).as_posix() for place in places
        ]
        where[one.id] = [ids[name] for name in names]
    return where, set(ids.values())


@given(WISHES)
def test_any_renames_keep_all_links_and_ids(
    tmp_path_factory: pytest.TempPathFactory, wishes: list[tuple[int, int | None, str | None, bool]]
) -> None:
    publication = Publication(tmp_path_factory.mktemp("renamed"))
    publication.write("series.toml", SERIES)
    names = ["000-a", "001-b/index", "0002-c", "003-d"]
    for name in names:
        up = "../" if "/" in name else ""
        text = "".join(f"[x]({up}{other}.md) <a href='{up}{other}.md'>y</a>\n" for other in names)
        publication.article(name, text + f"\n[r][]\n\n[r]: {up}000-a.md\n")
    before, codes = led(publication), set[str]()
    for index, number, slug, shift in wishes:
        which = sorted(articles(publication), key=lambda one: str(one.id))[index].path
        try:
            rename(publication, which, number=number, slug=slug, shift=shift)
        except ProblemsFound as error:
            codes |= {one.code for one in error.problems}
        assert led(publication) == before
        assert series.read(publication.root, config.load(publication.root))[2] == []
    assert codes <= {"duplicate"}
    assert not (publication.root / RENAMING).exists()
