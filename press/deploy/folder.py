"""A folder of this machine that a web server shows: each release whole, swapped at once.

PATH/releases/000012-3f9c…/   each release, its unchanged files hard links to the one before
PATH/current                  a symbolic link to the one that is shown, replaced by rename(2)
"""

import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from press.deploy import Advance, Cargo, Difference, difference, failed, failures
from press.fields import Field, Wrong, text

RELEASE = re.compile(r"(\d{6})-[0-9a-f]{12}")
UNFINISHED = ".unfinished-"
"""Begins the name of what is being made or removed."""


def _count(value: object) -> int:
    if type(value) is not int or not 1 <= value <= 1000:
        raise Wrong("must be a whole number between 1 and 1,000")
    return value


FIELDS = (
    Field("path", text, "the folder, from that of the publication", True, "",
          example='path = "/srv/www/my-series"'),
    Field("releases", _count, "how many releases stay, that shown among them", default=5,
          example="releases = 5"),
)  # fmt: skip
SECRETS: Mapping[str, bool] = {}


def connect(values: Mapping[str, Any], root: Path, _environment: Mapping[str, str]) -> "Folder":
    return Folder(root / Path(values["path"]).expanduser(), values["releases"])


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path
    releases: int

    @property
    def name(self) -> str:
        return str(self._link)

    @property
    def _link(self) -> Path:
        return self.path / "current"

    @property
    def _home(self) -> Path:
        return self.path / "releases"

    def compare(self, cargo: Cargo) -> Difference:
        with failures(self.name):
            shown = self._shown()
            return difference(cargo, _digests(shown) if shown else {}, cargo.files)

    def bring(self, cargo: Cargo, difference: Difference, advance: Advance) -> None:
        if not difference:
            return
        with failures(self.name):
            shown = self._shown()
            self._clear()
            newest = max(self._all(), default="")
            if not (newest.endswith(f"-{cargo.digest[:12]}") and self._is_whole(newest, cargo)):
                newest = f"{int(newest[:6] or 0) + 1:06}-{cargo.digest[:12]}"
                self._make(newest, cargo, shown, set(difference.changed), advance)
            self._show(newest)
            self._forget()

    def before(self) -> str:
        with failures(self.name):
            shown = self._shown()
            earlier = [name for name in self._all() if shown and name < shown.name]
        if not earlier:
            raise failed(self.name, "there is no release before this one to go back to")
        return max(earlier)

    def back(self) -> None:
        release = self.before()
        with failures(self.name):
            self._show(release)

    def _shown(self) -> Path | None:
        if self._is_ours():
            found = self.path / self._link.readlink()
            return found if found.is_dir() else None
        if os.path.lexists(self._link):
            hint = "move it away: a symbolic link will stand there"
            raise failed(self.name, "this is there, and no link to a release", hint)
        return None

    def _is_ours(self) -> bool:
        if not self._link.is_symlink():
            return False
        folder, name = os.path.split(self._link.readlink())
        return folder == self._home.name and bool(RELEASE.fullmatch(name))

    def _all(self) -> list[str]:
        if not self._home.is_dir():
            return []
        return sorted(path.name for path in self._home.iterdir() if RELEASE.fullmatch(path.name))

    def _is_whole(self, name: str, cargo: Cargo) -> bool:
        return _digests(self._home / name) == cargo.files

    def _make(
        self, name: str, cargo: Cargo, before: Path | None, changed: set[str], advance: Advance
    ) -> None:
        unfinished = self._home / f"{UNFINISHED}{name}"
        unfinished.mkdir(parents=True)
        for done, path in enumerate(cargo.files, 1):
            to = unfinished / path
            to.parent.mkdir(parents=True, exist_ok=True)
            if not (before and path not in changed and _is_linked(before / path, to)):
                shutil.copyfile(cargo.folder / path, to)
            advance(done, len(cargo.files))
        unfinished.rename(self._home / name)

    def _show(self, name: str) -> None:
        aside = self.path / f"{UNFINISHED}current"
        aside.unlink(missing_ok=True)
        aside.symlink_to(Path("releases") / name)
        aside.replace(self._link)

    def _forget(self) -> None:
        shown = self._shown()
        for name in self._all()[: -self.releases]:
            if shown and name != shown.name:
                (self._home / name).rename(self._home / f"{UNFINISHED}{name}")
        self._clear()

    def _clear(self) -> None:
        """Remove what is half made, or half removed."""
        for path in self._home.glob(f"{UNFINISHED}*"):
            shutil.rmtree(path)


def _is_linked(there: Path, to: Path) -> bool:
    """Make a hard link, and say whether that could be done: some file systems have none."""
    with suppress(OSError):
        os.link(there, to, follow_symlinks=False)
        return True
    return False


def _digests(folder: Path) -> dict[str, str]:
    """A link there is no file of ours, whatever it leads to."""
    return {
        path.relative_to(folder).as_posix(): ""
        if path.is_symlink()
        else sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }
