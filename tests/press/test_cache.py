"""Proofs of earlier runs: relied on as long as all that they depend on is the same."""

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from press import cache, environments, isolation, kept, prove, rebuilding
from press.model import Proof, Setting, Verdict, Workshop
from tests.conftest import Publication
from tests.press.test_rust import found
from tests.press.torture import UNHIDDEN


class Counter:
    """Counts how often examples have run."""

    def __init__(self, folder: Path) -> None:
        self.count = 0
        self.workshop = Workshop(folder / "cache")

    def run(self, words: str = "a", options: str = "", before: str = "", after: str = "") -> int:
        """Prove an example; how often it has run in all."""
        self.prove(f"{before}```python{options}\nprint({words!r})\n```\n{after}")
        return self.count

    def prove(self, text: str, *, afresh: bool = False) -> list[Proof]:
        return prove.prove(found(text), self.workshop, afresh=afresh, progress=self.progress)

    def progress(self, done: int, count: int) -> None:
        assert 1 <= done <= count
        self.count += 1


def test_what_ran_well_is_not_run_again(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    assert [counter.run(), counter.run()] == [1, 1]


def test_another_output_that_is_shown_is_compared_without_a_run(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    counter.run(after="```output\na\n```\n")
    [proof] = counter.prove("```python\nprint('a')\n```\n```output\nb\n```\n")
    assert proof.verdict is Verdict.FAILED
    assert counter.count == 1


def test_other_code_is_run(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    assert [counter.run("a"), counter.run("b"), counter.run("a")] == [1, 2, 2]


def test_other_options_are_run(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    assert [counter.run(), counter.run(options=" exit=0")] == [1, 2]


def test_another_place_alone_is_no_reason_to_run(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    assert [counter.run(), counter.run(before="\n\n")] == [1, 1]


def test_another_example_that_it_goes_on_from_is(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    chain = "```python\nx = {}\n```\n```python continue\nprint(1)\n```\n"
    counts = []
    for value in (1, 1, 2):
        counter.prove(chain.format(value))
        counts.append(counter.count)
    assert counts == [2, 2, 4]


def test_another_file_is(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    text = "```text file=a.txt\n{}\n```\n```python\nprint(open('a.txt').read())\n```\n"
    for value in (1, 1, 2):
        counter.prove(text.format(value))
    assert counter.count == 2


def test_a_file_or_an_input_that_comes_at_another_step_is(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    first, second = "```python{}\n1\n```\n", "```python continue{}\n2\n```\n"
    file, given = "```text file=a.txt\na\n```\n", " stdin=a"
    counts = [0]
    for body in (
        file + first.format("") + second.format(""),
        file + first.format("") + file + second.format(""),
        first.format("") + file + second.format(""),
        first.format(given) + second.format(""),
        first.format("") + second.format(given),
    ):
        for _ in range(2):
            counter.prove(body)
        counts.append(counter.count)
    # The first of a chain is known wherever it had the same before.
    assert [after - before for before, after in pairwise(counts)] == [2, 1, 2, 2, 1]


def test_a_run_with_the_network_is_never_kept(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    examples = [replace(one, setting=Setting(online=True)) for one in found("```python\n1\n```\n")]
    for _ in range(2):
        prove.prove(examples, counter.workshop, progress=counter.progress)
    assert counter.count == 2


def test_a_failure_is_never_kept(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    for _ in range(2):
        [proof] = counter.prove("```python\nraise SystemExit(1)\n```\n")
        assert proof.verdict is Verdict.FAILED
    assert counter.count == 2


def test_a_skipped_example_is_skipped_each_time(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    for _ in range(2):
        [proof] = prove.prove(found('```python skip="later"\n1 / 0\n```\n'), workshop)
        assert proof.verdict is Verdict.SKIPPED


def test_afresh_runs_all(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    counter.run()
    counter.prove("```python\nprint('a')\n```\n", afresh=True)
    assert counter.count == 2


SLOW = "```python timeout={}\nimport time\ntime.sleep(0.3)\n```\n"


def test_what_took_longer_than_it_may_now_is_run_again(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    found = [counter.prove(SLOW.format(limit))[0].verdict for limit in (5, 4, 0.1, 3)]
    assert found == [Verdict.PROVEN, Verdict.PROVEN, Verdict.FAILED, Verdict.PROVEN]
    assert counter.count == 3


def test_what_it_goes_on_from_may_take_less_now(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    more = "```python continue\nprint(1)\n```\n"
    assert [one.verdict for one in counter.prove(SLOW.format(5) + more)] == 2 * [Verdict.PROVEN]
    assert [one.verdict for one in counter.prove(SLOW.format(0.1) + more)] == 2 * [Verdict.FAILED]


def test_a_skip_that_may_take_longer_is_tried_again(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    skipped = SLOW.replace("timeout", 'skip="later" timeout')
    found = [counter.prove(skipped.format(limit))[0].passes for limit in (0.1, 5, 0.1)]
    assert found == [False, True, False]
    assert counter.count == 2


def test_the_output_of_a_skip_is_compared_each_time(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    skipped = "```python skip=later\nprint(2)\n```\n```output\n{}\n```\n"
    found = [counter.prove(skipped.format(shown))[0] for shown in (1, 2, 1)]
    assert [(one.verdict, one.passes, one.output) for one in found] == [
        (Verdict.SKIPPED, passes, "") for passes in (False, True, False)
    ]
    assert counter.count == 1


@pytest.fixture
def fickle() -> Iterator[tuple[str, Path]]:
    """An example, and the file that lets it fail: one that no key knows of."""
    with tempfile.TemporaryDirectory(dir=UNHIDDEN) as folder:
        path = Path(folder, "there")
        Path(folder).chmod(0o755)
        yield f"```python\nimport os\nassert not os.path.exists({str(path)!r})\n```\n", path


def test_a_failure_takes_what_was_kept(tmp_path: Path, fickle: tuple[str, Path]) -> None:
    counter, (text, path) = Counter(tmp_path), fickle
    other = "```python\nprint('other')\n```\n"
    counter.prove(text + other)
    path.touch()
    assert counter.prove(text)[0].verdict is Verdict.PROVEN
    assert counter.prove(text, afresh=True)[0].verdict is Verdict.FAILED
    path.unlink()
    counter.prove(text + other)
    assert counter.count == 4


@pytest.mark.parametrize("verb", ["build", "check"])
def test_a_failure_takes_what_was_said(
    publication: Publication, fickle: tuple[str, Path], verb: str
) -> None:
    text, path = fickle
    publication.article("000-a", text)
    publication.article("001-b", "```python\nprint(1)\n```\n")
    for _ in range(2):
        assert publication.run(verb).returncode == 0
    path.touch()
    assert publication.run(verb).returncode == 0
    assert publication.run("check", "--no-cache").returncode == 1
    run = publication.run(verb)
    assert run.returncode == 1
    assert "AssertionError" in run.stderr
    path.unlink()
    assert publication.run(verb).returncode == 0


def test_a_failure_takes_what_a_preview_has_known(
    publication: Publication, fickle: tuple[str, Path]
) -> None:
    text, path = fickle
    publication.article("000-a", text)
    publication.build()  # its proof is kept
    for _ in range(2):
        assert not rebuilding.OnDisk(publication.root).build(datetime.now(UTC), index=False).waiting
    path.touch()
    assert publication.run("check", "--no-cache").returncode == 1
    again = rebuilding.OnDisk(publication.root).build(datetime.now(UTC), index=False)
    assert again.waiting == {"a.html": 1}


def test_what_is_kept_is_read_once_while_it_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = Counter(tmp_path)
    counter.run()
    reads: list[Path] = []
    read = kept.read

    def reading(path: Path) -> bytes | None:
        reads.append(path)
        return read(path)

    monkeypatch.setattr(kept, "read", reading)
    folder = counter.workshop.cache
    for _ in range(3):
        assert len(cache.Proofs(folder)._kept) == 1
    assert reads == [folder / "proofs"]
    counter.run("b")
    assert len(cache.Proofs(folder)._kept) == 2
    (folder / "proofs").write_bytes(b"damaged")
    assert not cache.Proofs(folder)._kept


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
    monkeypatch.setattr(environments, "_known", {})
    assert counter.run() == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"a": 1}', b"null"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    counter = Counter(tmp_path)
    counter.run()
    (tmp_path / "cache/proofs").write_bytes(content)
    assert [counter.run(), counter.run()] == [2, 2]


def test_a_folder_that_can_not_be_written_only_costs_time(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    (tmp_path / "cache").write_text("in the way")
    assert [counter.run(), counter.run()] == [1, 2]


def test_what_is_not_used_for_long_goes(tmp_path: Path) -> None:
    kept = cache.Proofs(tmp_path)
    for number in range(2 * cache.OLDER):
        kept.keep(str(number), cache.Kept("", "", 0, 0.0, None, "none"))
    kept.save(["0"], whole=True)
    names = list(cache.Proofs(tmp_path)._kept)
    assert len(names) == cache.OLDER + 1
    assert names[-1] == "0"


def test_a_build_from_the_cache_is_the_same(publication: Publication) -> None:
    publication.article("000-a", "```python\nprint('é')\n```\n\n```output\né\n```\n")
    first, second = publication.make(), publication.make()
    assert first.outputs == second.outputs
    assert [p.verdict for p in second.marks] == [Verdict.PROVEN]
    assert (publication.root / ".cache/proofs").is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is one level")
def test_what_a_lesser_level_has_let_pass_is_run_again_at_a_better_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = Counter(tmp_path)
    monkeypatch.setenv(isolation.VARIABLE, "none")
    assert [counter.run(), counter.run()] == [1, 1]
    monkeypatch.delenv(isolation.VARIABLE)
    assert [counter.run(), counter.run()] == [2, 2]
    monkeypatch.setenv(isolation.VARIABLE, "none")
    assert counter.run() == 2
