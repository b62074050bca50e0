"""Which command an author is told to type."""

import sys

import pytest

from press import root


@pytest.mark.parametrize(("script", "typed"), [
    ("build.py", "python build.py"), ("/a clone/build.py", "python '/a clone/build.py'"),
    ("/venv/bin/proofpress", "proofpress"), ("/clone/.venv/bin/pytest", "python build.py"),
])  # fmt: skip
def test_in_a_clone(monkeypatch: pytest.MonkeyPatch, script: str, typed: str) -> None:
    monkeypatch.setattr(sys, "argv", [script])
    assert root.typed() == typed


@pytest.mark.parametrize("script", ["/venv/bin/proofpress", "/venv/bin/pytest"])
def test_where_it_is_installed(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(sys, "argv", [script])
    monkeypatch.setattr(root, "OURS", root._INSTALLED)
    assert root.typed() == "proofpress"
