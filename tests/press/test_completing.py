"""Completion, by the real shells: what they offer when a person presses Tab."""

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from press.completing import ASKING
from tests.conftest import REPOSITORY

BIN = Path(sys.executable).parent
ENVIRONMENT = {
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    "TERM": "dumb",
    "LC_ALL": "C.UTF-8",
}
Offer = Callable[..., str]
"""A line, and the words that are expected -> what is offered."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a build.py, and a file whose name a shell may complete."""
    (tmp_path / "build.py").symlink_to(REPOSITORY / "build.py")
    (tmp_path / "content").mkdir()
    (tmp_path / "content/000-a.md").touch()
    for shell in ASKING:
        script = subprocess.run(
            ["./build.py", "completion", shell], cwd=tmp_path, env=ENVIRONMENT,
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        (tmp_path / f"completion.{shell}").write_text(script)
    return tmp_path


BASH = """
. ./completion.bash
IFS=' ' read -r -a COMP_WORDS <<< "$1"
[[ $1 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
COMP_LINE=$1 COMP_POINT=${#1}
compopt() { local IFS=' '; echo "compopt $*"; }
_buildpy_completion "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def bash(folder: Path) -> Offer:
    def offer(line: str, *_words: str) -> str:
        done = subprocess.run(
            ["bash", "--norc", "-c", BASH, "bash", line],
            cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stderr == ""
        return done.stdout

    return offer


def fish(folder: Path) -> Offer:
    def offer(line: str, *_words: str) -> str:
        done = subprocess.run(
            ["fish", "--no-config", "-c", f". completion.fish; complete -C {shlex.quote(line)}"],
            cwd=folder, env={**ENVIRONMENT, "HOME": str(folder)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    return offer


def zsh(folder: Path) -> Offer:
    """Type a line into a real zsh at a terminal, press Tab, and read what it lists."""

    def offer(line: str, *words: str) -> str:
        ours, its = pty.openpty()
        setup = (
            "autoload -Uz compinit; compinit -u -D; . ./completion.zsh; PS1='> '; LISTMAX=999; "
            "unsetopt automenu listambiguous; print -r REA''DY\n"
        )
        with subprocess.Popen(
            ["zsh", "-f", "-i"], cwd=folder, stdin=its, stdout=its, stderr=its,
            env={**ENVIRONMENT, "HOME": str(folder), "COLUMNS": "300", "TERM": "vt100"},
            start_new_session=True,
        ) as process:  # fmt: skip
            os.close(its)
            os.write(ours, setup.encode())
            _until(ours, "READY")
            os.write(ours, line.encode() + b"\t\t")
            listed = _until(ours, *words)
            process.kill()
        os.close(ours)
        return listed

    return offer


CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x07\x0e-\x1f]")


def _until(descriptor: int, *words: str) -> str:
    """What comes until all of these words have come."""
    found = ""
    while not all(word in CONTROLS.sub("", found) for word in words):
        ready = select.select([descriptor], [], [], 60)[0]
        assert ready, f"{words} do not come: {found}"
        found += os.read(descriptor, 65536).decode(errors="replace")
    return CONTROLS.sub("", found)


SHELLS = {"bash": bash, "fish": fish, "zsh": zsh}


@pytest.fixture(params=SHELLS)
def offer(request: pytest.FixtureRequest, folder: Path) -> Offer:
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    return SHELLS[request.param](folder)


def test_a_shell_is_tried_for_each_script() -> None:
    assert SHELLS.keys() == ASKING.keys()


@pytest.mark.parametrize("command", ["./build.py", "python build.py"])
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("c", ["check", "completion"]),
        ("check --", ["--drafts", "--since", "--format"]),
        ("newsletter se", ["send", "serve", "settle"]),
        ("newsletter send --", ["--announce", "--confirm"]),
        ("newsletter subscribers ", ["add", "list"]),
        # The only one there is: a shell puts it into the line at once.
        ("check --format sa", ["sarif"]),
        ("explain brok", ["broken-link"]),
    ],
)
def test_what_can_stand_there_is_offered(
    offer: Offer, command: str, typed: str, words: list[str]
) -> None:
    offered = offer(f"{command} {typed}", *words)
    assert all(word in offered for word in words), offered


BASH_ONLY = pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")


@BASH_ONLY
def test_without_a_verb_the_options_of_a_build_are_completed(folder: Path) -> None:
    offer = bash(folder)
    assert offer("./build.py --s") == "--search\n"
    assert "--explain\n" in offer("./build.py --search --")
    assert {"build", "newsletter", "explain"} <= set(offer("./build.py ").splitlines())


@BASH_ONLY
def test_other_commands_of_python_are_left_to_the_shell(folder: Path) -> None:
    assert bash(folder)("python other.py ch") == "compopt -o default\n\n"
    assert bash(folder)("python bu") == "compopt -o default\n\n"


@BASH_ONLY
def test_what_fails_says_nothing(folder: Path) -> None:
    (folder / "build.py").unlink()
    assert bash(folder)("./build.py c") == "\n"
