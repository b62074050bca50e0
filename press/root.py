"""Where a publication is, and where what is kept of it is."""

import os
import shlex
import sys
from pathlib import Path

FILE = "series.toml"
"""What makes a folder a publication."""

_INSTALLED = Path(__file__).parent / "templates"
OURS = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent / "templates"
"""The templates that stand in for those a publication does not bring: part of the package where it
is installed, beside it in a clone."""

RENAMING = "content/.renaming"
"""A folder with what a rename is to write (`press.replacing`)."""
STEPS = f"{RENAMING}/steps.json"
"""What is to be done then; from when this is there, the rename is to be ended."""

CACHE_VARIABLE = "PROOFPRESS_CACHE"
"""An environment variable that names another folder for what is kept."""


IN_CLONE = "python build.py"
"""What is typed before a verb where Proofpress is not installed, but cloned."""


def command() -> str:
    """What is typed before the verb in the folder of a publication."""
    is_installed = OURS == _INSTALLED or Path(sys.argv[0]).stem == "proofpress"
    return "proofpress" if is_installed else IN_CLONE


def typed() -> str:
    """The same for who types it now, from another folder it may be: with the place of the script.

    What is said to be done next begins with it.
    """
    script = Path(sys.argv[0])
    is_elsewhere = script.name == "build.py" and script.parent != Path()
    return f"python {shlex.quote(str(script))}" if is_elsewhere else command()


def nearest(start: Path) -> Path | None:
    """The nearest folder, from `start` up, that holds series.toml."""
    return next((one for one in (start, *start.parents) if (one / FILE).is_file()), None)


def find(start: Path) -> Path:
    """The same; raises ProblemsFound if there is none."""
    if found := nearest(start):
        return found
    from press.problems import Code, Problem, ProblemsFound

    hint = "run this in the folder of a publication, or write its series.toml"
    raise ProblemsFound([Problem(FILE, 0, 0, Code.UNREADABLE, "there is no series.toml", hint)])


def cache_folder(root: Path) -> Path:
    """A folder for what is costly to make again, which may be deleted at any time."""
    return Path(os.environ.get(CACHE_VARIABLE) or root / ".cache").absolute()
