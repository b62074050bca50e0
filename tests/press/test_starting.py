"""A publication is started in a folder: its site is there, and what was there stays."""

import itertools
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from press import config, fields, keys, starting
from press.problems import SourceText
from tests.conftest import REPOSITORY, Publication

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NO_RUST: Mapping[str, str] = {"PATH": ""}


def start(
    folder: Path, *args: str, answers: str = "", **environment: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(REPOSITORY / "build.py"), "start", *args],
        cwd=folder,
        env={**os.environ, **environment},
        input=answers,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def files(folder: Path) -> set[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name for name in found if not name.startswith((".cache/", "site/", ".git/"))}


BEGUN = {".gitignore", "README.md", "content/000-hello.md", "series.toml"}


def test_three_answers_make_a_site(tmp_path: Path) -> None:
    run = start(tmp_path, answers='My "Series"\nAn Author\nhttps://blog.example.net/Posts/\n')
    assert (run.returncode, run.stderr) == (0, "")
    assert files(tmp_path) == BEGUN
    made = tomllib.loads((tmp_path / "series.toml").read_text())
    assert made["title"] == 'My "Series"'
    assert made["author"] == "An Author"
    assert made["url"] == "https://blog.example.net/Posts"
    assert made["id"] == f"tag:blog.example.net,{datetime.now(UTC).year}:posts"
    assert "1. Ada" in (tmp_path / "site/hello.html").read_text()
    assert "built site/ from 1 article; 2 examples:" in run.stdout
    assert "build.py preview" in run.stdout
    for name in BEGUN:  # others have them too, on machines of their own
        assert "build.py" not in (tmp_path / name).read_text().replace("its `build.py`", "")
    assert Publication(tmp_path).run("check").returncode == 0


def test_an_answer_that_is_wrong_is_asked_for_again(tmp_path: Path) -> None:
    run = start(tmp_path, answers="\n\nnot an address\nhttps://example.net/a\n", **NO_RUST)
    assert run.returncode == 0
    assert "must be an http or https address" in run.stdout + run.stderr
    assert tomllib.loads((tmp_path / "series.toml").read_text())["url"] == "https://example.net/a"


def test_scripts_are_asked_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "rust-for_me"
    folder.mkdir()
    run = start(folder, "--yes", "--language", "de", GIT_AUTHOR_NAME="Ä. Author", **NO_RUST)
    assert (run.returncode, run.stderr) == (0, "")
    made = config.load(folder)
    assert (made.title, made.author, made.language) == ("Rust for me", "Ä. Author", "de")
    assert made.url == "https://example.org/rust-for-me"
    assert "there is no Rust here" in run.stdout


@pytest.mark.parametrize(
    "option", [["--url", "x"], ["--title", " "], ["--author", "a\nb"], ["--language", "?"]]
)
def test_an_option_that_is_wrong_is_wrong_usage(tmp_path: Path, option: list[str]) -> None:
    run = start(tmp_path, "--yes", *option)
    assert run.returncode == 2
    assert f"Invalid value for '{option[0]}'" in run.stderr
    assert files(tmp_path) == set()


@pytest.mark.parametrize("there", ["series.toml", "content/001-mine.md", "content"])
def test_what_is_there_is_never_changed(tmp_path: Path, there: str) -> None:
    place = tmp_path / there
    place.parent.mkdir(exist_ok=True)
    place.write_text("mine")
    run = start(tmp_path, "--yes")
    assert run.returncode == 1
    assert f"{there}: duplicate: " in run.stderr
    assert "1 problem; nothing was changed" in run.stderr
    assert files(tmp_path) == {there}
    assert place.read_text() == "mine"


def test_what_does_not_stand_in_the_way_stays(tmp_path: Path) -> None:
    for name in ("README.md", ".gitignore", "notes.txt", ".git/HEAD"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    run = start(tmp_path, "--yes", **NO_RUST)
    assert (run.returncode, run.stderr) == (0, "")
    assert "README.md is there already, and stays as it is" in run.stdout
    assert files(tmp_path) == BEGUN | {"notes.txt"}
    assert (tmp_path / ".gitignore").read_text() == "mine"


class Killed(BaseException):
    """Stands for `kill -9`."""


@pytest.mark.parametrize("at", range(8))
def test_a_start_that_was_cut_off_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    answers = starting.Answers("A", "B", "https://example.org", "en")
    steps = itertools.count()
    real = {name: getattr(Path, name) for name in ("open", "replace")}

    def step(name: str) -> Any:
        def act(self: Path, *args: Any, **named: Any) -> Any:
            done = real[name](self, *args, **named)
            if self.name.endswith(".new") and next(steps) == at:
                if name == "open":
                    done.close()
                raise Killed
            return done

        return act

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_, **__: None)  # the killed clean nothing up
        for name in real:
            patch.setattr(Path, name, step(name))
        with pytest.raises(Killed):
            list(starting.write(tmp_path, answers, NOW))
    if not starting.is_begun(tmp_path):
        starting.require_room(tmp_path)
        list(starting.write(tmp_path, answers, NOW))
    assert files(tmp_path) == BEGUN
    assert config.load(tmp_path).title == "A"


def test_a_start_that_was_cut_off_before_its_build_goes_on_there(tmp_path: Path) -> None:
    answers = starting.Answers("A", "B", "https://example.org", "en")
    list(starting.write(tmp_path, answers, NOW))
    (tmp_path / "site").mkdir()
    run = start(tmp_path, **NO_RUST)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("series.toml is there already, and stays as it is\nbuilt site/")
    assert "<title>A" in (tmp_path / "site/index.html").read_text()
    assert "a publication is here already" in start(tmp_path, **NO_RUST).stderr


def fits(name: str, text: str) -> bool:
    try:
        return bool(starting.read(name, text))
    except fields.Wrong:
        return False


LINES = st.text(min_size=1, max_size=30).filter(lambda text: fits("title", text))
HOSTS = st.sampled_from(
    ["example.org", "[::1]:80", "a_b.example", "xn--bcher-kva.example", "u@h.de"]
)
URLS = st.builds("https://{}/{}".format, HOSTS, st.text("aB0._~%/-", max_size=12)).filter(
    lambda text: fits("url", text)
)


@given(LINES, LINES, URLS, st.sampled_from(["en", "pt-BR"]))
def test_whatever_is_answered_the_settings_can_be_read(
    title: str, author: str, url: str, language: str
) -> None:
    answers = starting.Answers(
        *(starting.read(name, value) for name, value in
          {"title": title, "author": author, "url": url, "language": language}.items())
    )  # fmt: skip
    made, problems = config.parse(
        SourceText("series.toml", starting._filled("series.toml", answers, NOW))
    )
    assert problems == []
    assert (made.title, made.author, made.url) == (answers.title, answers.author, answers.url)
    assert all(getattr(made, field.name) for field in keys.FIELDS if field.required)
