"""What stands in a build's way, for real: disks that are full, folders that can't be written."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import NOW, PIXEL, REPOSITORY, Publication
from tests.press.incremental import building, forks, fromnothing
from tests.press.incremental.building import SITE, Tree
from tests.press.incremental.drafts import Files

MORTAL: Sequence[str] = (
    ["setpriv", "--inh-caps=-dac_override,-dac_read_search,-fowner",
     "--bounding-set=-dac_override,-dac_read_search,-fowner"] if os.getuid() == 0 else []
)  # fmt: skip
"""A program under which modes hold for root as well."""

EXAMPLE = "```python\nprint(1)\n```\n\n```output\n1\n```\n"
LONG = "Words and words. " * 800 + "\n"

MADE: dict[str, Tree] = {}
"""Sites, by what they were made of."""

Done = subprocess.CompletedProcess[str]


def build(
    root: Path,
    *,
    ours: Path = REPOSITORY,
    under: Sequence[str] = (),
    limit: Callable[[], None] | None = None,
    **environment: str,
) -> Done:
    """The author's command, as a process; it never ends with a traceback.

    Nor does it tell of its stages, as it would in CI, where they take long.
    """
    quiet = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [*under, sys.executable, str(ours / "build.py")],
        cwd=root,
        env={**quiet, **environment},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def require_built(done: Done) -> None:
    assert (done.returncode, done.stderr) == (0, "")


def require_problem(done: Done, *words: str) -> None:
    """It ended with one Problem, which has these words and says what to do."""
    assert done.returncode == 1, done.stdout
    assert done.stderr.count("\n1 problem") == 1, done.stderr
    assert all(word in done.stderr for word in (*words, "help:")), done.stderr


def from_nothing(root: Path, ours: Path = REPOSITORY) -> Tree:
    """The site that a build makes of the same files in an empty folder."""
    fresh = root.with_name(f"{root.name}-fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(root / "content", fresh / "content")
    shutil.copy(root / "series.toml", fresh)
    by = [building.tree(folder) for folder in (fresh, ours / "press", ours / "templates")]
    key = sha256(repr(by).encode()).hexdigest()
    if key not in MADE:
        require_built(build(fresh, ours=ours))
        MADE[key] = building.tree(fresh / SITE)
    return MADE[key]


def require_right(root: Path, ours: Path = REPOSITORY) -> None:
    told = building.differences(building.tree(root / SITE), from_nothing(root, ours))
    assert not told, "\n".join(told)


def begun(publication: Publication) -> Path:
    """A small publication that has a bit of everything, and is built."""
    root = publication.root / "own"
    (root / "content").mkdir(parents=True)
    publication.write("own/series.toml", (publication.root / "series.toml").read_text())
    written = Publication(root)
    written.article("001-a", EXAMPLE + "\nSee [b](002-b/index.md).\n", tags="[rust]")
    written.article("002-b/index", "![One](one.png)\n")
    written.write("content/002-b/one.png", PIXEL)
    written.article("003-c", "## More\n\n" + LONG)
    assert not forks.build(forks.Request(root, NOW)).fault
    return root


def change(root: Path, title: str, body: str = LONG) -> None:
    """A change that every page has, and one that a page has for itself."""
    _, rest = (root / "series.toml").read_text().split("\n", 1)
    (root / "series.toml").write_text(f'title = "{title}"\n{rest}')
    Publication(root).article("003-c", f"## More\n\n{body}", title=title)


def require_made(root: Path) -> None:
    """The site is what a process without a memory makes of the same files."""
    wanted = fromnothing.made(files(root), NOW, search=False)
    told = building.differences(building.tree(root / SITE), wanted.site)
    assert not told, "\n".join(told)


def files(root: Path) -> Files:
    """The files of a publication."""
    found = building.tree(root / "content")
    made: Files = {f"content/{path}": one[1] for path, one in found.items() if one[1] is not None}
    return made | {"series.toml": (root / "series.toml").read_bytes()}


@contextmanager
def disk(folder: Path) -> Iterator[Callable[[int], Path]]:
    """A small disk at a folder. What it yields leaves so many bytes of it free, by a file."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=755", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")

    def fill(left: int) -> Path:
        filler = folder / "filler"
        about = os.statvfs(folder)
        filler.write_bytes(bytes(max(0, about.f_bavail * about.f_bsize - left)))
        return filler

    try:
        yield fill
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def read_only(folder: Path, mode: int = 0o555) -> Iterator[None]:
    """Folders, and the files in them, that may be read at most."""
    every = [folder, *(path for path in building.paths(folder) if not path.is_symlink())]
    before = {path: path.stat().st_mode for path in every}
    for path in reversed(every):
        path.chmod(mode if path.is_dir() else mode & 0o444)
    try:
        yield
    finally:
        for path in every:
            path.chmod(before[path])
