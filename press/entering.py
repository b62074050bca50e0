"""The publication that a verb is called in: what was cut off in it is ended before it is read."""

import sys
from contextlib import AbstractContextManager
from pathlib import Path

from press.root import STEPS, cache_folder, find


def publication() -> Path:
    """The folder of the publication, whose articles are whole. Raises ProblemsFound."""
    root = find(Path.cwd())
    end_rename(root)
    return root


def end_rename(root: Path) -> bool:
    """End a rename that was cut off, and say so; whether there was one. Raises ProblemsFound."""
    if not (root / STEPS).is_file():
        return False
    from press import replacing

    with alone(root):
        if not replacing.is_unfinished(root):  # it was under way, and nothing cut it off
            return False
        replacing.finish(root)
    print("a rename that was cut off is done now", file=sys.stderr)
    return True


def alone(root: Path) -> AbstractContextManager[None]:
    """Hold the names and numbers of articles for one verb; another that gives any waits."""
    from press import output

    return output.alone(cache_folder(root) / "content.lock")
