"""Hugo: its chroma, and the RSS feeds that it makes by default, with summaries.

What it caches is images and modules, of which there are none: each of its builds is a cold one.
"""

import re
import shutil
from pathlib import Path

from contest import tools
from contest.generators import Generator, folder_of, lay_peer


def find(folder: Path) -> Generator:
    """Hugo as our lock has it, else the machine's own; raises Unavailable."""
    program = _program(folder)
    version = re.search(r"v(\d+\.\d+\.\d+)", tools.printed(program, "version"))
    if not version:
        raise tools.Unavailable("hugo does not say its version")
    return Generator(
        name="Hugo",
        version=version[1],
        command=(program, "--quiet"),
        output="public",
        page=folder_of,
        feed="index.xml",
        lay=lay_peer,
        caches=("resources",),
    )


def _program(folder: Path) -> str:
    """The program itself: what the package has on PATH starts an interpreter before it."""
    try:
        package = tools.environment(folder, "hugo")
        return str(next(package.glob("lib/python3*/site-packages/hugo/binaries/hugo*")))
    except (tools.Unavailable, StopIteration) as error:
        if machines := shutil.which("hugo"):
            return machines
        raise tools.Unavailable(f"neither its package nor the machine has it: {error}") from error
