"""A watch over Python itself, for what the system here does not keep from examples.

It sees what the interpreter does (docs.python.org, "Audit events table"), not what other programs
do.
"""

from __future__ import annotations

import errno
import os
import sys

TYPE_CHECKING = False  # typing would take its time to load
if TYPE_CHECKING:
    from typing import Any

SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
LOOKING_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
READING: dict[str, tuple[int, int | None]] = {
    "os.listdir": (0, None),
    "os.scandir": (0, None),
    "os.link": (0, 2),
}
ATTRIBUTES: dict[str, list[tuple[int, int | None]]] = {
    "os.chmod": [(0, 2)],
    "os.chown": [(0, 3)],
    "os.utime": [(0, 3)],
}
CHANGING: dict[str, list[tuple[int, int | None]]] = {
    **ATTRIBUTES,
    "os.link": [(1, 3)], "os.mkdir": [(0, 2)], "os.remove": [(0, 1)], "os.rmdir": [(0, 1)],
    "os.rename": [(0, 2), (1, 3)], "os.symlink": [(1, 2)], "os.truncate": [(0, None)],
    "os.mkfifo": [(0, 2)], "os.mknod": [(0, 3)],
}  # fmt: skip
"""Event -> the arguments that name what it reads or changes, each with the one, if any, that has
the descriptor of the folder which the name is relative to.
"""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
LOOPBACK = ("localhost", "::1", "0.0.0.0", "::", "")  # noqa: S104  # to be compared with


def begin(plan: dict[str, Any], work: str) -> None:
    """Refuse from now on what is outside of an example's place."""
    watch = Watch(plan, work)
    for kind in plan["watch"]:
        sys.addaudithook(getattr(watch, kind))


class Watch:
    """Audit hooks. The functions they need are taken before an example can replace them."""

    def __init__(self, plan: dict[str, Any], work: str) -> None:
        self.online = plan["online"]
        self.hidden = tuple(plan["hidden"])
        self.readable = (*plan["shown"], work)
        self.writable = (work, "/dev")
        self.whole = os.path.realpath
        self.decoded = os.fsdecode
        self.own = os.getpid
        self.link = os.readlink
        self.joined = os.path.join

    def network(self, event: str, args: tuple[Any, ...]) -> None:
        host = None
        if self.online:
            return
        if event in LOOKING_UP:
            host = args[0]
        elif event in SENDING and isinstance(args[1], tuple):
            host = args[1][0]
        if not is_loopback(host):
            raise OSError(errno.ENETUNREACH, "Network is unreachable")

    def attributes(self, event: str, args: tuple[Any, ...]) -> None:
        """What Landlock has no right for: modes, owners and times; and who else runs."""
        for index, folder in ATTRIBUTES.get(event, ()):
            self.change(self.name(args, index, folder))
        if event == "open" and str(args[0]).startswith("/proc/"):
            self.read(self.name(args, 0, None))

    def files(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            flags = args[2] or 0
            (self.change if flags & WRITING else self.read)(self.name(args, 0, None))
        elif event == "sqlite3.connect":
            self.database(self.name(args, 0, None))
        if event in READING:
            self.read(self.name(args, *READING[event]))
        for index, folder in CHANGING.get(event, ()):
            self.change(self.name(args, index, folder))

    def database(self, name: str) -> None:
        """SQLite opens its files itself (sqlite.org, "Uniform Resource Identifiers")."""
        path = name[5:].partition("?")[0] if name.startswith("file:") else name
        if path not in ("", ":memory:"):
            self.read(path)
            self.change(path)

    def change(self, name: str) -> None:
        if name and not is_within(self.whole(name), self.writable):
            raise OSError(errno.EROFS, "Read-only file system", name)

    def read(self, name: str) -> None:
        if not name:
            return
        found = self.whole(name)
        private = is_within(found, self.hidden) and not is_within(found, self.readable)
        if private or self.is_of_another(found):
            raise PermissionError(errno.EACCES, "Permission denied", name)

    def is_of_another(self, path: str) -> bool:
        """Whether a path tells of another process, such as its environment (proc(5))."""
        _, root, pid, *_ = [*path.split("/"), "", "", ""]
        return root == "proc" and pid.isdigit() and int(pid) != self.own()

    def name(self, args: tuple[Any, ...], index: int, folder: int | None) -> str:
        """A path as text; empty for a descriptor, whose opening has been seen."""
        path = args[index]
        if not isinstance(path, (str, bytes, os.PathLike)):
            return ""
        name = self.decoded(path)
        if folder is not None and folder < len(args) and args[folder] not in (None, -1):
            name = self.joined(self.link(f"/proc/self/fd/{args[folder]}"), name)
        return name


def is_within(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == one or path.startswith(one + os.sep) for one in folders)


def is_loopback(host: Any) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    return name is None or name in LOOPBACK or str(name).startswith("127.")
