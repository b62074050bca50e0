"""The target git and the author's own repository, which stays as it is; and others who push."""

import os
import subprocess
from pathlib import Path

import pytest

from press.deploy import git
from press.problems import ProblemsFound
from tests.press.targets import Yard, shown
from tests.press.targets.git import BRANCH, Git
from tests.press.targets.git import opened as bare
from tests.press.test_targets import FIRST, SECOND

HOSTILE = """\
[core]
    autocrlf = true
    hooksPath = {hooks}
    attributesFile = {attributes}
[commit]
    gpgsign = true
[push]
    default = matching
"""


@pytest.fixture
def part(tmp_path: Path) -> Git:
    with bare(tmp_path) as made:
        return made


def of(folder: Path, *args: str) -> str:
    who = {
        f"GIT_{role}_{key}": "author@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for key in ("NAME", "EMAIL")
    }
    return subprocess.run(
        ["git", "-C", str(folder), *args], env={**os.environ, **who}, capture_output=True,
        text=True, check=True,
    ).stdout  # fmt: skip


def owned(folder: Path, part: Git) -> Yard:
    """A publication in a repository of its own, in the middle of something."""
    folder.mkdir()
    of(folder, "init", "--quiet", "--initial-branch=main")
    of(folder, "remote", "add", "origin", str(part.path))
    (folder / "a.md").write_text("committed")
    of(folder, "add", ".")
    of(folder, "commit", "--quiet", "-m", "Mine")
    (folder / "a.md").write_text("staged")
    of(folder, "add", ".")
    (folder / "a.md").write_text("not even staged")
    (folder / ".gitignore").write_text("/cargo-*\n/site-*\n")
    part.values = {}
    return Yard("git", part, folder)


def standing(folder: Path) -> list[str]:
    """All that an author could notice."""
    return [
        of(folder, "status", "--porcelain"), of(folder, "diff"), of(folder, "diff", "--cached"),
        of(folder, "for-each-ref"), of(folder, "count-objects", "-v"), of(folder, "stash", "list"),
        of(folder, "config", "--local", "--list"),
    ]  # fmt: skip


def test_the_author_s_repository_stays_as_it_is(part: Git, tmp_path: Path) -> None:
    yard = owned(tmp_path / "own", part)
    before = standing(yard.folder)
    for files in (FIRST, SECOND):
        yard.bring(files)
        assert part.files() == shown(yard.cargo(files))
    assert standing(yard.folder) == before
    assert of(yard.folder, "fsck", "--connectivity-only") == ""
    assert part.git("rev-list", "--count", BRANCH).strip() == b"2"
    assert ".nojekyll" in part.names()
    assert part.git("for-each-ref", "--format=%(refname)").split() == [b"refs/heads/gh-pages"]


def test_a_shallow_clone_is_enough(part: Git, tmp_path: Path) -> None:
    """As the checkout of a workflow is."""
    yard = owned(tmp_path / "own", part)
    of(yard.folder, "push", "--quiet", "origin", "main")
    yard.bring(FIRST)
    clone = tmp_path / "clone"
    of(
        tmp_path,
        "clone",
        "--quiet",
        "--depth=1",
        "--branch=main",
        f"file://{part.path}",
        str(clone),
    )
    yard = Yard("git", part, clone)
    yard.bring(SECOND)
    assert part.files() == shown(yard.cargo(SECOND))
    assert part.git("rev-list", "--count", BRANCH).strip() == b"2"


def test_settings_of_git_change_no_byte(part: Git, tmp_path: Path) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "pre-commit"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    (tmp_path / "attributes").write_text("* text eol=crlf filter=none ident\n")
    text = HOSTILE.format(hooks=hooks, attributes=tmp_path / "attributes")
    (tmp_path / "config").write_text(text)
    part.environment["GIT_CONFIG_GLOBAL"] = str(tmp_path / "config")
    files = {
        **FIRST,
        "a.txt": b"$Id$\r\nb\n",
        ".gitignore": b"*\n",
        ".gitattributes": b"* eol=crlf\n",
    }
    yard = Yard("git", part, tmp_path)
    yard.bring(files)
    assert part.files() == shown(yard.cargo(files))


def test_what_somebody_else_pushed_meanwhile_is_not_lost(
    part: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard = Yard("git", part, tmp_path)
    yard.bring(FIRST)
    real = git._Aside.tip
    calls = []

    def tip(self: git._Aside) -> str:
        found = real(self)
        calls.append(found)
        if len(calls) == 2:  # it was looked at, and is about to be pushed to
            part.put("theirs.html", b"theirs")
        return found

    monkeypatch.setattr(git._Aside, "tip", tip)
    with pytest.raises(ProblemsFound, match="rejected"):
        yard.bring(SECOND)
    assert part.git("rev-list", "--count", BRANCH).strip() == b"2"
    assert "theirs.html" in part.names()
    yard.bring(SECOND)
    assert part.files() == shown(yard.cargo(SECOND))
    assert part.git("rev-list", "--count", BRANCH).strip() == b"3"


def test_what_stands_in_an_address_is_not_shown(part: Git, tmp_path: Path) -> None:
    part.values = {"repository": "http://me:a-token@127.0.0.1:1/site.git"}
    yard = Yard("git", part, tmp_path)
    with pytest.raises(ProblemsFound) as error:
        yard.bring(FIRST)
    assert "127.0.0.1:1/site.git (gh-pages): not-deployed: git ended with" in str(error.value)
    assert "a-token" not in f"{error.value} {yard.place()!r} {yard.place().name}"


def test_a_remote_that_is_not_there_is_a_problem(part: Git, tmp_path: Path) -> None:
    yard = owned(tmp_path / "own", part)
    part.values = {"repository": "elsewhere"}
    with pytest.raises(ProblemsFound, match="No such remote"):
        yard.bring(FIRST)
