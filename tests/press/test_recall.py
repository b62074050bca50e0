"""What a check has said is said again only while all that it depends on is the same."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from press import crates, kept, pipeline, recall
from press.model import Verdict, Workshop
from press.recall import Memory, Said
from tests.conftest import NOW, Publication

SAID = Said("1 article\n", "warning: none\n")
PYTHON = "```python\nprint(1)\n```\n"
RUST = "```rust\nfn main() {}\n```\n"


def check(
    publication: Publication, form: str = "text", now: datetime = NOW, *, drafts: bool = False
) -> None:
    """Check a publication, and keep what was said if it holds."""
    memory = Memory(publication.root, form, drafts=drafts)
    checked = pipeline.check(publication.root, now, pipeline.Wish(drafts=drafts))
    memory.keep(checked, SAID, now)


def recalled(
    publication: Publication, form: str = "text", now: datetime = NOW, *, drafts: bool = False
) -> Said | None:
    return Memory(publication.root, form, drafts=drafts).recall(now)


@pytest.fixture
def checked(publication: Publication) -> Publication:
    publication.write("content/000-a/data.txt", "1")
    publication.article("000-a/index", PYTHON)
    publication.article("001-b")
    check(publication)
    return publication


def test_it_is_said_again(checked: Publication) -> None:
    assert recalled(checked) == SAID


def test_a_change_that_is_taken_back_is_none(checked: Publication) -> None:
    path = checked.root / "content/001-b.md"
    text = path.read_text()
    path.write_text("other")
    path.write_text(text)
    assert recalled(checked) == SAID


@pytest.mark.parametrize(
    "path",
    [
        "content/001-b.md",
        "content/002-c.md",
        "content/000-a/data.txt",
        "content/000-a/more/data.txt",
        "series.toml",
        "templates/site/article.html",
        "templates/assets/style.css",
    ],
)
def test_it_is_not_when_a_file_has_changed(checked: Publication, path: str) -> None:
    before = (checked.root / path).read_text() if (checked.root / path).exists() else ""
    checked.write(path, before + "\n")
    assert recalled(checked) is None


@pytest.mark.parametrize("path", ["content/001-b.md", "content/000-a/data.txt", "series.toml"])
def test_it_is_not_when_a_file_is_gone(checked: Publication, path: str) -> None:
    (checked.root / path).unlink()
    assert recalled(checked) is None


def test_a_file_that_changed_its_name_has_changed(checked: Publication) -> None:
    (checked.root / "content/001-b.md").rename(checked.root / "content/001-c.md")
    assert recalled(checked) is None


@pytest.mark.parametrize("name", ["PATH", "HOME", "PROOFPRESS_ISOLATION", "RUSTUP_TOOLCHAIN"])
def test_it_is_not_in_another_environment(
    checked: Publication, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "/elsewhere")
    assert recalled(checked) is None


def test_it_is_not_when_a_program_was_installed(
    checked: Publication, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", str(folder))
    check(checked)
    assert recalled(checked) == SAID
    (folder / "rustc").touch()
    assert recalled(checked) is None


def test_it_is_when_a_shell_has_begun(
    checked: Publication, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pyenv makes a file beside its shims then, to keep others out, and removes it."""
    folder = tmp_path_factory.mktemp("pyenv") / "shims"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    check(checked)
    (folder / ".pyenv-shim").touch()
    (folder / ".pyenv-shim").unlink()
    os.utime(folder, ns=(1, 1))
    assert recalled(checked) == SAID
    (folder / "rustc").touch()
    assert recalled(checked) is None


def test_it_is_not_when_our_own_code_has_changed(
    checked: Publication, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = tmp_path_factory.mktemp("ours") / "press"
    ours.mkdir()
    (ours / "prove.py").write_text("1")
    monkeypatch.setattr(recall, "OURS", ours)
    check(checked)
    assert recalled(checked) == SAID
    (ours / "prove.py").write_text("2")
    assert recalled(checked) is None


def test_it_is_when_our_own_code_was_compiled_meanwhile(
    publication: Publication,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = tmp_path_factory.mktemp("ours") / "press"
    ours.mkdir()
    monkeypatch.setattr(recall, "OURS", ours)
    publication.article("000-a")
    memory = Memory(publication.root, "text", drafts=False)
    found = pipeline.check(publication.root, NOW)
    (ours / "__pycache__").mkdir()
    memory.keep(found, SAID, NOW)
    (ours / "__pycache__" / "prove.cpython-311.pyc.140178771344304").touch()  # half written
    assert recalled(publication) == SAID


def test_it_is_not_in_another_form_or_of_drafts(checked: Publication) -> None:
    assert recalled(checked, "json") is None
    assert recalled(checked, drafts=True) is None
    check(checked, drafts=True)
    assert recalled(checked, drafts=True) == SAID
    assert recalled(checked) == SAID


def test_it_is_not_when_an_article_has_come_out_meanwhile(checked: Publication) -> None:
    checked.article("002-c", date=f"{NOW + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}")
    check(checked)
    assert recalled(checked, now=NOW + timedelta(minutes=59)) == SAID
    assert recalled(checked, now=NOW + timedelta(hours=1)) is None


def test_a_draft_does_not_come_out(checked: Publication) -> None:
    checked.article("002-c", draft="true")
    check(checked)
    assert recalled(checked, now=NOW + timedelta(days=999)) == SAID


def test_it_is_not_when_the_clock_went_back_behind_an_article(checked: Publication) -> None:
    checked.article("002-c", date=f"{NOW:%Y-%m-%dT%H:%M:%SZ}")
    check(checked)
    assert recalled(checked) == SAID
    assert recalled(checked, now=NOW - timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    "body", ["```python\n1 / 0\n```\n", "[nowhere](001-b.md)\n"], ids=["example", "link"]
)
def test_a_fault_is_found_anew(publication: Publication, body: str) -> None:
    publication.article("000-a", body)
    check(publication)
    assert recalled(publication) is None


def test_what_may_reach_the_network_is_run_each_time(publication: Publication) -> None:
    publication.article("000-a", PYTHON, network="true")
    check(publication)
    assert recalled(publication) is None


def test_what_is_not_proven_here_is_tried_each_time(publication: Publication) -> None:
    publication.article("000-a", PYTHON, python='{requires-python: "<3"}')
    [proof] = pipeline.check(publication.root, NOW).proofs
    assert proof.verdict is Verdict.NOT_PROVEN
    check(publication)
    assert recalled(publication) is None


def test_it_is_not_with_another_compiler(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not crates.toolchain({}, publication.root):
        pytest.skip("there is no rustc")
    publication.article("000-a", RUST)
    check(publication)
    assert recalled(publication) == SAID

    def another(wanted: object, cache: Path) -> crates.Toolchain:
        assert (wanted, cache) == ({}, Workshop(publication.root / ".cache").cache)
        return crates.Toolchain("rustc", "rustc 2.0.0", "/", {})

    monkeypatch.setattr("press.languages.rust.toolchain", another)
    assert recalled(publication) is None


def test_it_is_not_kept_when_a_file_changes_during_the_check(publication: Publication) -> None:
    publication.article("000-a")
    memory = Memory(publication.root, "text", drafts=False)
    found = pipeline.check(publication.root, NOW)
    path = publication.article("000-a", "Other text.\n")
    memory.keep(found, SAID, NOW)
    path.write_text("---\n")
    assert recalled(publication) is None
    publication.article("000-a")
    assert recalled(publication) is None


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"fingerprint": "'])
def test_a_damaged_memory_is_none(checked: Publication, damage: str) -> None:
    checked.write(".cache/check-text.json", damage)
    assert recalled(checked) is None


@pytest.mark.parametrize("key", ["fingerprint", "since", "until", "settings", "said"])
def test_a_memory_of_another_version_is_none(checked: Publication, key: str) -> None:
    path = checked.root / ".cache/check-text.json"
    found = json.loads(kept.read(path) or b"")
    for content in ({**found, key: None}, {name: found[name] for name in found if name != key}):
        kept.write(path, json.dumps(content).encode())
        assert recalled(checked) is None


def test_what_can_not_be_compared_is_not_relied_on(checked: Publication, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (checked.root / "content/000-a/more").symlink_to(tmp_path / "elsewhere")
    check(checked)
    assert recalled(checked) is None


def test_the_command_says_the_same_again_in_each_form(publication: Publication) -> None:
    publication.article("000-a", PYTHON)
    for form in ("text", "json", "github", "junit"):
        first, again = (publication.run("check", "--format", form) for _ in range(2))
        assert (first.returncode, again.returncode) == (0, 0)
        assert (first.stdout, first.stderr) == (again.stdout, again.stderr)


def test_the_command_runs_all_again_when_it_is_told_to(publication: Publication) -> None:
    publication.article("000-a", PYTHON)
    publication.run("check")
    path = publication.root / ".cache/check-text.json"
    found = kept.read(path) or b""
    assert b"1 article" in found
    kept.write(path, found.replace(b"1 article", b"3 articles"))
    assert "3 articles" in publication.run("check").stdout
    assert "1 article" in publication.run("check", "--no-cache").stdout
