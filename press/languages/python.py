"""Python examples: each runs in an interpreter of its own, in an empty folder, for a limited time.

The example is written to a file at the same line numbers as in its article, so that a traceback
needs nothing but the article's name.
"""

import math
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from press.model import Example, Language, Proof, Verdict

LANGUAGE = Language(
    "python",
    frozenset({"py", "python3", "py3"}),
    {
        "skip": 'is not run, for the reason given: skip="needs a printer"',
        "timeout": "seconds that it may take: timeout=30",
    },
)

TIMEOUT = 10.0
"""Seconds that an example may take unless it says otherwise."""

OUTPUT_LIMIT = 10_000_000
"""Bytes of output that are read; more is a failure."""

# Should the press be killed, an example that never ends must still end, and never fill the disk:
# seconds of processor time, and blocks of 512 bytes a file (POSIX, "ulimit").
LIMITED = ["/bin/sh", "-c", 'ulimit -t "$0"; ulimit -f 200000; unset PWD OLDPWD SHLVL; exec "$@"']

LINES = 100
"""Lines of errors that are shown, the last ones."""


class _Running:
    """The interpreters that run now, so that Ctrl-C ends them all."""

    def __init__(self) -> None:
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def add(self, process: "subprocess.Popen[bytes]") -> None:
        self._processes.add(process)
        if self._stopped:
            _kill(process)

    def remove(self, process: "subprocess.Popen[bytes]") -> None:
        self._processes.discard(process)

    def stop(self) -> None:
        self._stopped = True
        for process in tuple(self._processes):
            _kill(process)


def prove(examples: Sequence[Example]) -> list[Proof]:
    """Run the examples, as many at a time as there are processors."""
    running = _Running()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            return list(pool.map(lambda example: _prove(example, running), examples))
        finally:
            running.stop()


def _prove(example: Example, running: _Running) -> Proof:
    options = example.fence.options
    if "skip" in options:
        if not options["skip"].strip():
            return Proof(example, Verdict.FAILED, reason='a skip needs a reason: skip="why"')
        return Proof(example, Verdict.SKIPPED, reason=options["skip"])
    seconds = _seconds(options.get("timeout", str(TIMEOUT)))
    if seconds is None:
        reason = "timeout must be a number of seconds above 0"
        return Proof(example, Verdict.FAILED, reason=reason)
    # What the example leaves there may be hard to remove; that is no failure of the article.
    with tempfile.TemporaryDirectory(prefix="example-", ignore_cleanup_errors=True) as folder:
        return _run(example, Path(folder), seconds, running)


def _seconds(written: str) -> float | None:
    try:
        seconds = float(written)
    except ValueError:
        return None
    return seconds if 0 < seconds < math.inf else None


def _run(example: Example, folder: Path, seconds: float, running: _Running) -> Proof:
    main = folder / "main.py"
    padding = "\n" * example.fence.line
    main.write_text(padding + example.fence.code, encoding="utf-8", newline="\n")
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        code = _wait(main, out.fileno(), err.fileno(), seconds, running)
        for stream in (out, err):
            stream.seek(0)
        output = out.read(OUTPUT_LIMIT + 1)
        errors = err.read(OUTPUT_LIMIT).decode(errors="replace")
    return _judge(example, code, output, _in_article(errors, example, main), seconds)


def _wait(main: Path, out: int, err: int, seconds: float, running: _Running) -> int | None:
    """The exit status, negative for a signal; None if it took too long. Leaves no child behind."""
    limits = [*LIMITED, str(1 + math.ceil(seconds) * (os.cpu_count() or 1))]
    process = subprocess.Popen(
        [*(limits if os.name == "posix" else []), sys.executable, "-s", "-B", main],
        cwd=main.parent,
        env=_environment(main.parent),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        start_new_session=True,
    )
    running.add(process)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _kill(process)
        running.remove(process)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End the example and whatever it started."""
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


def _in_article(errors: str, example: Example, main: Path) -> str:
    """The errors with the article's name for the file that ran."""
    for name in (os.path.realpath(main), str(main)):
        errors = errors.replace(name, example.article.path)
    return errors


def _judge(example: Example, code: int | None, output: bytes, errors: str, seconds: float) -> Proof:
    text = output.decode(errors="replace").replace("\r\n", "\n")
    failed = _failure(code, output, errors, seconds)
    if failed:
        detail = "\n".join(errors.strip().splitlines()[-LINES:])
        return Proof(example, Verdict.FAILED, text, failed, detail, _line(example, errors))
    return Proof(example, Verdict.PROVEN, text)


def _line(example: Example, errors: str) -> int:
    """The last line of the example that the errors name; 0 if they name none."""
    named = re.findall(rf'File "{re.escape(example.article.path)}", line (\d+)', errors)
    fence = example.fence
    lines = [int(line) for line in named if fence.line <= int(line) <= fence.end]
    return lines[-1] if lines else 0


def _failure(code: int | None, output: bytes, errors: str, seconds: float) -> str:
    if code is None:
        return f"it was still running after {seconds:g} seconds"
    if code < 0:
        return f"it was ended by {_signal(-code)}"
    if code:
        last = errors.strip().splitlines()[-1:] or [""]
        return f"it ended with exit status {code}" + (f": {last[0]}" if last[0] else "")
    if len(output) > OUTPUT_LIMIT:
        return f"it printed more than {OUTPUT_LIMIT:,} bytes"
    return ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # the real-time signals have no names
        return f"signal {number}"
