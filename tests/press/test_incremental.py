"""An incremental build makes what a build from nothing makes, whatever has happened before.

A publication is edited at random, its site and its cache are spoiled, builds are killed in the
middle. After each step it is built as it stands, and its files are built in an empty folder by a
process without a memory: both sites have the same bytes, or both say the same problems.

INCREMENTAL=1000x30 tries so many publications, of so many steps each.
"""

import os
from dataclasses import replace
from datetime import timedelta

from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.conftest import NOW
from tests.press.incremental import building, forks, spoiling
from tests.press.incremental.building import CACHE
from tests.press.incremental.choices import (
    CHANGES,
    CLOCKS,
    DRAFTS,
    HOWS,
    KEYS,
    KILLS,
    NUMBERS,
    STEPS,
    WORDS,
    Change,
    How,
    changed,
    chosen,
    put,
)
from tests.press.incremental.drafts import Draft
from tests.press.incremental.editing import Editing
from tests.press.incremental.publications import MTIME, OTHERS, SETTINGS
from tests.press.incremental.steps import Act


class Publishing(Editing):
    """Somebody writes, and all kinds of things happen."""

    @initialize(search=st.booleans())
    def start(self, search: bool) -> None:
        self.begin(search=search)

    def pick(self, number: int) -> Draft | None:
        """One of the articles that there are."""
        drafts = sorted(self.state.drafts)
        return self.state.drafts[drafts[number % len(drafts)]] if drafts else None

    @rule(number=DRAFTS, change=CHANGES, how=HOWS)
    def change(self, number: int, change: Change, how: How) -> None:
        if draft := self.pick(number):
            self._put(how, changed(draft, *change))

    @rule(number=DRAFTS, change=CHANGES, how=HOWS)
    def add(self, number: int, change: Change, how: How) -> None:
        taken = {draft.number for draft in self.state.drafts.values()}
        free = [one for one in range(10) if one not in taken]
        if new := [key for key in KEYS if key not in self.state.drafts]:
            self._put(how, changed(Draft(new[0], free[number % len(free)]), *change))

    @rule(number=DRAFTS, how=HOWS)
    def delete(self, number: int, how: How) -> None:
        if draft := self.pick(number):
            self.edit(how, drafts=put(self.state.drafts, draft.key, None))

    @rule(number=DRAFTS, how=HOWS)
    def swap_numbers(self, number: int, how: How) -> None:
        one, two = self.pick(number), self.pick(number + 1)
        if one and two and one != two:
            self._put(how, replace(one, number=two.number), replace(two, number=one.number))

    def _put(self, how: How, *drafts: Draft) -> None:
        self.edit(how, drafts={**self.state.drafts, **{draft.key: draft for draft in drafts}})

    @rule(setting=chosen(SETTINGS), how=HOWS)
    def set(self, setting: tuple[str, str | None], how: How) -> None:
        self.edit(how, settings=put(self.state.settings, *setting))

    @rule(other=chosen(OTHERS), how=HOWS)
    def put_other(self, other: tuple[str, bytes | None], how: How) -> None:
        self.edit(how, others=put(self.state.others, *other))

    @rule(passed=CLOCKS, how=HOWS)
    def tell_the_time(self, passed: timedelta, how: How) -> None:
        self.now = NOW + passed
        self.settle(how)

    @rule(number=DRAFTS, key=st.sampled_from(KEYS), change=CHANGES, kill=KILLS, at=STEPS, how=HOWS)
    def take_back(
        self, number: int, key: str, change: Change, kill: str, at: int, how: How
    ) -> None:
        """An edit whose build is killed is taken back before the next one."""
        before = self.state
        draft = self.state.drafts.get(key) or Draft(key, number)
        self._put(How(how.sly, kill, at), changed(draft, *change))
        self.state = before
        self.write(sly=how.sly)
        self.settle(how)

    @rule(how=HOWS)
    def build_it(self, how: How) -> None:
        self.settle(how)

    @rule(fresh=st.booleans(), touched=st.booleans())
    def build_twice(self, fresh: bool, touched: bool) -> None:
        """With nothing changed, nothing is written."""
        if not self.is_built():
            return
        for path in building.paths(self.root / "content") if touched else ():
            path.touch()
        before = building.stamps(self.site)
        assert not self.build(fresh=fresh).problems
        assert building.stamps(self.site) == before

    @rule(number=DRAFTS, at=STEPS, words=WORDS)
    def edit_meanwhile(self, number: int, at: int, words: list[str]) -> None:
        """An article is saved in the middle of a build: the next one knows, even if the article has
        the size and the time that it had."""
        if not self.is_built() or not (draft := self.pick(number)):
            return
        os.utime(self.root / draft.path, ns=(MTIME, MTIME))
        self.settle(How())
        acts = []
        for later, word in enumerate(words):
            drafts = {**self.state.drafts, draft.key: replace(draft, word=word)}
            self.state = replace(self.state, drafts=drafts)
            content = self.state.files()[draft.real_path]
            assert isinstance(content, bytes)
            acts.append(Act(at + later, path=draft.path, content=content, mtime_ns=MTIME))
        reply = forks.build(forks.Request(self.root, self.now, self.search, tuple(acts)))
        assert reply.told, reply.fault
        for act in acts:
            act.happen(self.root)  # the build may have had fewer steps
        self.written = self.state
        self.settle(How(then="fresh"))

    @rule()
    def add_foreign(self) -> None:
        """Somebody else puts files into the site."""
        if not self.is_built():
            return
        for path, content in spoiling.FOREIGN.items():
            if content is not None:
                (self.site / path).parent.mkdir(exist_ok=True)
                (self.site / path).write_bytes(content)
        self.see_foreign()

    @rule(kind=st.sampled_from(sorted(spoiling.ONE)), number=NUMBERS, how=HOWS)
    def spoil_site(self, kind: str, number: int, how: How) -> None:
        if not self.is_built():
            return
        note(f"it was {spoiling.one(self.site, kind, number)}")
        self.settle(how)

    @rule(kind=st.sampled_from(spoiling.WHOLE), how=HOWS)
    def spoil_whole_site(self, kind: str, how: How) -> None:
        if not self.is_built():
            return
        spoiling.whole(self.site, kind, self.root / ".kept-site")
        self.see_foreign()
        self.settle(how)

    @rule(kind=st.sampled_from(sorted(spoiling.ONE)), number=NUMBERS, how=HOWS)
    def spoil_cache(self, kind: str, number: int, how: How) -> None:
        note(f"it was {spoiling.one(self.root / CACHE, kind, number)}")
        self.settle(how)

    @rule(kind=st.sampled_from(spoiling.WHOLE), how=HOWS)
    def spoil_whole_cache(self, kind: str, how: How) -> None:
        spoiling.whole(self.root / CACHE, kind, self.root / ".kept-cache")
        self.settle(how)


RUNS, STEPS_EACH = (int(n) for n in os.environ.get("INCREMENTAL", "15x12").split("x"))

TestPublishing = Publishing.TestCase
TestPublishing.settings = settings(max_examples=RUNS, stateful_step_count=STEPS_EACH, deadline=None)
