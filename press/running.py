"""Runs the programs of examples: apart from the author's environment, for a limited time.

The parent decides what became of a program; nothing that it starts outlives it.
"""

import math
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from press.model import Example, Proof, Verdict

TIMEOUT = 10.0
"""Seconds that an example may take unless it says otherwise."""

OUTPUT_LIMIT = 10_000_000
"""Bytes of output that are read; more is a failure."""

# Should the press be killed, an example that never ends must still end, and never fill the disk:
# seconds of processor time, and blocks of 512 bytes a file (POSIX, "ulimit").
LIMITS = 'ulimit -t "$0"; ulimit -f 200000; unset PWD OLDPWD SHLVL; exec "$@"'

LINES = 100
"""Lines of errors that are shown, the last ones."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended."""

    status: int | None
    """Exit status, negative for a signal; None if it took too long."""
    output: bytes
    errors: str
    seconds: float
    """What it was given."""

    @property
    def text(self) -> str:
        return self.output.decode(errors="replace").replace("\r\n", "\n")

    @property
    def detail(self) -> str:
        """The last lines of its errors."""
        return "\n".join(self.errors.strip().splitlines()[-LINES:])

    @property
    def failure(self) -> str:
        """Why it did not end well, in one line; empty if it did."""
        if self.status is None:
            return f"it was still running after {self.seconds:g} seconds"
        if self.status < 0:
            return f"it was ended by {_signal(-self.status)}"
        if self.status:
            last = self.errors.strip().splitlines()[-1:] or [""]
            return f"it ended with exit status {self.status}" + (f": {last[0]}" if last[0] else "")
        if len(self.output) > OUTPUT_LIMIT:
            return f"it printed more than {OUTPUT_LIMIT:,} bytes"
        return ""


class Runner:
    """Starts programs, and ends all of them when it is told to, as by Ctrl-C."""

    def __init__(self) -> None:
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def run(
        self, command: Sequence[str | Path], folder: Path, seconds: float, **environment: str
    ) -> Ended:
        """Run a command in a folder, and end whatever it started."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            status = self._wait(command, folder, seconds, environment, out.fileno(), err.fileno())
            for stream in (out, err):
                stream.seek(0)
            errors = err.read(OUTPUT_LIMIT).decode(errors="replace")
            return Ended(status, out.read(OUTPUT_LIMIT + 1), errors, seconds)

    def _wait(
        self,
        command: Sequence[str | Path],
        folder: Path,
        seconds: float,
        environment: Mapping[str, str],
        out: int,
        err: int,
    ) -> int | None:
        limits = ["/bin/sh", "-c", LIMITS, str(1 + math.ceil(seconds) * (os.cpu_count() or 1))]
        process = subprocess.Popen(
            [*(limits if os.name == "posix" else []), *command],
            cwd=folder,
            env={**_environment(folder), **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        self._processes.add(process)
        if self._stopped:
            _kill(process)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _kill(process)
            self._processes.discard(process)

    def stop(self) -> None:
        self._stopped = True
        for process in tuple(self._processes):
            _kill(process)


def prove_each(
    examples: Sequence[Example], prove: Callable[[Example, Path, float, Runner], Proof]
) -> list[Proof]:
    """Prove examples in empty folders, as many at a time as there are processors.

    `prove` is given the example, its folder, the seconds that it may take, and a Runner.
    """
    runner = Runner()

    def one(example: Example) -> Proof:
        if decided := _decided(example):
            return decided
        seconds = _seconds(example)
        if seconds is None:
            reason = "timeout must be a number of seconds above 0"
            return Proof(example, Verdict.FAILED, reason=reason)
        with scratch() as folder:
            return prove(example, folder, seconds, runner)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            return list(pool.map(one, examples))
        finally:
            runner.stop()


def _decided(example: Example) -> Proof | None:
    """The Proof of an example that its author leaves out."""
    skip = example.fence.options.get("skip")
    if skip is None:
        return None
    if not skip.strip():
        return Proof(example, Verdict.FAILED, reason='a skip needs a reason: skip="why"')
    return Proof(example, Verdict.SKIPPED, reason=skip)


def _seconds(example: Example) -> float | None:
    try:
        seconds = float(example.fence.options.get("timeout", TIMEOUT))
    except ValueError:
        return None
    return seconds if 0 < seconds < math.inf else None


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder. What is left there may be hard to remove; that is no failure."""
    with tempfile.TemporaryDirectory(prefix="example-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a program and whatever it started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """The same for every run, and without the author's secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    fixed = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    return {**kept, **fixed, "HOME": str(folder), "TMPDIR": str(folder)}


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # the real-time signals have no names
        return f"signal {number}"
