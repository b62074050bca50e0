"""Runs a program that is on PATH: without a shell, and with its failure as a Problem."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from press.problems import Code, Problem, ProblemsFound

LINES = 8
"""Of what a program has said that are shown."""


def run(
    command: Sequence[str],
    name: str,
    *,
    given: bytes = b"",
    more: Mapping[str, str] | None = None,
    environment: Mapping[str, str],
    secrets: Sequence[str] = (),
) -> bytes:
    """What it prints. Raises ProblemsFound, at `name`, with what it said but for `secrets`."""
    try:
        done = subprocess.run(
            command, input=given, env={**environment, **(more or {})}, capture_output=True,
            check=False,
        )  # fmt: skip
    except OSError as error:
        raise _absent(command[0], name, error) from None
    if done.returncode:
        said = _printable(done.stderr.decode(errors="replace"), secrets)
        raise _failed(f"{command[0]} ended with status {done.returncode}{said}", name)
    return done.stdout


def show(command: Sequence[str], name: str, root: Path, environment: Mapping[str, str]) -> None:
    """Run one of the author's own in the folder `root`, who sees what it prints.

    Raises ProblemsFound where it does not end with status 0.
    """
    sys.stdout.flush()
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, stdin=subprocess.DEVNULL, check=False
        )
    except OSError as error:
        raise _absent(command[0], name, error) from None
    if done.returncode:
        raise _failed(f"the command ended with status {done.returncode}", name)


def _absent(program: str, name: str, error: OSError) -> ProblemsFound:
    message = f"can't run {program}: {error.strerror}"
    hint = "install it, or choose another `target` for [deploy]"
    return ProblemsFound([Problem(name, 0, 0, Code.NOT_DEPLOYED, message, hint)])


def _failed(message: str, name: str) -> ProblemsFound:
    hint = "mend that, and publish again: it goes on"
    return ProblemsFound([Problem(name, 0, 0, Code.NOT_DEPLOYED, message, hint)])


def _printable(said: str, secrets: Sequence[str]) -> str:
    """The last lines, in which nothing is secret or does something to a terminal."""
    for secret in secrets:
        said = said.replace(secret, "…")
    lines = [line for line in said.splitlines() if line.strip()][-LINES:]
    return "".join("\n" + "".join(c if c.isprintable() else " " for c in line) for line in lines)
