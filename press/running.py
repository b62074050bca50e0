"""Runs examples in sandboxes, as many at a time as there are processors.

A sandbox holds one process that starts examples and judges them from outside (`inside/zygote.py`).
Should an example bring that process down, that is the example's failure, and the next one gets
another.
"""

import json
import math
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any, TypeVar

from msgspec import Struct, field

from press import isolation, records
from press.examples import MOST_SECONDS, seconds
from press.inside.emptying import empty
from press.isolation import Level, Sandbox
from press.model import Example
from press.problems import Code, Problem, ProblemsFound
from press.records import Record

TIMEOUT = 10.0
"""Seconds that an example may take unless it says otherwise."""

PROBE_SECONDS = 2.0
"""What an example that is skipped may take to show that it would pass now."""

OUTPUT_LIMIT = 10_000_000
"""Bytes of output that are read; more is a failure."""

FILE_LIMIT = 100_000_000
"""Bytes that a file of an example may have."""

MEMORY_LIMIT = 2 << 30
"""Bytes of memory that each process of an example may ask for."""

PARTING = 3.0
"""Seconds that a sandbox may take to end what runs in it."""

PATIENCE = 20.0
"""Seconds that a sandbox may take for what is not the example's own time."""

GLANCE = 0.5
"""Seconds after which who waits looks up: an interrupt that another thread took wakes nobody."""

PROCESSORS = os.cpu_count() or 1

LINES = 100
"""Lines of errors that are shown, the last ones."""

T = TypeVar("T")
R = TypeVar("R")


class Step(Struct, frozen=True):
    """One piece of Python that runs in a process, after those before it."""

    name: str
    """Of the file that has the code."""
    code: str
    seconds: float = TIMEOUT
    session: Sequence[tuple[str, int]] | None = None
    """The statements of a session with prompts and the line of each, instead of the code."""
    awaits: bool = False
    """Whether `await` may stand at its top level."""
    compiles_only: bool = False
    raises: bool = False
    """Whether it is expected to raise, so that the next step runs even so."""
    exits: int = 0
    """The exit status that it is expected to have."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """What is made for it as it begins, besides its code."""
    stdin: str = ""
    """Its standard input."""


class Ended(Struct, frozen=True):
    """How a process ended."""

    status: int | None
    """Exit status, negative for a signal; None if it took too long."""
    output: bytes = b""
    errors: bytes = b""
    seconds: float = 0.0
    """What it took."""
    steps: Sequence[Record] = ()
    """A record of each step that came to an end."""
    fate: str = ""
    """What happened that is no matter of one step; empty if nothing did."""
    level: Level | None = None
    """Of the isolation that it ran at."""

    @property
    def text(self) -> str:
        return readable(self.output)

    @property
    def error_text(self) -> str:
        return readable(self.errors)


def limit_of(example: Example) -> float:
    """Seconds that an example may take."""
    options = example.options
    return seconds(options) or (PROBE_SECONDS if "skip" in options else TIMEOUT)


def readable(content: bytes) -> str:
    return content.decode(errors="replace").replace("\r\n", "\n")


def last_lines(errors: str) -> str:
    return "\n".join(errors.strip().splitlines()[-LINES:])


class Died(Exception):
    """A sandbox that ended, or fell silent, before it answered."""


class Runner(Struct):
    """Runs one example at a time, each in the sandbox that it needs."""

    _sandboxes: dict[Sandbox, "Running"] = field(default_factory=dict)
    _stopped: bool = False

    def steps(
        self,
        sandbox: Sandbox,
        steps: Sequence[Step],
        files: Mapping[str, bytes],
    ) -> Ended:
        """Run Python steps in one process, in a folder that has `files`, those that the steps so
        far were given, and nothing else.
        """
        whole = sum(step.seconds for step in steps)
        told = [_step(step) for step in steps]
        request = {
            "files": {**_as_text(files), **told[0]["files"]},
            "stdin": told[0]["stdin"],
            "steps": told,
        }
        return self._ask(sandbox, request, whole)

    def command(
        self,
        sandbox: Sandbox,
        command: Sequence[str],
        seconds: float,
        files: Mapping[str, bytes] | None = None,
        *,
        stdin: str | None = None,
        build: bool = False,
        keep: bool = False,
        **environment: str,
    ) -> Ended:
        """Run a program, in the folder of an example or (`build`) the one for what is built.

        With `keep`, what was built there before is still there.
        """
        request = {
            "files": _as_text(files or {}),
            "stdin": None if stdin is None else stdin.encode().decode("latin-1"),
            "command": list(command),
            "timeout": seconds,
            "environment": environment,
            "build": build,
            "keep": keep,
        }
        return self._ask(sandbox, request, seconds)

    def _ask(self, sandbox: Sandbox, request: dict[str, Any], seconds: float) -> Ended:
        request["most"] = OUTPUT_LIMIT
        request["limits"] = {
            "cpu": 1 + math.ceil(seconds) * PROCESSORS,
            "file": FILE_LIMIT,
            "memory": None if request.get("build") else MEMORY_LIMIT,
        }
        if sandbox not in self._sandboxes:
            self._sandboxes[sandbox] = begin(sandbox)
        running = self._sandboxes[sandbox]
        try:
            if self._stopped:  # while the sandbox began
                raise Died
            answer = running.ask(request, seconds + PATIENCE)
        except Died:
            self._sandboxes.pop(sandbox).stop()
            if self._stopped:
                raise KeyboardInterrupt from None
            fate = "it ended the process that runs examples"
            return Ended(None, fate=fate, level=running.level)
        return _ended(answer, running.level)

    def stop(self) -> None:
        self._stopped = True
        for running in tuple(self._sandboxes.values()):
            running.stop()


def _as_text(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: content.decode("latin-1") for name, content in files.items()}


def _step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "timeout": step.seconds,
        "session": step.session,
        "await": step.awaits,
        "compile": step.compiles_only,
        "raises": step.raises,
        "exit": step.exits,
        "files": _as_text({**step.files, step.name: step.code.encode()}),
        "stdin": step.stdin.encode().decode("latin-1"),
    }


def _ended(answer: Mapping[str, Any], level: Level) -> Ended:
    fate = _fate(answer)
    try:
        steps = records.read(answer["steps"])
    except ValueError:
        steps, fate = [], fate or "it has overwritten what was noted of it"
    return Ended(
        answer["status"],
        answer["out"].encode("latin-1"),
        answer["err"].encode("latin-1"),
        answer["seconds"],
        steps,
        fate,
        level,
    )


def _fate(answer: Mapping[str, Any]) -> str:
    """What befell a process as a whole, in one line; empty for nothing."""
    if answer["not_given"]:
        return str(answer["not_given"])
    if answer["crowd"]:
        return "it started processes without end"
    if answer["status"] is None:
        what = "a thread that it started" if answer["closing"] else "it"
        unit = "second" if answer["limit"] == 1 else "seconds"
        return f"{what} was still running after {answer['limit']:g} {unit}"
    if answer["status"] < 0 and not answer["done"]:
        return f"it was ended by {signal_name(-answer['status'])}"
    if answer["strays"]:
        return "it left a process running"
    if answer["gone"]:
        return "it removed its own working folder"
    if answer["out_size"] > OUTPUT_LIMIT:
        return f"it printed more than {OUTPUT_LIMIT:,} bytes"
    return ""


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # the real-time signals have no names
        return f"signal {number}"


class Running:
    """A sandbox that has been started."""

    def __init__(self, level: Level, sandbox: Sandbox) -> None:
        begun = isolation.start(level, sandbox, sized=level is Level.BUBBLEWRAP and _limits_space())
        self.level = level
        self._place = begun.place
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # closed by stop()
        self._process = subprocess.Popen(
            begun.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=begun.environment,
            start_new_session=True,
        )
        self._rest = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout or 0, selectors.EVENT_READ)
        self._reading = Lock()
        try:
            self.fenced = bool(self.ask(begun.plan, PATIENCE)["fenced"])
        except Died:
            said = self.said()
            self.stop()
            raise Died(said) from None

    def ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """The answer to a request; raises Died if there is none."""
        stream = self._process.stdin
        assert stream  # noqa: S101  # it is a pipe
        try:
            stream.write(json.dumps(request).encode() + b"\n")
            stream.flush()
        except (OSError, ValueError):
            raise Died from None
        return self._read(seconds)

    def _read(self, seconds: float) -> dict[str, Any]:
        with self._reading:
            return self._read_line(seconds)

    def _read_line(self, seconds: float) -> dict[str, Any]:
        stream = self._process.stdout
        assert stream  # noqa: S101  # it is a pipe
        until = time.monotonic() + seconds
        parts = [self._rest]
        while b"\n" not in parts[-1]:
            left = until - time.monotonic()
            if left <= 0:
                raise Died
            if not self._selector.select(min(left, MOST_SECONDS)):  # it can't wait for weeks
                continue
            parts.append(os.read(stream.fileno(), 1 << 20))
            if not parts[-1]:
                raise Died
        line, _, self._rest = b"".join(parts).partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def said(self) -> str:
        """What it wrote to its standard error."""
        self._errors.seek(0)
        return self._errors.read(10_000).decode(errors="replace")

    def stop(self) -> None:
        """Let it end what it has started, and end it."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin  # noqa: S101  # they are pipes
        assert stdout  # noqa: S101
        with suppress(OSError):
            stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PARTING)
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        with self._reading:  # whoever waits for an answer sees the end of it now
            self._selector.close()
            stdout.close()
            self._errors.close()
        if self._place and self._place.exists():
            _end_all_of(self._place)
            with suppress(OSError):
                empty(str(self._place))
                self._place.rmdir()


@cache
def _limits_space() -> bool:
    """Whether bubblewrap can limit a folder in memory here: it can from 0.7 on."""
    said = subprocess.run(["bwrap", "--help"], capture_output=True, check=False).stdout  # noqa: S607
    return b"--size" in said


def _end_all_of(place: Path) -> None:
    """End what an example that brought its judge down has left: its environment names the place.

    Where examples have processes of their own, those have ended with the first of them.
    """
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"={place}/".encode() in entry.read_bytes():
                os.kill(int(entry.parent.name), signal.SIGKILL)


_best: dict[tuple[Level, ...], Level] = {}
"""The levels to try -> the first of them that worked."""


def begin(sandbox: Sandbox) -> Running:
    """A sandbox at the best level that this machine has. Raises ProblemsFound for none."""
    every = tuple(isolation.levels())
    first = every.index(_best.get(every, every[0]))
    said = ""
    for level in every[first:]:
        try:
            running = Running(level, sandbox)
        except (Died, OSError) as error:
            said = str(error) or said
            continue
        if level is Level.LANDLOCK and not running.fenced:
            running.stop()
            continue
        _best.setdefault(every, level)
        return running
    message = f"the interpreter {sandbox.interpreter} does not start"
    raise ProblemsFound([Problem("examples", 0, 0, Code.UNREADABLE, f"{message}\n{said}".strip())])


def is_at_best(level: Level) -> bool:
    """Whether nothing better than a level is to be had; to find out may take a sandbox."""
    every, order = tuple(isolation.levels()), list(Level)
    if order.index(level) <= order.index(every[0]):
        return True
    if every not in _best:
        begin(Sandbox(isolation.own_interpreter())).stop()
    return order.index(level) <= order.index(_best[every])


def level() -> Level | None:
    """The level at which examples have run; None if none has."""
    return _best.get(tuple(isolation.levels()))


def each(
    items: Sequence[T], work: Callable[[T, Runner], R], workers: int | None = None
) -> Iterator[tuple[T, R]]:
    """Do the work for each item, several at a time; the results as they come."""
    from concurrent.futures import Future, ThreadPoolExecutor  # only where there is work

    free: SimpleQueue[Runner] = SimpleQueue()
    count = min(workers or PROCESSORS, max(len(items), 1))
    runners = [Runner() for _ in range(count)]
    for runner in runners:
        free.put(runner)

    def one(item: T) -> tuple[T, R]:
        runner = free.get()
        try:
            return item, work(item, runner)
        finally:
            free.put(runner)

    done: SimpleQueue[Future[tuple[T, R]]] = SimpleQueue()
    with ThreadPoolExecutor(count) as pool:
        try:
            for item in items:
                pool.submit(one, item).add_done_callback(done.put)
            for _ in items:
                yield _next(done).result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for runner in runners:
                runner.stop()


def _next(queue: SimpleQueue[T]) -> T:
    while True:
        with suppress(Empty):
            return queue.get(timeout=GLANCE)
