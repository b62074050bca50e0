"""A built site -> what is deployed of it: the files of its manifest, each as it was built."""

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from stat import S_ISDIR

from press import manifest, survey
from press.deploy import Cargo, failures
from press.problems import Code, Problem, ProblemsFound
from press.survey import Stamp

NEEDED, PAGE, TELLING = range(3)
"""What pages need, pages, and what tells of them."""

PACKED = re.compile(r"\.(?:gz|br|zst)$")
TELLS = re.compile(r"(?:\.xml|\.opml|(?:^|/)feed(?:-\d+)?\.json)$")


def rank(path: str) -> int:
    """When a file goes: nothing may lead to what is not there yet."""
    plain = PACKED.sub("", path)
    if plain == manifest.FILE or TELLS.search(plain):
        return TELLING
    return PAGE if plain.endswith((".html", ".md")) else NEEDED


def waves(paths: Iterable[str]) -> Iterator[list[str]]:
    """Paths in the order of a cargo -> those that may go at once, the manifest by itself."""
    for _, group in groupby(paths, lambda path: (rank(path), path == manifest.FILE)):
        yield list(group)


def stage(site: Path, folder: Path) -> Cargo:
    """Lay the files of a built site into a folder of their own.

    What lies there by an earlier link stays: each link that comes or goes changes the stamp of a
    file of the site. What lies in the site besides is left out: nobody proved it. Raises
    ProblemsFound for a file that is not as it was built.
    """
    files = _files(site)

    def is_linked(path: str, found: os.stat_result) -> bool:
        with suppress(OSError):
            return path in files and os.path.samestat(found, os.lstat(site / path))
        return False

    with failures(str(folder)):
        folder.mkdir(parents=True, exist_ok=True)
        _sift(folder, is_linked)
    linked: dict[str, Stamp] = {}
    laid = (_lay(site, folder, path, digest, linked) for path, digest in files.items())
    if problems := [problem for problem in laid if problem]:
        raise ProblemsFound(problems)
    return Cargo(folder, files, files[manifest.FILE], linked)


def lighten(folder: Path) -> None:
    """Remove from a cargo what takes room: copies, and what the site has no more."""
    _sift(folder, lambda _, found: found.st_nlink > 1)


def _sift(folder: Path, stays: Callable[[str, os.stat_result], bool]) -> None:
    """Remove the files that do not stay, and the folders that are empty then."""
    for base, folders, names in os.walk(folder, topdown=False):
        for path in (f"{base}/{name}" for name in (*folders, *names)):
            found = os.lstat(path)
            if S_ISDIR(found.st_mode):
                with suppress(OSError):
                    Path(path).rmdir()
            elif not stays(path.removeprefix(f"{folder}/"), found):
                Path(path).unlink()


def _files(site: Path) -> Mapping[str, str]:
    content = manifest.load(site).files
    digest = sha256((site / manifest.FILE).read_bytes()).hexdigest()
    ordered = sorted(content, key=lambda path: (rank(path), path))
    return {**{path: content[path] for path in ordered}, manifest.FILE: digest}


def _lay(
    site: Path, folder: Path, path: str, digest: str, linked: dict[str, Stamp]
) -> Problem | None:
    to = folder / path
    try:
        if {"", ".", ".."} & set(path.split("/")):
            raise OSError(errno.EINVAL, "this leads out of the site")
        to.parent.mkdir(parents=True, exist_ok=True)
        # A build replaces files, and never writes into one: what is laid stays as it is.
        if not os.path.lexists(to):
            try:
                os.link(site / path, to, follow_symlinks=False)
                linked[path] = survey.stamp_of(os.lstat(to))  # before it is read
            except OSError:
                shutil.copyfile(site / path, to)
        if not to.is_symlink() and sha256(to.read_bytes()).hexdigest() == digest:
            return None
        message = "this is not as it was built"
    except OSError as error:
        message = f"can't read: {error.strerror}"
    hint = "something has changed it; remove it, and publish again"
    return Problem(f"{site.name}/{path}", 0, 0, Code.NOT_DEPLOYED, message, hint)


def is_manifest(content: bytes) -> bool:
    """Whether it is that of a site of ours."""
    try:
        manifest.parse(content)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return True
