"""How a verb ends: its problems on standard error, and its exit status."""

import atexit
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn, TextIO

if TYPE_CHECKING:
    from press.problems import Problem

PROBLEMS, USAGE, INTERRUPTED = 1, 2, 130

STATUSES = {
    0: "All is well, or done; a dry run has said what it would do.",
    PROBLEMS: "There are problems, each of which is reported; or what was asked for was refused.",
    USAGE: "Wrong usage: there is no such verb or option, or a value is missing.",
    3: "`newsletter`: the outcome of some deliveries is unknown, see `newsletter status`.",
    4: "`newsletter send`, `publish`: the provider takes nothing more for now; again, it goes on.",
    5: "`newsletter send`, `publish`: a gate is shut, such as a page not live; nothing was sent.",
    INTERRUPTED: "Interrupted by Ctrl-C; what was done until then is safe.",
}
"""Every exit status of every verb -> what it means."""


def leave(status: int) -> NoReturn:
    """End this process now, once what was registered for its end is done and all is flushed.

    To take apart all that a build has loaded and made would be a twelfth of what a change costs.
    Raises OSError where a stream can't be flushed.
    """
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def tell_of(problems: "Iterable[Problem]") -> None:
    """Print problems on standard error, where a verb has more to say or another way to end."""
    from press import terminal

    paint = terminal.painter(sys.stderr)
    print("\n".join(one.told(paint) for one in problems), file=sys.stderr)


@contextmanager
def output_needed() -> Iterator[None]:
    """Exit 1, with the reason, where standard output can't be written: as on a full device."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError as error:
        try:
            print(flush=True)  # whether that is what can't be written
        except OSError:
            _let_go(sys.stdout)
            if not isinstance(error, BrokenPipeError):  # else nobody reads on, and that is well
                _tell(f"can't write to standard output: {error.strerror}")
            sys.exit(PROBLEMS)
        raise


def _tell(message: str) -> None:
    try:
        print(message, file=sys.stderr, flush=True)
    except OSError:
        _let_go(sys.stderr)


def _let_go(stream: TextIO) -> None:
    """Let what can't be written lead nowhere, or the last flush of all would fail too."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def problems_reported(last_line: str = "") -> Iterator[None]:
    """Print the problems that stop a verb, then `last_line`, and exit 1; exit 130 on Ctrl-C.

    The last line is left out where a site may have been written in part.
    """
    try:
        yield
    except Exception as error:
        from press import terminal
        from press.problems import Code, ProblemsFound

        if not isinstance(error, ProblemsFound):
            raise
        half = any(one.code is Code.BAD_OUTPUT_FOLDER for one in error.problems)
        rest = "" if half else last_line
        print(terminal.report(error.problems, rest, sys.stderr), file=sys.stderr)
        sys.exit(PROBLEMS)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
