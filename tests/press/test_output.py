"""Writing the site: only what changed, and nothing that is not ours."""

import json
import os
from errno import ENOSPC
from pathlib import Path

import pytest

from press import manifest, output, results
from press.model import OutputFile
from press.problems import Code, ProblemsFound
from tests.conftest import Publication


def index(files: dict[str, str]) -> OutputFile:
    series = manifest.Series("T", "https://e.org", "A", "en", "D")
    digests = {path: output.digest(text.encode()) for path, text in files.items()}
    return OutputFile(manifest.FILE, manifest.dump(manifest.Manifest(series, (), digests)))


def write(root: Path, files: dict[str, str]) -> tuple[int, int, int]:
    """Counts the files that are written, left as they are, and removed."""
    outputs = [OutputFile(path, text.encode()) for path, text in files.items()]
    made = [results.of(one) for one in outputs]
    contents = {one.path: one.content for one in outputs}
    done, _ = output.write(root / output.FOLDER, made, contents, index(files), output.Found())
    return done.written, done.unchanged, done.removed


def tree(root: Path) -> dict[str, str]:
    """The files of a site but those that list them, and their texts."""
    site = root / "site"
    return {
        path.relative_to(site).as_posix(): path.read_text()
        for path in sorted(site.rglob("*"))
        if path.is_file() and path.name not in (manifest.FILE, output.INTENDED)
    }


def test_it_writes_all_files(tmp_path: Path) -> None:
    files = {"index.html": "i", "a/b/c.txt": "c"}
    assert write(tmp_path, files) == (3, 0, 0)
    assert tree(tmp_path) == files


def test_it_leaves_what_has_not_changed(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1", "b": "2"})
    for path in (tmp_path / "site").iterdir():
        os.utime(path, ns=(1, 1))
    assert write(tmp_path, {"a": "1", "b": "3"}) == (2, 1, 0)
    changed = {p.name for p in (tmp_path / "site").iterdir() if p.stat().st_mtime_ns != 1}
    assert changed == {"b", manifest.FILE}
    assert write(tmp_path, {"a": "1", "b": "3"}) == (0, 3, 0)


def test_it_removes_what_went_and_the_folders_that_are_empty_then(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1", "b/c/d": "2", "b/e": "3", "f/g": "4"})
    assert write(tmp_path, {"b/e": "3"}) == (1, 1, 3)
    assert tree(tmp_path) == {"b/e": "3"}
    assert sorted(p.name for p in (tmp_path / "site").iterdir()) == ["b", manifest.FILE]


def test_what_it_did_not_make_survives(tmp_path: Path) -> None:
    write(tmp_path, {"a/b": "1"})
    for name in ("CNAME", "a/mine.txt", ".well-known/x", ".mine.new"):
        path = tmp_path / "site" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    write(tmp_path, {"c": "2"})
    assert tree(tmp_path) == {
        "c": "2", "CNAME": "mine", "a/mine.txt": "mine", ".well-known/x": "mine",
        ".mine.new": "mine",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"x": "1"}, {"x/y": "2"}),
        ({"x/y": "1"}, {"x": "2"}),
        ({"x": "1"}, {"x/y/z": "2"}),
        ({"x/y/z": "1", "x/w": "1"}, {"x": "2"}),
        ({"a/x": "1"}, {"a/x/y": "2"}),
    ],
)
def test_a_file_and_a_folder_may_change_places(
    tmp_path: Path, before: dict[str, str], after: dict[str, str]
) -> None:
    write(tmp_path, before)
    write(tmp_path, after)
    assert tree(tmp_path) == after


def problem(root: Path, files: dict[str, str]) -> tuple[str, Code]:
    with pytest.raises(ProblemsFound) as caught:
        write(root, files)
    [found] = caught.value.problems
    return found.path, found.code


def test_a_file_in_the_place_of_the_site_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("mine")
    assert problem(tmp_path, {"a": "1"}) == ("site", Code.BAD_OUTPUT_FOLDER)
    assert (tmp_path / "site").read_text() == "mine"


def test_a_strangers_file_in_the_place_of_a_folder_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/a").write_text("mine")
    assert problem(tmp_path, {"a/b": "1"}) == ("site/a", Code.BAD_OUTPUT_FOLDER)
    assert tree(tmp_path) == {"a": "mine"}


def test_a_strangers_folder_in_the_place_of_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "site/a").mkdir(parents=True)
    (tmp_path / "site/a/b").write_text("mine")
    assert problem(tmp_path, {"a": "1"}) == ("site/a", Code.BAD_OUTPUT_FOLDER)
    assert tree(tmp_path) == {"a/b": "mine"}


def test_no_file_that_is_only_being_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _content: bytes) -> None:
        raise OSError(ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    assert problem(tmp_path, {"a": "1"}) == ("site", Code.BAD_OUTPUT_FOLDER)


def test_a_name_that_is_too_long_is_a_problem(tmp_path: Path) -> None:
    assert problem(tmp_path, {"x" * 300: "1"})[1] is Code.BAD_OUTPUT_FOLDER


def test_the_longest_name_that_can_be_is_written(tmp_path: Path) -> None:
    write(tmp_path, {"x" * 255: "1"})
    assert tree(tmp_path) == {"x" * 255: "1"}


@pytest.mark.parametrize("cut", ["no manifest", "half a manifest", "an old one", "no json at all"])
def test_a_build_that_was_cut_off_is_made_good(tmp_path: Path, cut: str) -> None:
    write(tmp_path, {"a": "old", "gone": "1"})
    old = tmp_path / "site" / manifest.FILE
    content = old.read_bytes()
    (tmp_path / "site/a").write_text("half")
    (tmp_path / "site/.4711.new").write_text("half")
    if cut == "no manifest":
        old.unlink()
    else:
        old.write_bytes(
            {"half a manifest": content[:20], "an old one": content}.get(cut, b"[" * 99999)
        )
    write(tmp_path, {"a": "new", "b": "2"})
    left = {} if cut == "an old one" else {"gone": "1"}  # no one knows any more whose it is
    assert tree(tmp_path) == {"a": "new", "b": "2", **left}
    assert write(tmp_path, {"a": "new", "b": "2"}) == (0, 3, 0)


PATHS = ["../mine", "a/../../mine", "/tmp/mine", "", ".", "a/", "\\mine", "./a", 7, None]


@pytest.mark.parametrize("path", PATHS)
def test_a_manifest_that_was_changed_removes_nothing_elsewhere(
    tmp_path: Path, path: object
) -> None:
    write(tmp_path, {"a": "1"})
    (tmp_path / "mine").write_text("mine")
    file = tmp_path / "site" / manifest.FILE
    document = json.loads(file.read_bytes())
    document["files"] = [[path, "x"]]
    file.write_text(json.dumps(document))
    write(tmp_path, {"a": "1"})
    assert (tmp_path / "mine").read_text() == "mine"
    assert tree(tmp_path) == {"a": "1"}


def test_it_does_not_follow_links_out_of_the_site(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1", "b/c": "2", "d/e": "3"})
    (tmp_path / "mine").mkdir()
    for name in ("a", "c", "e"):
        (tmp_path / "mine" / name).write_text("mine")
    site = tmp_path / "site"
    for name in ("b/c", "d/e"):
        (site / name).unlink()
        (site / name).parent.rmdir()
    (site / "a").unlink()
    (site / "a").symlink_to(tmp_path / "mine/a")
    (site / "b").symlink_to(tmp_path / "mine")
    (site / "d").symlink_to(tmp_path / "mine")
    write(tmp_path, {"a": "mine", "b/c": "2"})
    assert {p.name: p.read_text() for p in (tmp_path / "mine").iterdir()} == dict.fromkeys(
        "ace", "mine"
    )
    assert not (site / "a").is_symlink()
    assert not (site / "b").is_symlink()


@pytest.mark.parametrize(
    ("first", "second", "where"),
    [
        ({"aliases": "[/b.html]"}, {}, "content/000-a.md:5:11"),
        ({"aliases": "[/B.html]"}, {}, "content/000-a.md:5:11"),
        ({"aliases": "[/x/y, /b.html/x]"}, {}, "content/000-a.md:5:17"),
        ({"aliases": "[/feed.xml/old]"}, {}, "content/000-a.md:5:11"),
        ({"aliases": "[/manifest.json/old]"}, {}, "content/000-a.md:5:11"),
        ({"aliases": "[/assets]", "slug": "index"}, {}, "content/000-a.md:6:7"),
        ({"slug": "index"}, {}, "content/000-a.md:5:7"),
        ({"aliases": "[/old]"}, {"aliases": "[/old/]"}, "content/001-b.md:5:11"),
        ({"aliases": "[/a.html]"}, {}, "content/000-a.md:5:11"),
    ],
)
def test_two_things_never_take_one_address(
    publication: Publication, first: dict[str, str], second: dict[str, str], where: str
) -> None:
    publication.article("000-a", **first)
    publication.article("001-b", **second)
    found = publication.problem()
    assert found.code is Code.DUPLICATE
    assert f"{found.path}:{found.line}:{found.column}" == where
    assert "site/" in found.message


@pytest.mark.parametrize("name", [b"\xff.png", b"a\\b.png", b"a\x1b.png"])
def test_a_file_whose_name_is_no_address_is_a_problem(
    publication: Publication, name: bytes
) -> None:
    publication.article("000-a/index")
    Path(os.fsdecode(os.fsencode(publication.root / "content/000-a/") + b"/" + name)).touch()
    assert "can't be an address" in publication.problem().message
    assert publication.run("check").returncode == 1
