"""Python examples: each runs in an interpreter of its own, in an empty folder, for a limited time.

The example is written to a file at the same line numbers as in its article, so that a traceback
needs nothing but the article's name.
"""

import os
import re
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from press.model import Example, Language, Proof, Verdict, Workshop
from press.running import Runner, prove_each

LANGUAGE = Language(
    "python",
    frozenset({"py", "python3", "py3"}),
    {
        "skip": 'is not run, for the reason given: skip="needs a printer"',
        "timeout": "seconds that it may take: timeout=30",
    },
)


def version(workshop: Workshop) -> str:
    """The interpreter, and what is installed for it."""
    packages = sorted(path.name for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    return "\n".join([sys.version, sys.platform, *packages])


def prove(examples: Sequence[Example], workshop: Workshop) -> list[Proof]:
    return prove_each(examples, _prove)


def _prove(example: Example, folder: Path, seconds: float, runner: Runner) -> Proof:
    main = folder / "main.py"
    padding = "\n" * example.fence.line
    main.write_text(padding + example.fence.code, encoding="utf-8", newline="\n")
    ended = runner.run([sys.executable, "-s", "-B", main], folder, seconds)
    if not ended.failure:
        return Proof(example, Verdict.PROVEN, ended.text)
    detail = _in_article(ended.detail, example, main)
    reason = _in_article(ended.failure, example, main)
    return Proof(example, Verdict.FAILED, ended.text, reason, detail, _line(example, detail))


def _in_article(errors: str, example: Example, main: Path) -> str:
    """The errors with the article's name for the file that ran."""
    for name in (os.path.realpath(main), str(main)):
        errors = errors.replace(name, example.article.path)
    return errors


def _line(example: Example, errors: str) -> int:
    """The last line of the example that the errors name; 0 if they name none."""
    named = re.findall(rf'File "{re.escape(example.article.path)}", line (\d+)', errors)
    fence = example.fence
    lines = [int(line) for line in named if fence.line <= int(line) <= fence.end]
    return lines[-1] if lines else 0
