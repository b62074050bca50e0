"""Kills the author's command at a place of our choice, as a machine that loses its power does."""

import signal
import subprocess
import sys

from tests.conftest import REPOSITORY, Publication

KILLED = """
import os, signal, sys
from importlib import import_module
from proofpress import main

def patch(place, when):
    module, _, name = place.partition(":")
    owner = import_module(module)
    *path, last = name.split(".")
    for one in path:
        owner = getattr(owner, one)
    real = getattr(owner, last)
    def killed(*args, **named):
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        real(*args, **named)
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(owner, last, killed)

patch(*sys.argv[1:3])
sys.argv[:3] = ["build.py"]
main()
"""


def killed(publication: Publication, place: str, when: str, *args: str) -> None:
    """Run a verb, and have it killed with SIGKILL before or after the function `module:name`."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, place, when, *args], cwd=publication.root,
        env={**publication.environment, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
