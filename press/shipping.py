"""Brings a site to the place that [deploy] names: what lacks there, and nothing else."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import cast

from press import config, deploy, kept
from press.deploy import Advance, Cargo, Difference, Place
from press.problems import Code, Problem, ProblemsFound
from press.root import cache_folder


@dataclass(frozen=True, slots=True)
class Shipping:
    """A place, and what is kept of what was brought there."""

    place: Place
    record: Path
    """A file of the cache, for places that can't tell what they hold."""

    def lacking(self, load: Cargo, is_live: Callable[[], bool]) -> Difference:
        """What lacks there; nothing is changed. Raises ProblemsFound.

        Of a place that can't tell, that is all, unless it was brought there and is still shown.
        """
        found = self.place.compare(load)
        if found is not None:
            return found
        if kept.read(self.record) == load.digest.encode() and is_live():
            return Difference()
        return Difference(tuple(load.files))

    def bring(self, load: Cargo, found: Difference, advance: Advance) -> None:
        """Make it hold the cargo. Raises ProblemsFound; done again, it goes on."""
        self.place.bring(load, found, advance)
        kept.write(self.record, load.digest.encode())


def shipping(root: Path, settings: config.Config) -> Shipping:
    """To the place of the table [deploy]. Raises ProblemsFound, also for missing secrets."""
    values = settings.deploy or {}
    target = deploy.target(values["target"])
    message = f"the target {values['target']} needs this variable"
    problems = [
        Problem(name, 0, 0, Code.MISSING_VALUE, message)
        for name, needed in target.SECRETS.items()
        if needed and not os.environ.get(name)
    ]
    if problems:
        raise ProblemsFound(problems)
    place = target.connect(values, root, os.environ)
    known = sha256(repr(sorted(values.items())).encode()).hexdigest()[:12]
    return Shipping(place, cache_folder(root) / f"deployed-{known}")


def counted(found: Difference) -> str:
    gone = f", {len(found.gone):,} removed" if found.gone else ""
    return f"{len(found.changed):,} new or changed{gone}"


def roll_back(root: Path, *, dry: bool) -> str:
    """Have a place show its release before; what was done. Raises ProblemsFound."""
    settings = config.load(root)
    if settings.deploy is None:
        message = "there is no table [deploy], so nothing to go back in"
        raise ProblemsFound([Problem("series.toml", 0, 0, Code.MISSING_VALUE, message)])
    place = shipping(root, settings).place
    if not hasattr(place, "back"):
        message = f"the target {settings.deploy['target']} keeps no releases to go back to"
        raise deploy.failed(place.name, message, "publish again what was before: git revert, say")
    with_releases = cast("deploy.WithReleases", place)
    before = with_releases.before()
    if dry:
        return f"would go back to {before}"
    with_releases.back()
    return f"{place.name} is {before} again; the next publish deploys anew"
