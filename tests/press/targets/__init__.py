"""The real parts that targets are tried against: one file for each, by its name.

A file has `opened(folder)`, a context that gives a Part in an empty folder.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from press import cargo, deploy, manifest
from press.deploy import Cargo, Difference, Place
from press.fields import Located, take
from press.problems import SourceText

SERIES = manifest.Series("A Series", "https://example.org/series", "An Author", "en", "About.")


class Part(Protocol):
    """A real place for a site."""

    values: dict[str, object]
    """Of the keys of [deploy] that name it."""
    environment: dict[str, str]

    def files(self) -> dict[str, bytes]:
        """What it shows."""
        ...

    def put(self, path: str, content: bytes) -> None:
        """Put a file there, past us."""
        ...

    def state(self) -> object:
        """Is another one after anything was done to it."""
        ...

    def break_down(self) -> None:
        """Have nothing work any more."""
        ...


class Opens(Protocol):
    def opened(self, folder: Path) -> AbstractContextManager[Part]: ...


def opens(name: str) -> Opens:
    return cast("Opens", import_module(f"{__name__}.{name}"))


@dataclass
class Yard:
    """A part, and what is brought to it."""

    name: str
    part: Part
    folder: Path
    more: dict[str, object] = field(default_factory=dict)

    def place(self) -> Place:
        file = deploy.target(self.name)
        given = {
            key: Located(value, 1, 1) for key, value in {**self.part.values, **self.more}.items()
        }
        values, problems = take(given, file.FIELDS, SourceText("series.toml", ""))
        assert not problems
        return file.connect(values, self.folder, self.part.environment)

    def cargo(self, files: Mapping[str, bytes]) -> Cargo:
        return staged(self.folder, files)

    def bring(self, files: Mapping[str, bytes]) -> Difference | None:
        """Bring a site there, as publish does; what lacked before."""
        load, place = self.cargo(files), self.place()
        found = place.compare(load)
        place.bring(load, Difference(tuple(load.files)) if found is None else found, ignore)
        return found


def ignore(_done: int, _count: int) -> None:
    pass


def site(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A built site of these files, with its manifest."""
    digests = {path: sha256(content).hexdigest() for path, content in files.items()}
    made = manifest.dump(manifest.Manifest(SERIES, (), digests))
    for path, content in {**files, manifest.FILE: made}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def staged(folder: Path, files: Mapping[str, bytes]) -> Cargo:
    name = sha256(repr(sorted(files.items())).encode()).hexdigest()[:8]
    return cargo.stage(site(folder / f"site-{name}", files), folder / f"cargo-{name}")


def shown(load: Cargo) -> dict[str, bytes]:
    return {path: (load.folder / path).read_bytes() for path in load.files}


def options(values: Mapping[str, Any]) -> str:
    """A table [deploy] with these keys."""
    import json

    return "\n[deploy]\n" + "".join(f"{key} = {json.dumps(one)}\n" for key, one in values.items())
