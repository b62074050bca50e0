"""Examples that misbehave, and what it takes to run them at a level of isolation."""

import itertools
import os
import pwd
import re
import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from press import config, isolation, prove, running, source
from press.isolation import Level
from press.languages import languages
from press.model import Manuscript, Proof, Verdict, Workshop
from press.problems import Problem, SourceText
from press.source import ContentFile
from tests.conftest import SERIES

SETTINGS, _ = config.parse(SourceText("series.toml", SERIES))
FRONT = "---\ntitle: T\ndate: 2026-01-01\ndescription: D\n---\n\n"

ALL = frozenset(Level)
OWN_PROCESSES = frozenset({Level.BUBBLEWRAP, Level.NAMESPACES})
"""The levels that have processes of their own: there an example may signal all that it sees."""
CONFINED = ALL - {Level.NONE}

UNHIDDEN = Path("/var/tmp")
"""Where the publication lies: a folder for temporary files that examples are not given anew."""


@dataclass(frozen=True)
class Trick:
    """An example, and what has to become of it."""

    name: str
    code: str
    reason: str | None = None
    """What the reason or detail has to match; None for an example that is to be proven."""
    options: str = ""
    levels: frozenset[Level] = ALL
    output: str | None = None
    hint: str = ""
    """What the hint has to match."""
    either: bool = False
    """Whether it may be proven as well: what counts is what comes after it."""
    language: str = "python"
    seconds: float = 5.0
    """What it may take at most."""


@dataclass(frozen=True)
class Ground:
    """Places and marks of one run, each of them unlike any other."""

    root: Path
    """The publication."""
    home: Path
    """A fresh folder in the home folder of the user who runs this."""
    temporary: Path
    """A fresh folder in that for temporary files, in which scratch folders are made."""
    elsewhere: Path
    """A folder that is nobody's home: it may be read, and not changed."""
    mark: str = field(default_factory=lambda: f"{secrets.randbelow(10**8) + 10**8}")
    secret: str = field(default_factory=lambda: f"secret-{secrets.token_hex(8)}")

    @property
    def key(self) -> Path:
        return self.home / "id_ed25519"

    def fill(self, code: str) -> str:
        names = {
            "@MARK@": self.mark,
            "@ROOT@": str(self.root),
            "@HOME@": str(self.home),
            "@KEY@": str(self.key),
            "@ELSEWHERE@": str(self.elsewhere),
            "@TEMPORARY@": str(self.temporary),
            "@PROCESSES@": str(Path("/proc/self/ns/pid").readlink()),
        }
        for name, value in names.items():
            code = code.replace(name, value)
        return code


@contextmanager
def ground() -> Iterator[Ground]:
    """A publication, a home and a temporary folder, with things in them that are private."""
    try:
        home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:  # a user that the system has no name for
        home = Path.home()
    made = Ground(
        home=Path(tempfile.mkdtemp(prefix=".proofpress-test-", dir=home)),
        root=Path(tempfile.mkdtemp(prefix="proofpress-test-", dir=UNHIDDEN)),
        temporary=Path(tempfile.mkdtemp(prefix="test-")),
        elsewhere=Path(tempfile.mkdtemp(prefix="proofpress-elsewhere-", dir=UNHIDDEN)),
    )
    before = tempfile.tempdir
    tempfile.tempdir = str(made.temporary)
    try:
        made.key.write_text(made.secret)
        (made.elsewhere / "notes.txt").write_text("notes")
        for name in ("var/ledger.db", "content/000-a.md", "victim/notes.txt"):
            (made.root / name).parent.mkdir(exist_ok=True)
            (made.root / name).write_text(made.secret)
        yield made
    finally:
        tempfile.tempdir = before
        for pid in {**marked(made.mark), **marked(str(made.root))}:  # where a test has failed
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        folders = [made.root, made.home, made.temporary, made.elsewhere]
        for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):  # whatever is in them
            subprocess.run([*command, "--", *folders], check=False, stderr=subprocess.DEVNULL)
        for left in Path("/dev/shm").glob(f"*{made.mark}*"):
            left.unlink()


def parsed(content: bytes) -> tuple[Manuscript | None, list[Problem]]:
    return source.parse(ContentFile("content/000-a.md", content, {}), SETTINGS, languages())


def proofs(body: str, root: Path) -> list[Proof]:
    article, problems = parsed((FRONT + body).encode())
    assert article, problems
    assert not problems
    with tempfile.TemporaryDirectory(dir=root) as cache:
        return prove.prove(article.examples, Workshop(Path(cache), root), afresh=True)


def had() -> list[Level]:
    """The levels of isolation that this machine has."""
    return [level for level in Level if _is_had(level)]


def _is_had(level: Level) -> bool:
    try:
        begun = running.Running(level, isolation.Sandbox(isolation.own_interpreter()))
    except (running.Died, OSError):
        return False
    begun.stop()
    return begun.fenced or level is not Level.LANDLOCK


@contextmanager
def at(level: Level, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run examples at this level and no other."""
    monkeypatch.setenv(isolation.VARIABLE, level)
    monkeypatch.setattr(running, "_best", {})
    yield
    assert running.level() is level


GOOD = """\
import builtins, json, os, signal, sys, threading
assert type(builtins.print).__name__ == "builtin_function_or_method"
assert json.loads(json.dumps([1])) == [1]
assert not [name for name in os.environ if "LEAK" in name], "the environment leaks"
assert os.listdir() == ["main.py"], f"files leak: {os.listdir()[:9]}"
assert os.listdir(os.environ["TMPDIR"]) == [], "temporary files leak"
assert not [name for name in os.listdir("/dev/shm") if "@MARK@" in name], "/dev/shm leaks"
try:
    left = os.listdir("/tmp")
except PermissionError:  # where it is everybody's
    left = []
assert not [name for name in left if "@MARK@" in name], "/tmp leaks"
assert sys.gettrace() is None and sys.getrecursionlimit() == 1000
assert signal.getsignal(signal.SIGTERM) == signal.getsignal(signal.SIGABRT) == signal.SIG_DFL
assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set(), "blocked signals leak"
assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
assert threading.active_count() == 1
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("all is well")
"""


def fence(language: str, options: str, code: str) -> str:
    return f"`````{language} {options}\n{code.rstrip()}\n`````\n\n"


def article(tricks: Sequence[Trick], here: Ground) -> str:
    """A good example before and after each trick."""
    good = fence("python", "", GOOD) + fence("output", "", "all is well")
    bad = [fence(one.language, one.options, one.code) for one in tricks]
    return here.fill(good + "".join(one + good for one in bad))


def outcome(tricks: Sequence[Trick], here: Ground) -> list[str]:
    """What is wrong with the verdicts on an article of these tricks, a line for each."""
    made = proofs(article(tricks, here), here.root)
    goods, bads = made[::2], made[1::2]
    assert len(bads) == len(tricks) == len(goods) - 1
    wrong = [
        line for trick, proof in zip(tricks, bads, strict=True) for line in _wrong(trick, proof)
    ]
    for around, proof in zip(
        itertools.pairwise(["-", *(one.name for one in tricks), "-"]), goods, strict=True
    ):
        if proof.verdict is not Verdict.PROVEN:
            wrong.append(f"GOOD between {' and '.join(around)}: {told(proof)}")
    for trick, proof in zip(tricks, bads, strict=True):
        if here.secret in proof.output + proof.detail + proof.reason:
            wrong.append(f"{trick.name}: it read a secret")
    return wrong


def _wrong(trick: Trick, proof: Proof) -> Iterator[str]:
    said = f"{trick.name}: {told(proof)}"
    if proof.verdict is Verdict.PROVEN:
        if trick.reason is not None and not trick.either:
            yield f"{said}\n  should fail by /{trick.reason}/"
        elif trick.output is not None and proof.output != trick.output:
            yield f"{said}\n  printed {proof.output[:200]!r}, not {trick.output[:200]!r}"
    elif proof.verdict is not Verdict.FAILED or trick.reason is None:
        yield f"{said}\n  should be proven"
    elif not re.search(trick.reason, f"{proof.reason}\n{proof.detail}"):
        yield f"{said}\n  should fail by /{trick.reason}/"
    elif trick.hint and not re.search(trick.hint, proof.hint):
        yield f"{said}\n  has the hint {proof.hint!r}, not /{trick.hint}/"
    if proof.seconds > trick.seconds:
        yield f"{said}\n  took {proof.seconds:.1f} seconds"


def told(proof: Proof) -> str:
    return (
        f"{proof.verdict}: {proof.reason[:300]} | {' / '.join(proof.detail[-700:].split(chr(10)))}"
    )


def remaining(mark: str, seconds: float = 10.0) -> Mapping[int, str]:
    """The processes that still have a mark in their command line, after some patience."""
    until = time.monotonic() + seconds
    while (found := marked(mark)) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def marked(mark: str) -> Mapping[int, str]:
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            words = (folder / "cmdline").read_bytes() + b"\0" + (folder / "environ").read_bytes()
        except OSError:
            continue
        if mark.encode() in words:
            found[int(folder.name)] = words.decode(errors="replace")[:200]
    return found


def left_behind(here: Ground) -> list[str]:
    """Processes and scratch folders that are still there once a run is over."""
    processes = {**remaining(here.mark), **remaining(str(here.root))}
    folders = sorted(path.name for path in here.temporary.iterdir())
    return [*map(str, processes.items()), *folders]
