"""Examples end in a forked interpreter as they do in a fresh one: a corpus of some hundreds."""

import re
import subprocess
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from msgspec.structs import replace

from press import isolation, running
from press.isolation import Level, Sandbox
from press.languages.python import PLAIN, REVEALING
from press.running import Runner, Step
from tests.press.torture import had

FOLDER = Path(__file__).parent / "parity"
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)

FRAMES = "below its own frames are those of what runs it"
DUMP = "the dump of a dying interpreter is on, so that a crash can be placed"
EXPLAINED = {
    "12-introspection#8": FRAMES,
    "12-introspection#9": FRAMES,
    "18-threads#21": FRAMES,
    "25-patching-and-environment#10": FRAMES,
    "12-introspection#11": "it runs without what is installed for the interpreter (-S)",
    "12-introspection#12": "the command line is told as a reader would type it",
    "21-subprocess-and-fork#22": DUMP,
    "22-signals-and-system#15": DUMP,
}
"""Example -> why it does not end as in a fresh interpreter started by hand."""


@dataclass(frozen=True)
class Result:
    status: int | None
    output: str
    error: str
    """The last line of the errors."""


def corpus() -> Iterator[tuple[str, str]]:
    """Name and code of each example."""
    for path in sorted(FOLDER.glob("*.md")):
        for number, match in enumerate(FENCE.finditer(path.read_text()), 1):
            yield f"{path.stem}#{number}", match[1]


CORPUS = dict(corpus())


def fresh(code: str, folder: Path, python: Path) -> Result:
    """What a new interpreter makes of it, without any part of the press."""
    (folder / "work/example").mkdir(parents=True)
    (folder / "work/example/main.py").write_text(code)
    environment = isolation._environment(str(folder))
    for name in ("home", "tmp"):
        (folder / "work" / name).mkdir()
    done = subprocess.run(
        [python, "-s", "-B", "main.py"],
        cwd=folder / "work/example",
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(errors="replace"), last(done.stderr))


def last(errors: bytes) -> str:
    lines = errors.decode(errors="replace").strip().splitlines()
    return re.sub(r"0x[0-9a-f]+|in \d+\.\d+s|'/[^']*'|\(/[^)]*\)", "", lines[-1] if lines else "")


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    return run()


def run() -> dict[str, Result]:
    """What a sandbox makes of the whole corpus, with all that it may have loaded beforehand."""
    sandbox = Sandbox(isolation.own_interpreter(), preload=tuple(sorted(PLAIN)))

    def one(name: str, runner: Runner) -> Result:
        plain = replace(sandbox, preload=()) if REVEALING.search(CORPUS[name]) else sandbox
        ended = runner.steps(plain, [Step("main.py", CORPUS[name])], {})
        return Result(ended.status, ended.output.decode(errors="replace"), last(ended.errors))

    return dict(running.each(list(CORPUS), one))


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 500


def test_each_ends_as_in_a_fresh_interpreter(results: dict[str, Result], tmp_path: Path) -> None:
    venv.create(tmp_path / "bare")  # without what is installed, some of which loads modules
    python = tmp_path / "bare/bin/python"

    def one(name: str) -> tuple[str, Result]:
        with TemporaryDirectory() as folder:  # a short name, for the sockets in it
            return name, fresh(CORPUS[name], Path(folder), python)

    with ThreadPoolExecutor() as pool:
        expected = dict(pool.map(one, CORPUS))
    differing = {name for name in CORPUS if results[name] != expected[name]}
    unexplained = {
        name: (results[name], expected[name]) for name in sorted(differing - {*EXPLAINED})
    }
    assert not unexplained
    assert {*EXPLAINED} <= differing, "these agree by now"


@pytest.mark.parametrize("level", had())
def test_each_ends_alike_at_each_level(
    results: dict[str, Result], level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(isolation.VARIABLE, level)
    here = run()
    differing = {
        name: (results[name], here[name]) for name in CORPUS if results[name] != here[name]
    }
    # At the lowest level there are other frames below its own, and fewer.
    assert not {name for name in differing if EXPLAINED.get(name) not in (FRAMES, DUMP)}
    assert {name: one[0].status for name, one in differing.items()} == {
        name: one[1].status for name, one in differing.items()
    }
