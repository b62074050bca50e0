"""The whole act: build, deploy, see it live, tell hubs, announce. Read `Act` from top to bottom.

No journal says how far it came: each step looks at what is there, and does what lacks.
"""

import shlex
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path

from press import building, cargo, config, manifest, output, progress, shipping, unchanged
from press.deploy import Cargo, Difference, failures
from press.hubs import Hubs
from press.live import Live
from press.problems import Code, Problem, ProblemsFound
from press.root import cache_folder, typed

Tell = Callable[[str], None]
Announce = Callable[..., tuple[int, str, bool]]
"""Tells subscribers: an exit status, what came of it in a few words, and whether any was told.

It is given the publication and its built site, `confirm` and `articles` of a Wish, the command that
is running, and whether it is a `dry` run.
"""

DONE, NOT_LIVE = 0, 5
LISTED = 10
"""Files that a dry run names."""


class Step(IntEnum):
    """In their order."""

    BUILD = 1
    DEPLOY = 2
    LIVE = 3
    HUBS = 4
    ANNOUNCE = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What an author asks for."""

    until: Step = Step.ANNOUNCE
    lenient: bool = False
    """Whether what nothing here can run may pass."""
    dry: bool = False
    """Whether it is only said what would be done."""
    wait: float | None = None
    """Seconds that new pages may take until they are live; None for what [deploy] says."""
    confirm: int | None = None
    """How many messages are to be handed over."""
    articles: Sequence[str] = ()
    """Of a first announcement."""


@dataclass(slots=True)
class Act:
    """A publication that is published, step by step."""

    root: Path
    settings: config.Config
    wish: Wish
    announce: Announce
    tell: Tell
    warn: Tell
    did: bool = False
    """Whether there was anything to do after the build."""

    def build(self, now: datetime) -> Path:
        """The folder of the built site; a dry run builds it aside. Raises ProblemsFound."""
        site = self.root / building.SITE
        wish = building.Wish(complete=not self.wish.lenient, search=True)
        said = (
            building.memory(self.root, wish).recall(now)
            if self.wish.dry
            else building.build(self.root, now, wish).said
        )
        if said:
            self.tell(said.output.rstrip("\n"))
            for line in said.errors.splitlines():
                self.warn(line)
            return site
        from press.memory import Memory

        aside = _rehearsal(self.root) / building.SITE
        with failures(str(aside.parent)):
            aside.parent.mkdir(parents=True)
        building.run(self.root, now, aside, Memory(None), wish)
        self.did = True
        self.tell(f"would build {building.SITE}/: {_changes(site, aside)}")
        return aside

    def go_on(self, site: Path) -> int:
        """Bring a built site to the world. The exit status.

        Raises ProblemsFound; NotLive where what was deployed can't be seen.
        """
        if self.wish.until is Step.BUILD:
            return DONE
        load = self._load(site)
        if not self._deploy(site, load):
            return DONE if self.wish.confirm is None else NOT_LIVE
        status, word = DONE, ""
        if self.wish.until >= Step.LIVE:
            self._see(load)
        if self.wish.until >= Step.HUBS:
            self._tell_hubs(load)
        if self.wish.until >= Step.ANNOUNCE and self.settings.newsletter:
            status, word = self._announce(site)
        if status == DONE:
            self._report(word)
        return status

    def _load(self, site: Path) -> Cargo:
        if site != self.root / building.SITE:
            return cargo.stage(site, site.parent / "cargo")
        before = output.look(site)
        load = cargo.stage(site, _cargo(self.root))
        output.settle(load.linked.values())
        if before and load.linked:
            unchanged.relinked(self.root, before, load.linked)
        return load

    def _deploy(self, site: Path, load: Cargo) -> bool:
        """Whether it goes on: without a target only if somebody has deployed this very site."""
        if self.settings.deploy is None:
            return self._is_deployed_by_others(load)
        shipped = shipping.shipping(self.root, self.settings)
        found, name = shipped.lacking(load, self._live(load).is_there), shipped.place.name
        if not found:
            self.tell(f"deployed already: {name}")
            return True
        pages = sum(path.endswith(".html") for path in found.gone)
        if pages and not manifest.load(site).articles:
            raise ProblemsFound([_would_be_emptied(name, pages)])
        self.did = True
        if self.wish.dry:
            self.tell(f"would deploy to {name}: {shipping.counted(found)}")
            for line in _listed(found):
                self.tell(f"    {line}")
            return True
        with progress.shown("deploying") as advance:
            shipped.bring(load, found, advance)
        self.tell(f"deployed to {name}: {shipping.counted(found)}")
        return True

    def _is_deployed_by_others(self, load: Cargo) -> bool:
        self.tell(
            f"deploying {building.SITE}/ is up to you: series.toml has no table [deploy]; "
            "docs/publishing.md says what it may have"
        )
        if not self._is_told_of or self.wish.wait or self._live(load).is_there():
            return True
        self.tell(f"this site is not live at {self.settings.url}/ yet: publish again when it is")
        return False

    @property
    def _is_told_of(self) -> bool:
        """Whether anybody is told of what is published."""
        return bool(self.settings.newsletter or self.settings.hubs)

    def _live(self, load: Cargo) -> Live:
        return Live(self.settings.url, load, cache_folder(self.root) / "live.json")

    def _see(self, load: Cargo) -> None:
        if self.settings.deploy is None and not self._is_told_of:
            return
        where = f"{self.settings.url}/"
        if self.wish.dry:
            self.tell(f"would look whether it is live at {where}")
            return
        wait = self.settings.deploy["wait"] if self.settings.deploy else 0.0
        wait = wait if self.wish.wait is None else self.wish.wait
        with progress.shown("waiting for pages") as advance:
            count = self._live(load).see(wait, advance)
        self.did = self.did or bool(count)
        new = f": {count:,} new pages and feeds are as they were built" if count else ""
        self.tell(f"live at {where}{new}")

    def _tell_hubs(self, load: Cargo) -> None:
        if not self.settings.hubs:
            return
        feeds = self._feeds(load)
        hubs = Hubs(self.settings.hubs, cache_folder(self.root) / "hubs.json")
        for hub, some in hubs.untold(feeds).items():
            of = f"{len(some):,} feed{'' if len(some) == 1 else 's'}"
            if self.wish.dry:
                self.tell(f"would tell {hub} of {of}")
            elif why := hubs.tell(hub, some, feeds):
                self.warn(f"warning: {hub} is not told of {of}: {why}; it is tried next time")
            else:
                self.did = True
                self.tell(f"told {hub} of {of}")

    def _feeds(self, load: Cargo) -> dict[str, str]:
        """The address of each feed that changes -> its digest."""
        from press import feeds

        live, names = self._live(load), {one.NAME for one in feeds.formats()}
        return {
            live.address(path): digest
            for path, digest in load.files.items()
            if path.rpartition("/")[2] in names
        }

    def _announce(self, site: Path) -> tuple[int, str]:
        wish = self.wish
        again = [*shlex.split(typed()), "publish", *(["--not-proven"] if wish.lenient else [])]
        status, word, told = self.announce(
            self.root, site, wish.confirm, wish.articles, again, dry=wish.dry
        )
        self.did = self.did or told
        return status, word

    def _report(self, word: str) -> None:
        more = word and f"; {word}"
        if self.wish.dry:
            self.tell(f"a dry run: nothing was changed{more}")
        elif self.wish.until is not Step.ANNOUNCE:
            self.tell(f"that was all until {self.wish.until.name.lower()}")
        elif self.did:
            self.tell(f"published: {self.settings.url}/{more}")
        else:
            self.tell(f"there was nothing to publish{more}")


def act(root: Path, wish: Wish, announce: Announce, tell: Tell, warn: Tell) -> Act:
    """Raises ProblemsFound for settings that are wrong, or not made for what is asked for."""
    settings = config.load(root)
    if wish.confirm is not None and settings.newsletter is None:
        message = "there is no table [newsletter], so nobody to be told"
        hint = "leave --confirm out, or see docs/settings.md"
        raise ProblemsFound([Problem("series.toml", 0, 0, Code.MISSING_VALUE, message, hint)])
    return Act(root, settings, wish, announce, tell, warn)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Publish one at a time; another one waits."""
    with output.alone(cache_folder(root) / "publish.lock"):
        shutil.rmtree(_rehearsal(root), ignore_errors=True)
        try:
            yield
        finally:
            shutil.rmtree(_rehearsal(root), ignore_errors=True)
            with suppress(OSError):
                cargo.lighten(_cargo(root))


def _rehearsal(root: Path) -> Path:
    """Where a dry run builds."""
    return cache_folder(root) / "publishing" / "rehearsal"


def _cargo(root: Path) -> Path:
    """Where a site lies while it is published; its links stay, as they take no room."""
    return cache_folder(root) / "publishing" / "cargo"


def _listed(found: Difference) -> Iterator[str]:
    """Pages first: they say best what would happen."""
    changed = sorted(found.changed, key=lambda path: not path.endswith(".html"))
    paths = [*changed, *(f"{path} (removed)" for path in found.gone)]
    yield from paths[:LISTED]
    if rest := len(paths[LISTED:]):
        yield f"and {rest:,} more"


def _would_be_emptied(name: str, pages: int) -> Problem:
    gone = f"{pages:,} page{'' if pages == 1 else 's'}"
    message = f"no article is out any more: {gone} would be removed from {name}"
    hint = "bring back what was in content/; to take a whole site down, do it where it is hosted"
    return Problem("content", 0, 0, Code.REFUSED, message, hint)


def _changes(before: Path, after: Path) -> str:
    old, new = (_digests(site) for site in (before, after))
    changed = sum(old.get(path) != digest for path, digest in new.items())
    return f"{changed:,} files new or changed, {len(old.keys() - new.keys()):,} removed"


def _digests(site: Path) -> dict[str, str]:
    try:
        return dict(manifest.load(site).files)
    except ProblemsFound:
        return {}
