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
READING = frozenset({"os.listdir", "os.scandir"})
CHANGING = {
    "os.chmod": (0,), "os.chown": (0,), "os.link": (1,), "os.mkdir": (0,), "os.remove": (0,),
    "os.rename": (0, 1), "os.rmdir": (0,), "os.symlink": (1,), "os.truncate": (0,),
    "os.utime": (0,), "os.mkfifo": (0,), "os.mknod": (0,),
}  # fmt: skip
"""Event -> which of its arguments name what it changes."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
LOOPBACK = ("localhost", "::1", "0.0.0.0", "::", "")  # noqa: S104  # to be compared with


def begin(plan: dict[str, Any], work: str) -> None:
    """Refuse from now on what is outside of an example's place."""
    watch = Watch(plan, work)
    if not plan["online"]:
        sys.addaudithook(watch.network)
    if "files" in plan["watch"]:
        sys.addaudithook(watch.files)


class Watch:
    """Audit hooks. The functions they need are taken before an example can replace them."""

    def __init__(self, plan: dict[str, Any], work: str) -> None:
        self.hidden = tuple(plan["hidden"])
        self.readable = (*plan["shown"], work)
        self.writable = (work, "/dev")
        self.whole = os.path.realpath
        self.decoded = os.fsdecode
        self.own = os.getpid

    def network(self, event: str, args: tuple[Any, ...]) -> None:
        host = None
        if event in LOOKING_UP:
            host = args[0]
        elif event in SENDING and isinstance(args[1], tuple):
            host = args[1][0]
        if not is_loopback(host):
            raise OSError(errno.ENETUNREACH, "Network is unreachable")

    def files(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            flags = args[2] or 0
            (self.change if flags & WRITING else self.read)(args[0])
        elif event in READING or event == "os.link":
            self.read(args[0])
        for index in CHANGING.get(event, ()):
            self.change(args[index])

    def change(self, path: Any) -> None:
        name = self.name(path)
        if name and not is_within(self.whole(name), self.writable):
            raise OSError(errno.EROFS, "Read-only file system", name)

    def read(self, path: Any) -> None:
        name = self.name(path)
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

    def name(self, path: Any) -> str:
        """A path as text; empty for a descriptor."""
        return self.decoded(path) if isinstance(path, (str, bytes, os.PathLike)) else ""


def is_within(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == one or path.startswith(one + os.sep) for one in folders)


def is_loopback(host: Any) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    return name is None or name in LOOPBACK or str(name).startswith("127.")
