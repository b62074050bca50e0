"""A watch over Python itself, for what the system here does not keep from examples.

It sees what the interpreter does (docs.python.org, "Audit events table"), not what other programs
do. What raises no event is guarded besides (see `guards`).
"""

from __future__ import annotations

import errno
import os
import sys

TYPE_CHECKING = False  # typing would take its time to load
if TYPE_CHECKING:
    from typing import Any

SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
LOOKING_UP = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyaddr", "socket.gethostbyname", "socket.getnameinfo"}
)
READING: dict[str, tuple[int, int | None]] = {
    "os.listdir": (0, None),
    "os.scandir": (0, None),
    "os.link": (0, 2),
    "os.getxattr": (0, None),
    "os.listxattr": (0, None),
    "sqlite3.load_extension": (1, None),
}
ATTRIBUTES: dict[str, list[tuple[int, int | None]]] = {
    "os.chmod": [(0, 2)],
    "os.chown": [(0, 3)],
    "os.utime": [(0, 3)],
    "os.chflags": [(0, None)],
    "os.setxattr": [(0, None)],
    "os.removexattr": [(0, None)],
}
CHANGING: dict[str, list[tuple[int, int | None]]] = {
    "os.link": [(1, 3)], "os.mkdir": [(0, 2)], "os.remove": [(0, 1)], "os.rmdir": [(0, 1)],
    "os.rename": [(0, 2), (1, 3)], "os.symlink": [(1, 2)], "os.truncate": [(0, None)],
}  # fmt: skip
"""Event -> the arguments that name what it reads or changes, each with the one, if any, that has
the descriptor of the folder which the name is relative to.
"""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
F_GETPATH = 50  # of macOS, fcntl(2)
LOOPBACK = ("localhost", "::1", "0.0.0.0", "::", "")  # noqa: S104  # to be compared with


def begin(plan: dict[str, Any], writable: tuple[str, ...]) -> None:
    """Refuse from now on what is outside of an example's place."""
    watch = Watch(plan, writable)
    if "files" in plan["watch"]:
        import guards

        sys.modules.pop("guards")  # no example finds it there
        guards.Guards(watch).put_up()
    for kind in plan["watch"]:
        sys.addaudithook(getattr(watch, kind))


class Watch:
    """Audit hooks. The functions they need are taken before an example can replace them."""

    def __init__(self, plan: dict[str, Any], writable: tuple[str, ...]) -> None:
        self.online = plan["online"]
        self.hidden = tuple(plan["hidden"])
        self.readable = (*plan["shown"], *writable)
        self.writable = writable
        self.whole = os.path.realpath
        self.decoded = os.fsdecode
        self.own = os.getpid
        self.link = os.readlink
        self.joined = os.path.join
        self.control: Any = None
        if sys.platform == "darwin":
            from fcntl import fcntl

            self.control = fcntl

    def network(self, event: str, args: tuple[Any, ...]) -> None:
        host = None
        if self.online:
            return
        if event in LOOKING_UP:
            host = args[0][0] if isinstance(args[0], tuple) else args[0]
        elif event in SENDING and isinstance(args[1], tuple):
            host = args[1][0]
        elif event in SENDING:
            self.reach(socket_name(args[1]))
        if not is_loopback(host):
            raise OSError(errno.ENETUNREACH, "Network is unreachable")

    def attributes(self, event: str, args: tuple[Any, ...]) -> None:
        """What Landlock has no right for: modes, owners and times; and who else runs."""
        self.marks(event, args)
        if event == "open" and str(args[0]).startswith("/proc/"):
            self.read(self.name(args, 0, None))

    def marks(self, event: str, args: tuple[Any, ...]) -> None:
        """Modes, owners, times and the like, of what is open as well: reading it was enough."""
        for index, folder in ATTRIBUTES.get(event, ()):
            if isinstance(args[index], int):
                self.change(self.opened(args[index]))
            else:
                self.change(self.name(args, index, folder))

    def files(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            flags = args[2] or 0
            (self.change if flags & WRITING else self.read)(self.name(args, 0, None))
        elif event == "sqlite3.connect":
            self.database(self.name(args, 0, None))
        elif event == "socket.bind":
            self.change(socket_name(args[1]))
        self.marks(event, args)
        if event in READING:
            self.read(self.name(args, *READING[event]))
        for index, folder in CHANGING.get(event, ()):
            self.change(self.name(args, index, folder))

    def database(self, name: str) -> None:
        """SQLite opens its files itself (sqlite.org, "Uniform Resource Identifiers")."""
        path = of_address(name[5:]) if name.startswith("file:") else name
        if path not in ("", ":memory:"):
            self.read(path)
            self.change(path)

    def change(self, name: str) -> None:
        if name and not is_within(self.whole(name), self.writable):
            raise OSError(errno.EROFS, "Read-only file system", name)

    def reach(self, name: str) -> None:
        """A socket that has a path: those of others do what their owner may."""
        if name and not is_within(self.whole(name), self.writable):
            raise PermissionError(errno.EACCES, "Permission denied", name)

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
            name = self.joined(self.place(args[folder]), name)
        return name

    def place(self, descriptor: int) -> str:
        """The path of what is open. Raises OSError."""
        if self.control:
            return self.decoded(self.control(descriptor, F_GETPATH, bytes(1024)).rstrip(b"\0"))
        return self.link(f"/proc/self/fd/{descriptor}")

    def opened(self, descriptor: int) -> str:
        """The same; empty for what has none, such as a pipe."""
        try:
            found = self.place(descriptor)
        except OSError:
            return ""
        return "" if found.startswith("/memfd:") or not found.startswith("/") else found


def is_within(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == one or path.startswith(one + os.sep) for one in folders)


def socket_name(address: Any) -> str:
    """The path of a socket that has one (unix(7))."""
    name = os.fsdecode(address) if isinstance(address, (str, bytes)) else ""
    return "" if name.startswith("\0") else name


def of_address(text: str) -> str:
    """The path of a `file:` address of SQLite, without what it begins with."""
    path = text.partition("?")[0].partition("#")[0]
    if path.startswith("//"):
        path = "/" + path[2:].partition("/")[2]
    first, *rest = path.split("%")
    found = first.encode()
    for part in rest:
        try:
            found += bytes.fromhex(part[:2]) + part[2:].encode()
        except ValueError:
            found += b"%" + part.encode()
    return found.decode(errors="replace")


def is_loopback(host: Any) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    return name is None or name in LOOPBACK or str(name).startswith("127.")
