"""Where a site goes: one file per target, and the file's name registers it.

A file says which keys it takes, and `connect` makes a Place of their values.
docs/adding-a-deploy-target.md takes a newcomer through one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from press.fields import Field, Wrong, texts
from press.problems import Code, Problem, ProblemsFound
from press.survey import Stamp
from press.targets import names as names

Advance = Callable[[int, int], None]
"""Is told how many files are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Cargo:
    """A whole site, checked against its manifest."""

    folder: Path
    """It has these files and nothing else; it is not changed."""
    files: Mapping[str, str]
    """Path -> SHA-256, in the order in which they go: what pages need, pages, what tells of them.

    The last is the manifest.
    """
    digest: str
    """That of the manifest, which names the whole."""
    linked: Mapping[str, Stamp] = field(default_factory=dict)
    """Path -> the stamp of each file of the site that has a link in the folder only now; it was as
    it was built when it had that."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a place lacks of a cargo."""

    changed: tuple[str, ...] = ()
    """The paths that are new or other there, in the order of the cargo."""
    gone: tuple[str, ...] = ()
    """What is there and no part of the cargo."""

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone)


class Place(Protocol):
    """A place for a site, ready to be looked at."""

    @property
    def name(self) -> str:
        """For people; it has no secret in it."""
        ...

    def compare(self, cargo: Cargo) -> Difference | None:
        """What it lacks, found out without changing anything; None if that can't be told.

        Raises ProblemsFound, also where it holds what is no site of ours.
        """
        ...

    def bring(self, cargo: Cargo, difference: Difference, advance: Advance) -> None:
        """Make it hold the cargo. Raises ProblemsFound; whatever happened, doing it again goes on.

        What a page needs is there before it, what tells of a page after it; at the end what is
        gone is removed. Nothing happens to a place that holds the cargo already.
        """
        ...


class WithReleases(Place, Protocol):
    """A place that keeps what it held before."""

    def before(self) -> str:
        """The release that it would go back to. Raises ProblemsFound if there is none."""
        ...

    def back(self) -> None:
        """Hold that release again. Raises ProblemsFound."""
        ...


class Target(Protocol):
    """What a file of this folder offers."""

    FIELDS: tuple[Field, ...]
    """Its keys in the table [deploy] of series.toml."""
    SECRETS: Mapping[str, bool]
    """The environment variables that hold its secrets -> whether each is needed."""

    def connect(
        self, values: Mapping[str, Any], root: Path, environment: Mapping[str, str]
    ) -> Place:
        """The place that the values of its keys name. Raises ProblemsFound."""
        ...


def target(name: str) -> Target:
    """The file of one of `names`."""
    return cast("Target", import_module(f"{__name__}.{name}"))


def difference(
    cargo: Cargo, there: Mapping[str, str], wanted: Mapping[str, str], keep: Sequence[str] = ()
) -> Difference:
    """What lacks, by names for contents. `wanted` has each path of the cargo."""
    changed = tuple(path for path in cargo.files if there.get(path) != wanted[path])
    gone = (path for path in there if path not in cargo.files and not is_kept(path, keep))
    return Difference(changed, tuple(sorted(gone)))


def paths(value: object) -> tuple[str, ...]:
    """Files and folders of a place, by their paths from there."""
    found = tuple(path.rstrip("/") for path in texts(value))
    for path in found:
        if {"", ".", ".."} & set(path.split("/")) or set(path) & set("\\*?[]"):
            raise Wrong("must be paths such as CNAME or .well-known")
    return found


KEEP = Field("keep", paths, "files and folders there that are left alone", default=(),
             example='keep = ["CNAME", ".well-known"]')  # fmt: skip


def is_kept(path: str, keep: Iterable[str]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in keep)


def require_ours(name: str, found: Difference, *, holds_a_site: bool) -> None:
    """Raise ProblemsFound where what would be removed was never deployed by us."""
    if not found.gone or holds_a_site:
        return
    count = f"{len(found.gone):,} file{'' if len(found.gone) == 1 else 's'}"
    message = f"there {'is' if len(found.gone) == 1 else 'are'} {count} there of no site of ours"
    listed = "".join(f"\n{path}" for path in found.gone[:10])
    hint = "deploy to an empty place, remove them, or name in `keep` what is to stay"
    raise failed(name, f"{message}, such as:{listed}", hint)


def failed(name: str, message: str, hint: str = "") -> ProblemsFound:
    return ProblemsFound([Problem(name, 0, 0, Code.NOT_DEPLOYED, message, hint)])


@contextmanager
def failures(name: str) -> Iterator[None]:
    """Turn what the system refuses into a Problem."""
    try:
        yield
    except OSError as error:
        at = f" {error.filename}" if error.filename else ""
        message = f"can't deploy here:{at} {error.strerror or error}"
        raise failed(name, message, "mend that, and publish again: it goes on") from None
