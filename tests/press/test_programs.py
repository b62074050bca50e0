"""Programs that deployments run: what of their failure is shown."""

import os
import sys

import pytest

from press import programs
from press.problems import ProblemsFound


def test_the_last_lines_are_shown_without_secrets_or_what_moves_a_cursor() -> None:
    script = "import sys; print(*range(20), 'the password is hunter2 \\x1b[2J', sep='\\n',"
    script += " file=sys.stderr); sys.exit(3)"
    with pytest.raises(ProblemsFound) as error:
        programs.run(
            [sys.executable, "-c", script], "there", environment=os.environ, secrets=["hunter2"]
        )
    assert str(error.value).splitlines() == [
        f"there: not-deployed: {sys.executable} ended with status 3",
        *(f"      {number}" for number in range(13, 20)),
        "      the password is …  [2J",
        "      help: mend that, and publish again: it goes on",
    ]


def test_one_that_is_not_there_is_named() -> None:
    with pytest.raises(ProblemsFound, match="can't run no-such-program: No such file"):
        programs.run(["no-such-program"], "there", environment=os.environ)
