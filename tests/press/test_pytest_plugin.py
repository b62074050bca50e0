"""`pytest content/`, run as its user would: an item for each example, verdicts as `check` has."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, SERIES, TYPED, Publication

BODY = """\
```python
print(1)
```

```python
raise ValueError("broken here")
```

```python skip="needs a printer"
1 / 0
```

```python skip="needs no printer"
pass
```

```python
word = "shared"
```

```python continue
print(word)
```

```output
shared
```

```python
print("one")
```

```output
two
```
"""
PASSED = ["000-a.md::python:7", "000-a.md::python:23", "000-a.md::python:27", "001-b.md::python:7"]
FAILED = ["000-a.md::python:11", "000-a.md::python:35"]
SKIPPED = ["000-a.md::python:15", "000-a.md::python:19"]


@dataclass(frozen=True)
class Run:
    """What a run of pytest has said."""

    status: int
    text: str

    def of(self, outcome: str) -> list[str]:
        """The items with an outcome, in order; with xdist, by name."""
        found = re.findall(rf"^(?:\[gw\d\].* )?content/(\S+) ?{outcome}", self.text, re.MULTILINE)
        found += re.findall(rf"^\[gw\d\].* {outcome} content/(\S+)", self.text, re.MULTILINE)
        return found

    @property
    def summary(self) -> str:
        return re.sub(r" in [\d.]+s.*", "", self.text.strip().splitlines()[-1]).strip("= ")


def run(publication: Publication, *args: str, expect: int | None = None) -> Run:
    """Run pytest in the publication's folder, with the settings of this repository."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider",
         "-p", "press.pytest_plugin", "-W", "error", "--color=no", *args],
        cwd=publication.root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200", "PYTEST_ADDOPTS": ""},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    text = done.stdout + done.stderr
    assert expect is None or done.returncode == expect, text
    return Run(done.returncode, text)


@pytest.fixture
def series(publication: Publication) -> Publication:
    publication.write("series.toml", SERIES)
    publication.article("000-a", BODY)
    publication.article("001-b", "```python\npass\n```\n")
    return publication


def test_each_example_is_an_item_with_the_verdict_of_the_check(series: Publication) -> None:
    done = run(series, "content/", expect=1)
    assert done.of("PASSED") == PASSED
    assert done.of("FAILED") == FAILED
    assert done.of("SKIPPED") == SKIPPED
    assert done.summary == "2 failed, 4 passed, 2 skipped"
    found = json.loads(series.run("check", "--format", "json").stdout)
    assert found["counts"] == {"proven": 4, "failed": 2, "skipped": 2, "not proven here": 0}
    for verdict, items in (("proven", PASSED), ("failed", FAILED), ("skipped", SKIPPED)):
        told = [
            f"{one['path'].removeprefix('content/')}::{one['language']}:{one['line']}"
            for one in found["examples"]
            if one["verdict"] == verdict
        ]
        assert told == items


def test_the_repository_itself_is_a_publication() -> None:
    done = run(Publication(REPOSITORY), "content/", "--collect-only", "-q", expect=0)
    found = Publication(REPOSITORY).run("check", "--format", "json")
    examples = json.loads(found.stdout)["examples"]
    assert re.findall(r"^(content/\S+)::(\w+):(\d+)$", done.text, re.MULTILINE) == [
        (one["path"], one["language"], f"{one['line']}") for one in examples
    ]


def test_a_failure_is_told_in_the_words_of_the_check(series: Publication) -> None:
    done = run(series, "content/", expect=1)
    told = series.run("check").stderr.partition("\n\n2 problems")[0]
    told = told.replace(TYPED, "python build.py")  # where it was typed
    problems = re.split(r"\n(?=content/)", told)
    assert len(problems) == 2
    for problem in problems:
        assert problem in done.text
    assert "pytest_plugin.py" not in done.text
    assert "ExampleItem" not in done.text


def test_a_skip_says_why_and_where(series: Publication) -> None:
    done = run(series, "content/", "-rs", expect=1)
    assert "SKIPPED [1] content/000-a.md:15: skipped: needs a printer\n" in done.text
    reason = "skipped: needs no printer (it would pass now: take `skip` out)"
    assert f"SKIPPED [1] content/000-a.md:19: {reason}\n" in done.text


def test_what_can_not_be_proven_here_is_skipped_and_says_so(series: Publication) -> None:
    publication = series
    publication.article("001-b", "```rust\nfn main() {}\n```\n")
    environment = os.environ["PATH"]
    try:
        os.environ["PATH"] = ""
        done = run(publication, "content/001-b.md", "-rs", expect=0)
    finally:
        os.environ["PATH"] = environment
    assert done.summary == "1 skipped"
    assert "content/001-b.md:7: not proven here: there is no rustc here\n" in done.text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("001-b", PASSED[3:]),
        ("python:27", PASSED[2:3]),
        ("000-a and python:2 and not python:27", PASSED[1:2]),
        ("python and not 000-a", PASSED[3:]),
        ("a-slug", PASSED[3:]),
    ],
)
def test_k_selects_by_article_language_and_line(
    series: Publication, words: str, expected: list[str]
) -> None:
    if words == "a-slug":  # the line before its body, so that its examples stay where they are
        series.article("001-b", "```python\npass\n```\n", title='"T"\nslug: a-slug')
        expected = ["001-b.md::python:8"]
    done = run(series, "content/", "-k", words, expect=0)
    assert done.of("PASSED") == expected
    assert f"{len(expected)} passed" in done.summary


def test_one_that_goes_on_from_another_runs_when_it_is_asked_for_alone(
    series: Publication,
) -> None:
    done = run(series, "content/000-a.md::python:27", expect=0)
    assert done.summary == "1 passed"


def log_of(publication: Publication) -> list[str]:
    """What examples that log that they have run have logged, from what is kept of them."""
    _, *lines, _seal, _ = (publication.root / ".cache/proofs").read_text().split("\n")
    return sorted(json.loads(line.partition(" ")[2])[0].strip() for line in lines)


def test_only_what_is_selected_runs(series: Publication) -> None:
    series.article("000-a", "".join(f"```python\nprint({n})\n```\n" for n in range(4)))
    run(series, "content/000-a.md", "-k", "python:10 or python:16", expect=0)
    assert log_of(series) == ["1", "3"]


def test_collecting_runs_nothing(series: Publication) -> None:
    run(series, "content/", "--collect-only", expect=0)
    assert not (series.root / ".cache").exists()


def test_x_stops_at_the_first_failure(series: Publication) -> None:
    done = run(series, "content/", "-x", expect=1)
    assert done.summary == "1 failed, 1 passed"


def test_x_starts_no_more_than_a_batch(series: Publication) -> None:
    many = "".join(f"```python\nprint({n})\n```\n" for n in range(50))
    series.article("000-a", "```python\n1 / 0\n```\n" + many)
    series.article("001-b", "```python\nprint('other')\n```\n")
    run(series, "content/", "-x", expect=1)
    assert "other" not in log_of(series)


@pytest.mark.parametrize("words", [("content/",), (".",), ("content/000-a.md", "content/001-b.md")])
def test_workers_of_xdist_share_the_articles(series: Publication, words: tuple[str, ...]) -> None:
    done = run(series, *words, "-n", "2", expect=1)
    assert sorted(done.of("PASSED")) == sorted(PASSED)
    assert done.summary == "2 failed, 4 passed, 2 skipped"


def test_a_worker_of_xdist_gets_whole_articles(series: Publication) -> None:
    done = run(series, "content/", "-n", "2", expect=1)
    workers: dict[str, set[str]] = {}
    for worker, path in re.findall(r"^\[(gw\d)\].* content/(\S+)::", done.text, re.MULTILINE):
        workers.setdefault(path, set()).add(worker)
    assert [len(some) for some in workers.values()] == [1, 1]


def test_what_ran_well_is_not_run_again(series: Publication) -> None:
    series.article("000-a", "```python\nimport os\nprint(os.urandom(9).hex())\n```\n")
    run(series, "content/", expect=0)
    before = log_of(series)
    run(series, "content/", expect=0)
    assert log_of(series) == before
    assert series.run("check").returncode == 0
    assert log_of(series) == before


def test_a_problem_of_an_article_is_an_item_of_its_own(series: Publication) -> None:
    series.article("002-c", "```python\npass\n```\n\n```pyton\n```\n")
    series.write("content/003-d.md", "no front matter\n")
    series.write("content/notes.md", "no article\n")
    done = run(series, "content/", expect=1)
    items = [f"{name}.md::problems" for name in ("002-c", "003-d", "notes")]
    assert [one for one in done.of("FAILED") if "problems" in one] == items
    assert "002-c.md::python:7" in done.of("PASSED")
    told = series.run("check").stderr
    for code in ("unknown-language", "bad-front-matter", "bad-file-name"):
        [line] = re.findall(rf".*: {code}: .*", told)
        assert line in done.text
    assert "pytest_plugin.py" not in done.text


def test_a_problem_of_no_article_is_told_once(series: Publication) -> None:
    series.write("series.toml", SERIES.replace("url = ", "ulr = "))
    (series.root / "content/004-empty").mkdir()
    done = run(series, "content/", expect=1)
    assert [one for one in done.of("FAILED") if "problems" in one] == ["000-a.md::problems"]
    assert "series.toml:" in done.text
    assert "content/004-empty: bad-file-name" in done.text


def test_an_article_in_a_folder_is_one_and_what_lies_beside_it_is_none(
    series: Publication,
) -> None:
    series.article("002-c/index", "```python\nprint(open('data.txt').read())\n```\n")
    series.write("content/002-c/data.txt", "data")
    series.write("content/002-c/other.md", "```python\n1 / 0\n```\n")
    series.write("content/_draft.md", "```python\n1 / 0\n```\n")
    series.write("README.md", "```python\n1 / 0\n```\n")
    for place in (".", "content/002-c", "content/002-c/index.md"):
        done = run(series, place, "-k", "not 000-a and not 001-b", expect=0)
        assert done.of("PASSED") == ["002-c/index.md::python:7"]
        assert "1 passed" in done.summary


@pytest.mark.parametrize("front", [{"draft": "true"}, {"date": "2999-01-01"}])
def test_what_is_not_published_is_left_out_unless_it_is_named(
    series: Publication, front: dict[str, str]
) -> None:
    series.article("000-a", "```python\npass\n```\n", **front)
    assert run(series, "content/", expect=0).of("PASSED") == PASSED[3:]
    assert len(run(series, "content/000-a.md", expect=0).of("PASSED")) == 1
    assert len(run(series, "content/000-a.md", "-n", "1", expect=0).of("PASSED")) == 1


def test_a_publication_that_tests_have_as_data_is_left_alone(series: Publication) -> None:
    series.write("tests/data/series.toml", SERIES)
    series.write("tests/data/content/000-x.md", "no front matter\n")
    series.write("tests/test_it.py", "def test_it() -> None:\n    pass\n")
    assert run(series, "tests", expect=0).summary == "1 passed"
    assert run(series, "tests/data", expect=1).summary == "1 failed"


def test_other_runs_load_nothing_of_the_press(series: Publication) -> None:
    code = "import sys\ndef test_it() -> None:\n    assert not [n for n in sys.modules if n in ("
    series.write("tests/test_it.py", f"{code}'press.prove', 'press.pipeline', 'press.report')]\n")
    series.write("tests/notes.md", "text")
    assert run(series, "tests", expect=0).summary == "1 passed"


def test_markdown_without_a_publication_is_left_alone(tmp_path: Path) -> None:
    there = Publication(tmp_path)
    there.write("content/000-a.md", "no front matter\n")
    assert run(there, "content").status == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_weak_sandbox_is_told_of_as_the_check_does(
    series: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROOFPRESS_ISOLATION", "none")
    [warning] = re.findall("(?m)^warning: .*$", series.run("check").stderr)
    assert warning in run(series, "content/", "--no-header", expect=1).text


def test_the_command_of_the_documentation_proves_what_has_been_started(tmp_path: Path) -> None:
    text = (REPOSITORY / "docs/examples.md").read_text()
    [command] = re.findall(r"^(PYTHONPATH=.* -m pytest .*)$", text, re.MULTILINE)
    folder = tmp_path / "mine"
    folder.mkdir()
    (tmp_path / "proofpress").symlink_to(REPOSITORY)
    assert Publication(folder).run("start", "--yes").returncode == 0
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env={"PATH": path, "COLUMNS": "80"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\b2 passed|1 passed, 1 skipped", done.stdout), done.stdout
