"""Our own templates are compiled once; what they were compiled to is used where it fits alone."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader

from press import compiled, root


class Counting(Environment):
    """Counts what is compiled."""

    count = 0

    def compile(self, *args: Any, **more: Any) -> Any:
        self.count += 1
        return super().compile(*args, **more)


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of our own templates; what is kept is in `kept` beside it."""
    folder = tmp_path / "ours"
    monkeypatch.setattr(compiled, "FOLDER", tmp_path / "kept")
    monkeypatch.setattr(root, "OURS", folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder.mkdir()
    (folder / "a.html").write_text("one {{ x }}")
    return folder


def compiles(folder: Path, settings: object = "", cache: compiled.Compiled | None = None) -> int:
    """How often it is compiled in a process that begins now, or that has this cache."""
    cache = cache or compiled.Compiled(settings)
    env = Counting(loader=FileSystemLoader(folder), bytecode_cache=cache)
    text = (folder / "a.html").read_text().replace("{{ x }}", "1")
    assert env.get_template("a.html").render(x=1) == text
    return env.count


def test_ours_are_compiled_once(ours: Path) -> None:
    assert [compiles(ours), compiles(ours)] == [1, 0]


def test_another_text_is_compiled(ours: Path) -> None:
    compiles(ours)
    (ours / "a.html").write_text("two {{ x }}")
    assert [compiles(ours), compiles(ours)] == [1, 0]


def test_by_other_settings_it_is_compiled(ours: Path) -> None:
    compiles(ours)
    assert compiles(ours, {"trim_blocks": True}) == 1


def test_what_is_damaged_is_compiled(ours: Path) -> None:
    compiles(ours)
    [kept] = (ours.parent / "kept").iterdir()
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    for damaged in (bytes(content), kept.read_bytes()[:20], b""):
        kept.write_bytes(damaged)
        assert [compiles(ours), compiles(ours)] == [1, 0]


def test_what_others_bring_is_kept_in_memory_alone(ours: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    ours.rename(theirs)
    cache = compiled.Compiled("")
    assert [compiles(theirs, cache=cache), compiles(theirs, cache=cache)] == [1, 0]
    assert compiles(theirs) == 1
    assert not (tmp_path / "kept").exists()


def test_where_no_bytecode_is_wanted_none_is_kept(
    ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert [compiles(ours), compiles(ours)] == [1, 1]
    assert not (ours.parent / "kept").exists()


def test_they_lie_where_python_keeps_our_own() -> None:
    cached = importlib.util.cache_from_source(compiled.__file__)
    assert Path(cached).parent == compiled.FOLDER


def test_where_nothing_can_be_kept_it_is_compiled(ours: Path) -> None:
    (ours.parent / "kept").write_text("a file")
    assert [compiles(ours), compiles(ours)] == [1, 1]
