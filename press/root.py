"""Where a publication is, and where what is kept of it is."""

import os
from pathlib import Path

FILE = "series.toml"
"""What makes a folder a publication."""

CACHE_VARIABLE = "PROOFPRESS_CACHE"
"""An environment variable that names another folder for what is kept."""


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
