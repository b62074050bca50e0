"""Guards before the functions that a watch does not see, or not all of: no event tells of them.

Put up in a process of its own, before an example runs there (see `watch`).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing would take its time to load
if TYPE_CHECKING:
    from typing import Any

    from watch import Watch

AT_FOLDER = {"open": "", "mkfifo": "change", "mknod": "change"}
"""Function of `os` that tells of nothing, or not of the folder that a name is relative to -> what
to ask the watch before it; "" where an event does.
"""
UNTOLD = {
    "readline": {
        "read_history_file": "read", "read_init_file": "read",
        "write_history_file": "write", "append_history_file": "append",
    },
    "_dbm": {"open": "bind"},
    "_gdbm": {"open": "bind"},
    "_sqlite3": {"connect": ""},
}  # fmt: skip
"""Module that opens files by itself -> its functions that do, and what to ask of us before each."""

ATTACH = 24
OK, DENY = 0, 1
"""What SQLite asks before it opens one more file, and answers (sqlite.org, "Authorizer")."""


class Guarded:
    """What stands for a function. An attribute of a class, it gets no `self`, as those of C do."""

    def __init__(self, function: Any, call: Any) -> None:
        self.__wrapped__ = function
        self.call = call
        for name in ("__doc__", "__module__", "__name__", "__qualname__"):
            setattr(self, name, getattr(function, name))

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self.call(*args, **named)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    def __reduce__(self) -> str:
        return str(self.__qualname__)  # type: ignore[attr-defined]  # a copy is the same


class Guards:
    """The guards of a watch. What they need is taken before an example can replace it."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.loaded = sys.modules
        self.load = __import__
        self.whole = os.path.expanduser
        self.decoded = os.fsdecode
        self.begun: set[str] = set()

    def put_up(self) -> None:
        """Guard what is there, and the rest as soon as it is imported."""
        for name, asked in AT_FOLDER.items():
            if hasattr(os, name):
                self.guard_system(name, asked)
        for name in UNTOLD:
            if name in self.loaded:
                self.guard_module(name)
        sys.addaudithook(self.importing)

    def guard_system(self, name: str, asked: str) -> None:
        function = getattr(os, name)
        guarded = Guarded(function, self.at_folder(function, asked))
        for module in (os, sys.modules[os.name]):
            setattr(module, name, guarded)
        for able in (os.supports_dir_fd, os.supports_fd):
            if function in able:
                able.add(guarded)

    def at_folder(self, function: Any, asked: str) -> Any:
        """A call of a function of `os` by a name that says where it leads, folder and all."""

        def call(path: Any, *args: Any, dir_fd: Any = None, **named: Any) -> Any:
            whole = path
            if dir_fd is not None:
                try:
                    whole = self.watch.name((path, dir_fd), 0, 1) or path
                except OSError:  # that is no folder, as the function itself will say
                    return function(path, *args, dir_fd=dir_fd, **named)
            if asked:
                getattr(self.watch, asked)(self.watch.name((whole,), 0, None))
            try:
                return function(whole, *args, **named)
            except OSError as error:
                if error.filename == whole:
                    error.filename = path
                raise

        return call

    def importing(self, event: str, args: tuple[Any, ...]) -> None:
        """Import a module before who asks for it does, who then finds it with its guards."""
        if event == "import" and args[0] in UNTOLD and args[0] not in self.begun:
            self.guard_module(args[0])

    def guard_module(self, name: str) -> None:
        self.begun.add(name)
        try:
            module = self.load(name)
        except ImportError:
            return  # who asks for it is told
        for function, asked in UNTOLD[name].items():
            before = getattr(module, function, None)
            if before is not None:
                call = self.asking(before, asked) if asked else self.connecting(before)
                setattr(module, function, Guarded(before, call))

    def asking(self, function: Any, asked: str) -> Any:
        ask = getattr(self, asked)

        def call(*args: Any, **named: Any) -> Any:
            ask(*args, **named)
            return function(*args, **named)

        return call

    def read(self, path: Any = None) -> None:
        if path is not None:  # else it is one of the example's own home
            self.watch.read(self.whole(self.decoded(path)))

    def write(self, path: Any = None) -> None:
        if path is not None:
            self.watch.change(self.whole(self.decoded(path)))

    def append(self, _count: Any, path: Any = None) -> None:
        self.write(path)

    def bind(self, path: Any, flags: str = "r", *_: Any) -> None:
        (self.read if flags == "r" else self.write)(path)

    def connecting(self, function: Any) -> Any:
        """Connections to SQLite that ask before they open one more file."""

        def call(*args: Any, **named: Any) -> Any:
            connection = function(*args, **named)
            connection.set_authorizer(self.answer)
            return connection

        return call

    def answer(self, action: int, name: str | None, *_: str | None) -> int:
        """Whether a connection may do this. A name that is a parameter is not told: it may not."""
        if action != ATTACH:
            return OK
        try:
            if name is not None:
                self.watch.database(name)
                return OK
        except OSError:
            pass
        return DENY
