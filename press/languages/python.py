"""Python examples: each runs in an interpreter of its own, in an empty folder, for a limited time.

The example is written to a file at the same line numbers as in its article, so that a traceback
needs nothing but the article's name.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
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


def prove(examples: Sequence[Example]) -> Iterator[Proof]:
    """Run the examples, as many at a time as there are processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(_prove, examples)


def _prove(example: Example) -> Proof:
    options = example.fence.options
    if "skip" in options:
        if not options["skip"].strip():
            return Proof(example, Verdict.FAILED, reason='a skip needs a reason: skip="why"')
        return Proof(example, Verdict.SKIPPED, reason=options["skip"])
    try:
        seconds = float(options.get("timeout", TIMEOUT))
    except ValueError:
        return Proof(example, Verdict.FAILED, reason="timeout must be a number of seconds")
    with tempfile.TemporaryDirectory(prefix="example-") as folder:
        return _run(example, Path(folder), seconds)


def _run(example: Example, folder: Path, seconds: float) -> Proof:
    main = folder / "main.py"
    padding = "\n" * example.fence.line
    main.write_text(padding + example.fence.code, encoding="utf-8", newline="\n")
    with (folder / ".out").open("w+b") as out, (folder / ".err").open("w+b") as err:
        code = _wait(main, out.fileno(), err.fileno(), seconds)
        for stream in (out, err):
            stream.seek(0)
        output = out.read(OUTPUT_LIMIT + 1)
        errors = err.read(OUTPUT_LIMIT).decode(errors="replace")
    return _judge(example, code, output, _in_article(errors, example, main), seconds)


def _wait(main: Path, out: int, err: int, seconds: float) -> int | None:
    """The exit status, negative for a signal; None if it took too long. Leaves no child behind."""
    process = subprocess.Popen(
        [sys.executable, "-s", "-B", main],
        cwd=main.parent,
        env=_environment(main.parent),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        start_new_session=True,
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _kill(process)


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
        lines = re.findall(rf'File "{re.escape(example.article.path)}", line (\d+)', errors)
        return Proof(example, Verdict.FAILED, text, failed, errors.strip(), int((lines or [0])[-1]))
    return Proof(example, Verdict.PROVEN, text)


def _failure(code: int | None, output: bytes, errors: str, seconds: float) -> str:
    if code is None:
        return f"it was still running after {seconds:g} seconds"
    if code < 0:
        return f"it was ended by {signal.Signals(-code).name}"
    if code:
        last = errors.strip().splitlines()[-1:] or [""]
        return f"it ended with exit status {code}" + (f": {last[0]}" if last[0] else "")
    if len(output) > OUTPUT_LIMIT:
        return f"it printed more than {OUTPUT_LIMIT:,} bytes"
    return ""
