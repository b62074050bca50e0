"""A publication that is edited, built and compared with a build from nothing."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import event
from hypothesis.stateful import RuleBasedStateMachine

from press import output
from press.manifest import FILE as MANIFEST
from tests.conftest import NOW
from tests.press.incremental import building, forks, fromnothing
from tests.press.incremental.building import SITE, Told, Tree
from tests.press.incremental.choices import How, begun
from tests.press.incremental.fromnothing import Made
from tests.press.incremental.publications import copy, put
from tests.press.incremental.spoiling import FOREIGN
from tests.press.incremental.steps import Act


class Editing(RuleBasedStateMachine):
    """What all steps have in common: the files are written, built as `How` has it, and judged."""

    def begin(self, *, search: bool) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name) / "own"
        self.site = self.root / SITE
        self.now, self.search = NOW, search
        self.state = self.written = self.good = begun()
        self.foreign: Tree = {}
        self.pending = self.broken = False
        copy(self.root, self.state.files())
        fromnothing.share_proofs(self.root)
        self.settle(How())

    def teardown(self) -> None:
        self.folder.cleanup()

    def edit(self, how: How, **changes: Any) -> None:
        self.state = replace(self.state, **changes)
        self.write(sly=how.sly)
        self.settle(how)

    def write(self, *, sly: bool = False) -> None:
        put(self.root, self.written.files(), self.state.files(), sly=sly)
        self.written = self.state

    def settle(self, how: How) -> None:
        """Build what there is, and require what a build from nothing makes of it."""
        self.pending = True
        if how.then == "wait":
            return
        if how.then in ("all", "one", "torn"):
            self.kill(how)
            return
        wanted = self.wanted()
        before = building.tree(self.site), building.stamps(self.site)
        checked = building.check(self.root, self.now)
        assert checked.problems == wanted.told.problems, _other(checked, wanted.told)
        told = self.build(fresh=how.then == "fresh")
        assert told == wanted.told, _other(told, wanted.told)
        event(f"{how.then}: {'problems' if told.problems else 'a site'}")
        if not told.problems:
            self.require(wanted)
            self.good, self.pending, self.broken = self.state, False, False
            return
        after = building.tree(self.site), building.stamps(self.site)
        assert after == before, "a build that failed has changed the site"
        self.mend()

    def is_built(self) -> bool:
        """Whether the site is that of the publication, which it may become now."""
        if self.pending:
            self.settle(How())
        return not self.pending

    def wanted(self) -> Made:
        return fromnothing.made(self.state.files(), self.now, search=self.search)

    def build(self, *, fresh: bool, acts: tuple[Act, ...] = ()) -> Told:
        if not fresh:
            return building.build(self.root, self.now, search=self.search)
        reply = forks.build(forks.Request(self.root, self.now, self.search, acts))
        assert reply.told, reply.fault or "it died"
        return reply.told

    def require(self, wanted: Made) -> None:
        """The site is as wanted, and what somebody else put there as it was."""
        self._require(wanted, building.tree(self.site))

    def _require(self, wanted: Made, found: Tree) -> None:
        told = building.differences(found, self.foreign | wanted.site)
        assert not told, "\n".join(told)

    def mend(self) -> None:
        """What is wrong stays so for one step more at most, so that there is much to build."""
        if not self.broken:
            self.broken = True
            return
        self.state, self.broken = self.good, False
        self.write()
        self.settle(How())

    def kill(self, how: How) -> None:
        """Kill a build at a step: each file is then an old one or a new one, and whole."""
        wanted, before = self.wanted(), building.tree(self.site)
        acts = (Act(how.at, kill=how.then),)
        reply = forks.build(forks.Request(self.root, self.now, self.search, acts))
        assert not reply.fault, reply.fault
        event(f"{how.then}: it {'ended' if reply.told else 'died'}")
        after, new = building.tree(self.site), wanted.site
        after.pop(output.INTENDED, None)  # what it was about to write, until all is written
        if wanted.told.problems:
            assert after == before, "a build that would have failed has changed the site"
        for path, found in after.items():
            is_aside = path.startswith(".") and path.endswith(".new")
            assert is_aside or found in (before.get(path), new.get(path)), f"half written: {path}"
        if after.get(MANIFEST) == new.get(MANIFEST) != before.get(MANIFEST):
            self._require(wanted, after)  # it is written last

    def see_foreign(self) -> None:
        """Note what there is of somebody else's in the site."""
        found = building.tree(self.site)
        self.foreign = {path: found[path] for path in FOREIGN if path in found}


def _other(told: Told, wanted: Told) -> str:
    lines = ["it says:", *told.problems, *told.warnings]
    return "\n".join([*lines, "", "it should say:", *wanted.problems, *wanted.warnings])
