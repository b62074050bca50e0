"""Sees whether a site is live: its pages and feeds, as they were built, at their public addresses.

The manifest is looked at each time, for it goes last; of the rest what was not seen before.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from press import cargo, headers, kept, manifest, public
from press.deploy import Advance, Cargo
from press.problems import Code, Problem, ProblemsFound

if TYPE_CHECKING:  # only who asks loads what asks
    from press.wire import Wire

AT_ONCE = 8
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0
SHOWN = 20
"""Pages that are named, at most."""
NOT_FOUND = "404.html"
INDEX = "index.html"


class NotLive(ProblemsFound):
    """What was deployed is not there: nobody is told of it."""


@dataclass
class Live:
    """The public face of a site."""

    url: str
    """Without a slash at its end."""
    cargo: Cargo
    record: Path
    """A file of the cache that has what was seen."""
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    @cached_property
    def _wire(self) -> "Wire":
        return public.wire()

    def is_there(self) -> bool:
        """Whether it shows the manifest of this very site, now."""
        return not self._why_not(manifest.FILE)

    def see(self, wait: float, advance: Advance) -> int:
        """Wait until all is live, for so many seconds at most. How many pages were looked at.

        Raises NotLive with what is not.
        """
        end = time.monotonic() + wait
        seen = self._seen()
        if not self.is_there():
            seen = self._still(seen)
            if late := self._wait([manifest.FILE], end, lambda _done, _count: None):
                raise NotLive([self._problem(*late[0], is_manifest=True)])
        new = [path for path in _looked_at(self.cargo) if seen.get(path) != self.cargo.files[path]]
        late = self._wait(new, end, advance)
        missing = {path for path, _ in late}
        self._keep({path: self.cargo.files[path] for path in new if path not in missing} | {
            path: digest for path, digest in seen.items() if self.cargo.files.get(path) == digest
        })  # fmt: skip
        if late:
            raise NotLive(self._problems(late))
        return len(new)

    def address(self, path: str) -> str:
        """Where people find a file."""
        name = path.removesuffix(INDEX) if f"/{path}".endswith(f"/{INDEX}") else path
        return f"{self.url}/{quote(name)}"

    def _wait(self, paths: Sequence[str], end: float, advance: Advance) -> list[tuple[str, str]]:
        """Those that are not live when it ends, and why."""
        pause, late = FIRST_PAUSE, [(path, "") for path in paths]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while late:
                whys = pool.map(self._why_not, [path for path, _ in late])
                late = [(path, why) for (path, _), why in zip(late, whys, strict=True) if why]
                advance(len(paths) - len(late), len(paths))
                left = end - time.monotonic()
                if not late or left <= 0:
                    break
                self.sleep(min(pause, left))
                pause = min(2 * pause, LONGEST_PAUSE)
        return late

    def _why_not(self, path: str) -> str:
        """What is wrong with what a file's address shows; empty if it is as it was built."""
        return public.why_not(self._wire, self.address(path), self.cargo.files[path])

    def _shown(self, path: str) -> bytes:
        return public.followed(self._wire, self.address(path)).body

    def _problems(self, late: Sequence[tuple[str, str]]) -> Iterator[Problem]:
        for path, why in late[:SHOWN]:
            yield self._problem(path, why)
        if rest := len(late[SHOWN:]):
            yield Problem(self.url, 0, 0, Code.NOT_LIVE, f"and {rest:,} more like these")

    def _problem(self, path: str, why: str, *, is_manifest: bool = False) -> Problem:
        if is_manifest:
            hint = "look whether the site arrived where this address leads; then publish again"
        elif why == public.OTHER:
            hint = (
                "the manifest is: a cache has an old one, or the host changes pages (it adds "
                "scripts, hides addresses, takes out spaces): have it leave them alone"
            )
        else:
            hint = "mend that, and publish again: it goes on"
        return Problem(self.address(path), 0, 0, Code.NOT_LIVE, why, hint)

    def _seen(self) -> dict[str, str]:
        try:
            found = json.loads(kept.read(self.record) or b"{}").get(self.url, {})
            return {str(path): str(digest) for path, digest in dict(found).items()}
        except (ValueError, TypeError, AttributeError):
            return {}

    def _still(self, seen: Mapping[str, str]) -> dict[str, str]:
        """Of what was seen, what is there by the manifest that is live now: a host may go back."""
        from press.wire import Unanswered

        try:
            there = manifest.parse(self._shown(manifest.FILE)).files
        except (Unanswered, ValueError, KeyError, TypeError, RecursionError):
            return {}
        return {path: digest for path, digest in seen.items() if there.get(path) == digest}

    def _keep(self, seen: Mapping[str, str]) -> None:
        kept.write(self.record, json.dumps({self.url: seen}).encode())


def _looked_at(load: Cargo) -> Iterator[str]:
    """Pages and feeds, but for those that hosts show in the place of others, or by a redirect."""
    rules = load.folder / headers.REDIRECTS
    led = headers.redirected(rules.read_text()) if headers.REDIRECTS in load.files else set()
    for path in load.files:
        is_page = path.endswith(".html") and path != NOT_FOUND and path not in led
        if is_page or cargo.TELLS.search(path):
            yield path
