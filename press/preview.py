"""A publication for its author's eyes: built again when something in it has changed.

One thread builds, one runs examples, and each browser has its own: a build never waits for an
example, nor a page for either. The one that runs examples is the command's first, which an
interrupt reaches. The search is indexed when its page is asked for.
"""

import json
import sys
import traceback
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from threading import Condition, Event, Thread
from time import perf_counter
from typing import cast

from press import ahead, hosting, livereload, overlay, pages, rebuilding, showing, terminal
from press.rebuilding import Builder, Result
from press.running import GLANCE
from press.watching import Watch

NOT_KEPT = ("/*", {"Cache-Control": "no-cache"})
"""Nothing is kept by a browser without asking again: the next build may differ."""
STATE = "/__state"
"""Before the path of a page: what it is now."""
LONGEST_WAIT = 30.0
"""Seconds after which the clock is looked at again: a machine may have slept meanwhile."""
PARTING = 1.0
"""Seconds that a build which has begun has to end in, when the preview does."""
PATIENCE = 150.0
"""Seconds that a page waits at most for the build that it needs."""
FEW = 5
"""Articles saved at once, up to which their pages are made ahead of the build."""
FILES = {f"{overlay.HOME}{name}": overlay.FOLDER / name for name in ("preview.css", "preview.js")}


@dataclass(slots=True)
class Preview(hosting.Host):
    """A publication, and the last good build of it."""

    root: Path = field(kw_only=True)
    builder: Builder = field(kw_only=True)
    tell: Callable[[str], None] = field(kw_only=True)
    """Is told of each build that changed something, and of what was wrong with it."""
    mails: showing.Mails | None = field(kw_only=True, default=None, repr=False)
    _built: Result = field(default_factory=Result, repr=False)
    """What came of the last build."""
    _result: Result = field(default_factory=Result, repr=False)
    """The same, with what is shown over it."""
    _tags: livereload.Tags = field(default_factory=livereload.Tags, repr=False)
    _run: str = field(default_factory=lambda: token_hex(4))
    _version: str = ""
    """Of all that is shown; another one where anything has changed."""
    _news: livereload.News = field(default_factory=livereload.News, repr=False)
    _woken: Event = field(default_factory=Event, repr=False)
    _to_prove: Event = field(default_factory=Event, repr=False)
    _builds: Condition = field(default_factory=Condition, repr=False)
    _begun: int = 0
    _done: int = 0
    _wants_index: bool = False
    _saved: set[Path | None] = field(default_factory=set, repr=False)
    """What has changed since the last build began; None for what may be anything."""
    _ahead: dict[Path, Mapping[str, bytes]] = field(default_factory=dict, repr=False)
    """By article, what those saved since the last good build bring that is not in it."""
    _early: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Of this, what is shown over the files of that build."""
    _is_over: bool = False

    # -- what a server asks for

    def refresh(self, path: str) -> None:
        """Have the search indexed for its page; for all else, what was built last is enough."""
        if path.endswith(f"/{pages.SEARCH_PAGE}") and not self._result.is_indexed:
            self._wait(index=True)

    def _wait(self, *, index: bool = False) -> None:
        """Wait for a build that begins from now on."""
        with self._builds:
            self._wants_index, wanted = self._wants_index or index, self._begun + 1
            self._woken.set()
            self._builds.wait_for(lambda: self._is_over or self._done >= wanted, PATIENCE)

    def stream(self, path: str) -> Iterator[bytes] | None:
        return self._news.events() if path == livereload.EVENTS else None

    def own(self, path: str) -> hosting.Served | None:
        if path in FILES:
            return hosting.served(path, FILES[path].read_bytes())
        if path.startswith(f"{STATE}/"):
            return self._state_of(path.removeprefix(STATE))
        if self._built.files is not None and not self.builder.stands():
            self._wait()  # a cache may be deleted at any time
        shown = showing.Showing(self.root, self._result, self._own_state(), self.mails)
        if self._result.files is None:
            return shown.stopped()
        return shown.page(path)

    def shown(self, name: str) -> hosting.Served:
        content = self.files[name]
        if name.endswith(".html"):
            state = livereload.state(name, content, self._tags, self.base)
            content = overlay.inserted(content, state, overlay.panel(self._result, name))
        return hosting.served(name, content)

    def _own_state(self) -> livereload.State:
        return livereload.State(self._version, {})

    def _state_of(self, path: str) -> hosting.Served:
        """What the page at a path would compare, and what is shown over it."""
        name = self.find(path)
        if path.startswith("/__") or self._result.files is None:
            state = self._own_state()
        elif content := self.files.get(name or pages.NOT_FOUND):
            state = livereload.state(name or pages.NOT_FOUND, content, self._tags, self.base)
        else:
            state = livereload.NO_PAGE
        html = overlay.panel(self._result, name)
        content = json.dumps({**overlay.told(state, html), "html": html}).encode()
        return hosting.Served(content, "application/json", more=overlay.OWN)

    # -- what its threads do

    def build(self) -> None:
        """Build once, and tell of it."""
        with self._builds:
            self._woken.clear()
            self._begun += 1
            index, self._wants_index = self._wants_index, False
            saved, self._saved = self._saved, set()
        try:
            self._attempt(lambda: self._look_ahead(saved))
            began = perf_counter()
            self._take(self.builder.build(datetime.now(UTC), index=index), perf_counter() - began)
        finally:
            with self._builds:
                self._done = self._begun
                self._builds.notify_all()

    def _look_ahead(self, saved: Set[Path | None]) -> None:
        """Show at once the few articles that were saved; the build tells what else has changed."""
        under = self._built.files
        if under is None or not self.builder.stands():
            return
        entries = {one and ahead.entry(self.root, one) for one in saved}
        some = {one for one in entries if one}
        few = some if some == entries and len(some) <= FEW else set()
        made = {its: self.builder.ahead(its) for its in few or self._ahead}  # examples may have run
        if not made:
            return
        for its, new in made.items():
            self._ahead[its] = {name: new[name] for name in new if under.get(name) != new[name]}
        well = [its for its in few if made[its]]
        problems = tuple(
            one for one in self._built.problems if not any(ahead.is_of(one, its) for its in well)
        )
        if changed := self._lay(replace(self._built, problems=problems, is_indexed=False)):
            self._show(changed, "ahead")
            self._news.tell()

    def _lay(self, result: Result) -> frozenset[str]:
        """Show a result, and over it what is ahead of articles in which it has no problem.

        Gives the paths of what is not over it as it was before.
        """
        good = [
            made
            for its, made in self._ahead.items()
            if not any(ahead.is_of(one, its) for one in result.problems)
        ]
        before, self._early = self._early, {name: made[name] for made in good for name in made}
        if self._early:
            under = cast("MutableMapping[str, bytes]", result.files)  # it is only read
            result = replace(result, files=ChainMap({**self._early}, under))
        self._result = result
        names = before.keys() | self._early.keys()
        return frozenset(one for one in names if before.get(one) != self._early.get(one))

    def _take(self, result: Result, seconds: float) -> None:
        """Show what came of a build from now on."""
        before, self._built = self._built, result
        if result.files is None or not result.problems:
            self._ahead.clear()
        changed = result.changed | self._lay(result)
        if result.files is not None and (changed or before.files is None):
            self._show(changed)
        elif result.files is None:
            self.base = result.base
        self._say(before, result, seconds)
        self._news.tell()
        if result.waiting:
            self._to_prove.set()

    def _show(self, changed: Set[str], part: str = "") -> None:
        """Serve the files that there are now, of which some have changed."""
        files = self._result.files or {}
        self._tags = self._tags.after(files, changed)
        self._version = f"{self._run}-{self._begun}{part}"
        self.serve(files, self._result.base)
        self.rules = (*self.rules, NOT_KEPT)

    def _say(self, before: Result, result: Result, seconds: float) -> None:
        if result.problems:
            if result.problems != before.problems:
                paint = terminal.painter(sys.stderr)
                self._tell("\n".join(one.told(paint) for one in result.problems))
        elif result.changed or before.problems or before.files is None:
            parts = "1 article" if result.articles == 1 else f"{result.articles} articles"
            self._tell(f"built {parts} in {seconds:.2f} s")
            for warning in result.warnings:
                if warning not in before.warnings:
                    self._tell(f"warning: {warning}")

    def _tell(self, words: str) -> None:
        with suppress(OSError):  # nobody listens any more: pages are shown all the same
            self.tell(words)

    def wake(self) -> None:
        """Have it built again, soon."""
        self._woken.set()

    def _changed(self, paths: Set[Path] | None) -> None:
        with self._builds:
            self._saved |= {None} if paths is None else paths
        self.wake()

    def _build_on(self) -> None:
        while not self._is_over:
            self._attempt(self.build)
            while not self._is_over and not self._woken.wait(self._until_due()):
                if self._is_due():
                    break

    def _is_due(self) -> bool:
        until = self._result.until
        return until is not None and until <= datetime.now(UTC)

    def _until_due(self) -> float:
        """Seconds until an article is out, or until the clock is to be looked at."""
        until = self._result.until
        left = (until - datetime.now(UTC)).total_seconds() if until else LONGEST_WAIT
        return min(max(left, 0.01), LONGEST_WAIT)

    def prove_on(self) -> None:
        """Run examples whenever some wait, until the end. An interrupt of this thread ends them."""
        while not self._is_over:
            while not self._to_prove.wait(GLANCE):
                pass
            self._to_prove.clear()
            while not self._is_over and self._attempt(self.builder.prove):
                self.wake()

    def _attempt(self, work: Callable[[], object]) -> object:
        """Do it; a fault of ours is told, and ends neither the thread nor the preview."""
        try:
            return work()
        except Exception:  # noqa: BLE001  # whatever it is, the author's next save may go well
            self._tell(traceback.format_exc())
            return None

    @contextmanager
    def working(self) -> Iterator[None]:
        """Watch and build in threads of its own, until the end of the context."""
        self.base = Result(self.builder.url()).base
        watch = Watch(self.root, self._changed)
        watch.start()
        building = Thread(target=self._build_on, name="building", daemon=True)
        building.start()
        try:
            yield
        finally:
            self._is_over = True
            self._news.close()
            for one in (self._woken, self._to_prove):
                one.set()
            watch.close()
            building.join(PARTING)
            self.builder.close()


def of(
    root: Path, *, drafts: bool, tell: Callable[[str], None], mails: showing.Mails | None = None
) -> Preview:
    """The preview of a publication."""
    builder = rebuilding.OnDisk(root, drafts=drafts)
    return Preview(root=root, builder=builder, tell=tell, mails=mails)


@contextmanager
def served(preview: Preview, port: int) -> Iterator[hosting.Server]:
    """A server of a preview that is at work; port 0 is any free one. Raises OSError.

    Who opens it has to run the examples: `prove_on`.
    """
    with hosting.server(preview, port) as server, preview.working():
        thread = Thread(target=server.serve_forever, args=[0.05], name="serving", daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
