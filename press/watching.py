"""What has changed in a publication, told as it happens: by watchfiles, which asks the system.

What editors write beside a file while they save it is no change.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from press import files, root, source

if TYPE_CHECKING:  # it takes its time, and only a preview needs it
    from watchfiles._rust_notify import RustNotify

TEMPLATES = "templates"
FOLDERS = (source.FOLDER, TEMPLATES)
"""Of a publication: all that is in them is watched."""
STEP, DEBOUNCE = 15, 45
"""Milliseconds without a change after which what has changed is told, and the longest wait."""
POLL = 300
"""Milliseconds from one look at all files to the next."""


@dataclass(slots=True)
class Watch:
    """Calls `tell` soon after each change, until it is closed. From its start on none is missed.

    It is told the paths, resolved, of what has changed, or None where that may be anything.
    """

    publication: Path
    tell: Callable[[Set[Path] | None], None]
    _stop: Event = field(default_factory=Event, repr=False)
    _moved: Event = field(default_factory=Event, repr=False)
    """Set when one of the folders has come or gone: they have to be looked for again."""
    _threads: list[Thread] = field(default_factory=list, repr=False)

    def start(self) -> None:
        """Begin to watch. Returns when it does."""
        for work in (self._watch_top, self._watch_folders):
            ready = Event()
            thread = Thread(target=work, args=(ready,), name="watching", daemon=True)
            self._threads.append(thread)
            thread.start()
            ready.wait()

    def close(self) -> None:
        self._stop.set()
        self._moved.set()
        for thread in self._threads:
            thread.join()

    def _watch_top(self, ready: Event) -> None:
        """The folder of the publication alone: series.toml, and whether the folders are there."""
        for paths in self._changes([self.publication], self._stop, ready, recursive=False):
            names = {path.name for path in paths}
            if names & set(FOLDERS):
                self._moved.set()
            if names & {root.FILE, *FOLDERS}:
                self.tell(None)

    def _watch_folders(self, ready: Event) -> None:
        again = False
        while not self._stop.is_set():
            self._moved.clear()
            tops = [*(self.publication / name for name in FOLDERS), root.OURS]
            found = [top for top in tops if top.is_dir()]
            for paths in self._changes(found, self._moved, ready, recursive=True):
                matter = {path for path in paths if self._matters(path)}
                # What changed while nobody watched is told; who starts it has not looked yet.
                if matter or (again and not paths):
                    self.tell(matter or None)
            again = True

    def _changes(
        self, tops: list[Path], stop: Event, ready: Event, *, recursive: bool
    ) -> Iterator[set[Path]]:
        """Nothing, once it watches; then the paths of each change."""
        try:
            watcher = _watcher([str(top.resolve()) for top in tops], recursive=recursive)
        except FileNotFoundError:  # it has gone in this moment
            stop.wait(DEBOUNCE / 1000)
            return
        finally:
            ready.set()
        with watcher:
            yield set()
            while isinstance(found := watcher.watch(DEBOUNCE, STEP, 0, stop), set):
                yield {Path(path) for _, path in found}

    def _matters(self, path: Path) -> bool:
        content = (self.publication / source.FOLDER).resolve()
        if not path.is_relative_to(content) or path == content:
            return not files.is_hidden(path.name)
        first, *more = path.relative_to(content).parts
        is_folder = bool(more) or path.is_dir()
        return _is_read(first, is_folder=is_folder) and not any(map(files.is_hidden, more))


def _watcher(paths: list[str], *, recursive: bool) -> "RustNotify":
    """What asks the system for changes; where that watches no more folders, it looks by itself."""
    from watchfiles import _rust_notify

    try:
        return _rust_notify.RustNotify(paths, False, False, 0, recursive, True)
    except FileNotFoundError:
        raise
    except OSError:  # as with Linux's max_user_watches
        return _rust_notify.RustNotify(paths, False, True, POLL, recursive, True)


def _is_read(name: str, *, is_folder: bool) -> bool:
    """Whether `source` looks at an entry of content/."""
    if source.is_left_out(name):
        return False
    return is_folder or name.endswith(".md") or bool(source.NAME.fullmatch(name))
