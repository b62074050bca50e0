"""Proofs of earlier runs: relied on as long as all that they depend on is the same."""

from pathlib import Path

import pytest

from press import cache, prove
from press.model import Verdict, Workshop
from tests.conftest import Publication
from tests.press.test_rust import found

COUNTS = "import os\nwith open({path!r}, 'a') as file:\n    file.write('x')\nprint({words!r})"


class Counter:
    """An example that leaves a mark each time it runs."""

    def __init__(self, folder: Path) -> None:
        self.marks = folder / "marks"
        self.workshop = Workshop(folder / "cache")

    def run(self, words: str = "a", options: str = "", before: str = "", after: str = "") -> int:
        """Prove it; how often it has run in all."""
        code = COUNTS.format(path=str(self.marks), words=words)
        text = f"{before}```python{options}\n{code}\n```\n{after}"
        prove.prove(found(text), self.workshop)
        return len(self.marks.read_text())


def test_what_ran_well_is_not_run_again(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    assert [counter.run(), counter.run()] == [1, 1]


def test_another_output_that_is_shown_is_compared_without_a_run(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    counter.run(after="```output\na\n```\n")
    code = COUNTS.format(path=str(counter.marks), words="a")
    text = f"```python\n{code}\n```\n```output\nb\n```\n"
    [proof] = prove.prove(found(text), counter.workshop)
    assert proof.verdict is Verdict.FAILED
    assert len(counter.marks.read_text()) == 1


def test_other_code_is_run(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    assert [counter.run("a"), counter.run("b"), counter.run("a")] == [1, 2, 2]


def test_other_options_are_run(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    assert [counter.run(), counter.run(options=" timeout=9")] == [1, 2]


def test_code_that_may_print_its_place_is_run_in_another_place(tmp_path: Path) -> None:
    counter = Counter(tmp_path)  # it opens a `file`
    assert [counter.run(), counter.run(before="\n")] == [1, 2]


def test_another_place_alone_is_no_reason_to_run(tmp_path: Path) -> None:
    code = "print(len(__import__('os').listdir()))"
    workshop = Workshop(tmp_path)
    prove.prove(found(f"```python\n{code}\n```\n"), workshop)
    kept = (tmp_path / "proofs.json").read_bytes()
    prove.prove(found(f"\n\n```python\n{code}\n```\n"), workshop)
    assert (tmp_path / "proofs.json").read_bytes() == kept


def test_a_failure_is_never_kept(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    text = f"```python\nopen({str(counter.marks)!r}, 'a').write('x')\nraise SystemExit(1)\n```\n"
    for _ in range(2):
        [proof] = prove.prove(found(text), counter.workshop)
        assert proof.verdict is Verdict.FAILED
    assert counter.marks.read_text() == "xx"


def test_a_skipped_example_is_skipped_each_time(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    for _ in range(2):
        [proof] = prove.prove(found('```python skip="later"\n1 / 0\n```\n'), workshop)
        assert proof.verdict is Verdict.SKIPPED


def test_afresh_runs_all(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    counter.run()
    code = COUNTS.format(path=str(counter.marks), words="a")
    prove.prove(found(f"```python\n{code}\n```\n"), counter.workshop, afresh=True)
    assert len(counter.marks.read_text()) == 2


@pytest.mark.parametrize("version", ["VERSION"])
def test_another_version_of_the_runner_runs_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    counter = Counter(tmp_path)
    counter.run()
    monkeypatch.setattr(cache, version, "another")
    assert counter.run() == 2


def test_another_interpreter_runs_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter(tmp_path)
    counter.run()
    monkeypatch.setattr("sys.version", "another")
    assert counter.run() == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"a": 1}', b"null"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    counter = Counter(tmp_path)
    counter.run()
    (tmp_path / "cache/proofs.json").write_bytes(content)
    assert [counter.run(), counter.run()] == [2, 2]


def test_a_folder_that_can_not_be_written_only_costs_time(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    (tmp_path / "cache").write_text("in the way")
    assert [counter.run(), counter.run()] == [1, 2]


def test_what_is_not_used_for_long_goes(tmp_path: Path) -> None:
    kept = cache.Proofs(tmp_path)
    for number in range(300):
        kept.keep(str(number), "")
    kept.save(["0"])
    names = list(cache.Proofs(tmp_path)._outputs)
    assert len(names) <= 104
    assert names[-1] == "0"


def test_a_build_from_the_cache_is_the_same(publication: Publication) -> None:
    publication.article("000-a", "```python\nprint('é')\n```\n\n```output\né\n```\n")
    first, second = publication.make(), publication.make()
    assert first.outputs == second.outputs
    assert [p.verdict for p in second.proofs] == [Verdict.PROVEN]
    assert [path.name for path in (publication.root / ".cache").iterdir()] == ["proofs.json"]
