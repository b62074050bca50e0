"""How a verb ends: its problems on standard error, and its exit status."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

PROBLEMS, INTERRUPTED = 1, 130


@contextmanager
def problems_reported(last_line: str = "") -> Iterator[None]:
    """Print the problems that stop a verb, then `last_line`, and exit 1; exit 130 on Ctrl-C.

    The last line is left out where a site may have been written in part.
    """
    from press.problems import Code, ProblemsFound

    try:
        yield
    except ProblemsFound as error:
        count = len(error.problems)
        total = f"{count} problem{'' if count == 1 else 's'}"
        half = any(one.code is Code.BAD_OUTPUT_FOLDER for one in error.problems)
        print(f"{error}\n\n{total}{'' if half else last_line}", file=sys.stderr)
        sys.exit(PROBLEMS)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
