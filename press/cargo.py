"""A built site -> what is deployed of it: the files of its manifest, each as it was built."""

import errno
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from press import manifest
from press.deploy import Cargo, failures
from press.problems import Code, Problem, ProblemsFound

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
    """Lay the files of a built site into a folder of their own, which is emptied before.

    What lies in the site besides is left out: nobody proved it. Raises ProblemsFound for a file
    that is not as it was built.
    """
    files = _files(site)
    with failures(str(folder)):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    problems = [problem for path in files if (problem := _lay(site, folder, path, files[path]))]
    if problems:
        raise ProblemsFound(problems)
    return Cargo(folder, files, files[manifest.FILE])


def _files(site: Path) -> Mapping[str, str]:
    content = manifest.load(site).files
    digest = sha256((site / manifest.FILE).read_bytes()).hexdigest()
    ordered = sorted(content, key=lambda path: (rank(path), path))
    return {**{path: content[path] for path in ordered}, manifest.FILE: digest}


def _lay(site: Path, folder: Path, path: str, digest: str) -> Problem | None:
    to = folder / path
    try:
        if {"", ".", ".."} & set(path.split("/")):
            raise OSError(errno.EINVAL, "this leads out of the site")
        to.parent.mkdir(parents=True, exist_ok=True)
        # A build replaces files, and never writes into one: what is laid stays as it is.
        try:
            os.link(site / path, to, follow_symlinks=False)
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
