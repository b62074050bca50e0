"""Writes what changed, each file at once or not at all; removes what went.

The manifest is written last and names every file, so that a build that was cut off anywhere is
made good by the next one.
"""

import json
import os
import shutil
import stat
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO

from msgspec import Struct, field

from press import manifest, survey
from press.fields import BAD_CHARACTER
from press.model import OutputFile
from press.problems import Code, Problem, ProblemsFound
from press.results import Result
from press.survey import Stamp

FOLDER = "site"
INTENDED = ".intended"
"""Of a site: the names of the files that a build has begun to write."""
TICK = 10_000_000
"""Nanoseconds in which the clock of a file system surely moves on."""
ASIDE = ".{}.new"
"""A file while it is being written; the braces hold the process that writes."""


class Written(Struct, frozen=True):
    """How many files of the site were written, left as they were, and removed."""

    written: int
    unchanged: int
    removed: int
    paths: tuple[str, ...] = ()
    """Those that were written or removed."""


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


Left = Mapping[str, tuple[Stamp, str]]
"""Path -> stamp and digest, of files that a build has left in a site."""


class Found(Struct, frozen=True):
    """What the last good build has left in a site."""

    left: Left = field(default_factory=dict)
    standing: Left = field(default_factory=dict)
    """That of it which is there as it was left, with the stamp that it has now."""
    is_judged: bool = False
    """Whether that build was made and looked at as this one is."""
    others: Mapping[str, Stamp] | None = None
    """What lies there besides; None where it can't be looked at."""


def find(site: Path, left: Left, *, is_judged: bool) -> Found:
    there = look(site)
    if there is None:
        return Found(left, dict(_standing(site, left)), is_judged)
    standing = {
        path: (there[path], known[1])
        for path, known in left.items()
        if path in there and _stands(f"{site}/{path}", there[path], known)
    }
    others = {path: stamp for path, stamp in there.items() if path not in left}
    return Found(left, standing, is_judged, others)


def _stands(path: str, found: Stamp, known: tuple[Stamp, str]) -> bool:
    """Whether a file is as it was left. One that was only linked to meanwhile is read."""
    if found == known[0]:
        return True
    with suppress(OSError):
        return survey.is_alike(found, known[0]) and digest(Path(path).read_bytes()) == known[1]
    return False


def look(site: Path) -> dict[str, Stamp] | None:
    """All files of a site; None where it can't be looked at, such as with a link in it."""
    try:
        return dict(survey.within(str(site))) if site.is_dir() else {}
    except OSError:
        return None


def _standing(site: Path, left: Left) -> Iterator[tuple[str, tuple[Stamp, str]]]:
    led: dict[str, bool] = {"": False}
    """Folder -> whether a link leads to it, or to one that it is in: out of the site perhaps."""

    def is_led(folder: str) -> bool:
        if folder not in led:
            led[folder] = is_led(folder.rpartition("/")[0]) or (site / folder).is_symlink()
        return led[folder]

    for path, known in left.items():
        with suppress(OSError):
            found = os.lstat(f"{site}/{path}")
            stamp = survey.stamp_of(found)
            is_here = stat.S_ISREG(found.st_mode) and not is_led(path.rpartition("/")[0])
            if is_here and _stands(f"{site}/{path}", stamp, known):
                yield path, (stamp, known[1])


def write(
    site: Path,
    results: Sequence[Result],
    contents: Mapping[str, bytes | Path],
    index: OutputFile,
    found: Found,
) -> tuple[Written, Left]:
    """Bring a site to these files, `index` (the manifest) last. Raises ProblemsFound.

    `contents` has what was made now; what has not was `found` there. Soon after, `settle` has to
    be called.
    """
    there = found.standing
    with problems(site):
        _clear_aside(site)
        # The manifest that is there lists what was left, or else what it says counts.
        listed = set(found.left)
        if index.path not in there:
            listed = {*there, *filter(_is_inside, manifest.files(site))}
        before = _intended(site) | listed
        known = {one.path: one.digest for one in results} | {index.path: digest(index.content)}
        gone = before - known.keys()
        new = known.keys() - before
        _intend(site, {path for path in new if not os.path.lexists(site / path)})
        for path in sorted(gone):  # first: a new file may take the place of an old folder
            _remove(site, path)
        changed, ready = [], set[str]()
        kept = {path: one for path, one in there.items() if known.get(path) == one[1]}
        for path in known:
            if path not in kept:
                content = index.content if path == index.path else contents[path]
                if _write(site, path, content, before, ready):
                    changed.append(path)
        (site / INTENDED).unlink(missing_ok=True)
        written = Written(
            len(changed), len(known) - len(changed), len(gone), (*changed, *sorted(gone))
        )
        made = {path: (survey.stamp(f"{site}/{path}"), known[path]) for path in known.keys() - kept}
        return written, kept | made


def stamps(found: Found, written: Written, left: Left) -> Mapping[str, Stamp] | None:
    """Of all files of a site after a build, ours and others; None where they are not known."""
    if found.others is None:
        return None
    passing = {*written.paths, INTENDED}
    others = {
        path: stamp
        for path, stamp in found.others.items()
        if path not in passing and not _is_aside(path.partition("/")[0])
    }
    return others | {path: stamp for path, (stamp, _) in left.items()}


def settle(left: Iterable[Stamp]) -> None:
    """Wait until no later change of a file can have the stamp of one that was left."""
    youngest = max((stamp[2] for stamp in left), default=0)
    while (wait := youngest + TICK - time.time_ns()) >= 0:
        time.sleep(min(wait + 1, TICK) / 1e9)


@contextmanager
def problems(site: Path) -> Iterator[None]:
    """Turn a failure to write into a Problem."""
    try:
        yield
    except OSError as error:
        name = Path(str(error.filename2 or error.filename or site))  # the second is where it went
        parts = name.relative_to(site).parts if name.is_relative_to(site) else ()
        where = "/".join((FOLDER, *parts)) if parts and not _is_aside(parts[0]) else FOLDER
        message = f"can't write this: {error.strerror}"
        hint = f"mend that, and build again: {FOLDER}/ may be partly new until then"
        raise ProblemsFound([Problem(where, 0, 0, Code.BAD_OUTPUT_FOLDER, message, hint)]) from None


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold a site for one build; another one that has the same `lock` waits."""
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = lock.open("w")
    except OSError:  # a cache may be as none
        yield
        return
    with file:
        held(file, waits=True)
        yield


def held(lock: IO[str], *, waits: bool = False) -> bool:
    """Whether a lock is ours until it is closed, and nobody else has it.

    Where the system knows no locks, each is anybody's.
    """
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def _clear_aside(site: Path) -> None:
    """Remove what a build that was cut off left half written."""
    if not site.is_dir():
        return
    with os.scandir(site) as entries:
        asides = [entry for entry in entries if _is_aside(entry.name)]
    for entry in asides:
        if not entry.is_dir(follow_symlinks=False):
            Path(entry).unlink(missing_ok=True)
        elif entry.name != ASIDE.format(os.getpid()):
            shutil.rmtree(entry, ignore_errors=True)


def _is_aside(name: str) -> bool:
    return name.startswith(".") and name.endswith(".new") and name.split(".")[1].isdecimal()


def _intend(site: Path, new: Set[str]) -> None:
    """Note which files are about to be there: a build that is cut off has no other list of them."""
    intended = _intended(site) | new
    if intended:
        site.mkdir(exist_ok=True)
        aside = site / ASIDE.format(f"{os.getpid()}.0")
        aside.write_text(json.dumps(sorted(intended)))
        aside.replace(site / INTENDED)


def _intended(site: Path) -> set[str]:
    """What builds that were cut off may have written besides."""
    try:
        names = json.loads((site / INTENDED).read_bytes())
        return {name for name in names if isinstance(name, str) and _is_inside(name)}
    except (OSError, ValueError, TypeError, RecursionError):
        return set()


def _is_inside(path: str) -> bool:
    is_clean = "\\" not in path and not BAD_CHARACTER.search(path)
    return is_clean and not {"", ".", ".."} & set(path.split("/"))


def _write(site: Path, path: str, content: bytes | Path, before: Set[str], ready: set[str]) -> bool:
    """Write a file if it is not there with the same content; say whether it was written.

    The folders that are `ready` are not looked at again.
    """
    target = f"{site}/{path}"
    folder = path.rpartition("/")[0]
    if folder not in ready:  # first: what is there by way of a link is not in the site
        _make_folders(site, path, before)
        ready.add(folder)
    try:
        if _is_same(target, content):
            return False
    except FileNotFoundError:
        pass
    except IsADirectoryError:
        _remove_empty(Path(target))
    if isinstance(content, Path):
        content.replace(target)
        return True
    aside = site / ASIDE.format(f"{os.getpid()}.0")
    try:
        aside.write_bytes(content)
        aside.replace(target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return True


def _is_same(target: str, content: bytes | Path) -> bool:
    found = os.lstat(target)
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    if stat.S_ISLNK(found.st_mode) or found.st_size != size:
        return False
    return Path(target).read_bytes() == (
        content if isinstance(content, bytes) else content.read_bytes()
    )


def _make_folders(site: Path, path: str, before: Set[str]) -> None:
    """Make the folders of a file, in the place of what an earlier build made there."""
    site.mkdir(exist_ok=True)
    for depth in range(1, path.count("/") + 1):
        name = "/".join(path.split("/")[:depth])
        folder = site / name
        if folder.is_symlink() or (name in before and folder.is_file()):
            folder.unlink()  # a link would lead out of the site
        folder.mkdir(exist_ok=True)


def _remove(site: Path, path: str) -> None:
    if not (site / path).parent.resolve().is_relative_to(site.resolve()):
        return  # by way of a link or of `..`, it is not ours
    with suppress(NotADirectoryError):
        (site / path).unlink(missing_ok=True)
    for folder in (site / path).parents:
        if folder == site or not _remove_empty(folder):
            break


def _remove_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


def unsafe_or_doubled(paths: Sequence[str]) -> list[Problem]:
    """A Problem for each path that can't be an address, or that two outputs would take."""
    folded = Counter(map(str.lower, paths))  # some file systems fold case
    folders: set[str] = set()
    for path in folded:
        while (path := path.rpartition("/")[0]) and path not in folders:
            folders.add(path)
    problems = []
    for path in {path.lower(): path for path in sorted(paths)}.values():
        if not _is_inside(path):
            message, hint = "this can't be an address of the site", "rename it"
        elif folded[path.lower()] > 1 or path.lower() in folders:
            message = "two things of this site would have the same address"
            hint = "change the slug, alias or file name of one of them"
        else:
            continue
        problems.append(Problem(f"{FOLDER}/{path}", 0, 0, Code.DUPLICATE, message, hint))
    return problems
