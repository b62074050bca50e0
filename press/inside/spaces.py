"""Namespaces of our own, for where there is no bubblewrap to make them (namespaces(7))."""

from __future__ import annotations

import ctypes
import os

import confine

TYPE_CHECKING = False  # typing would take its time to load
if TYPE_CHECKING:
    from typing import Any

# Of unshare, mount, mount_setattr and prctl, man page 2:
NEW_NS, NEW_IPC, NEW_USER, NEW_PID, NEW_NET = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
NOSUID, NODEV, BIND, RECURSIVE, PRIVATE, REMOUNT, RDONLY = 2, 4, 4096, 16384, 1 << 18, 32, 1
MOUNT_SETATTR, ATTR_RDONLY, AT_RECURSIVE = 442, 1, 0x8000
CAPBSET_DROP = 24

LIBC = confine.LIBC


def enter(plan: dict[str, Any]) -> None:
    """Go on in namespaces of our own: the rest of the system read-only, what is private hidden.

    `plan` has "hidden" and "shown" (paths), "place" (a folder that becomes empty and writable),
    "work" (a folder in that, for examples), "space" (the bytes that this and /dev/shm may have) and
    "online". Raises OSError where the kernel does not allow it.
    """
    user, group = os.geteuid(), os.getegid()
    flags = NEW_USER | NEW_NS | NEW_PID | NEW_IPC | (0 if plan["online"] else NEW_NET)
    _checked(LIBC.unshare(flags), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"),
                       ("gid_map", f"{group} {group} 1")):  # fmt: skip
        with open("/proc/self/" + name, "w") as file:
            file.write(text)
    pid = os.fork()
    if pid:
        confine.die_with_parent()
        status = os.waitpid(pid, 0)[1]
        os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)
    confine.die_with_parent()
    _arrange(plan)
    if not plan["online"]:
        _loopback_up()
    for capability in range(64):
        confine.prctl(CAPBSET_DROP, capability)
    _drop_capabilities()


def _arrange(plan: dict[str, Any]) -> None:
    _mount("none", "/", None, RECURSIVE | PRIVATE)
    kept = [(path, os.open(path, os.O_PATH)) for path in plan["shown"] if os.path.exists(path)]
    attributes = (ctypes.c_uint64 * 4)(ATTR_RDONLY, 0, 0, 0)
    _checked(
        LIBC.syscall(MOUNT_SETATTR, -100, b"/", AT_RECURSIVE, ctypes.byref(attributes),
                     ctypes.c_size_t(32)), "mount_setattr",
    )  # fmt: skip
    _mount("proc", "/proc", "proc", NOSUID | NODEV)
    _mount("tmpfs", plan["place"], "tmpfs", NOSUID | NODEV)
    os.makedirs(plan["work"])
    for folder in (plan["work"], "/dev/shm"):  # noqa: S108  # its own
        _mount("tmpfs", folder, "tmpfs", NOSUID | NODEV, f"size={plan['space']}")
    for path in plan["hidden"]:
        if os.path.isdir(path):
            _mount("tmpfs", path, "tmpfs", NOSUID | NODEV)
        elif os.path.exists(path):
            _mount("/dev/null", path, None, BIND)
    for path, descriptor in kept:
        if not os.path.exists(path):
            if os.path.isdir(f"/proc/self/fd/{descriptor}"):
                os.makedirs(path)
            else:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        _mount(f"/proc/self/fd/{descriptor}", path, None, BIND | RECURSIVE)
        os.close(descriptor)
    for path in plan["hidden"]:
        if os.path.isdir(path):
            _mount("none", path, None, REMOUNT | BIND | RDONLY | NOSUID | NODEV)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    system = kind.encode() if kind else None
    result = LIBC.mount(
        source.encode(),
        os.fsencode(target),
        system,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    _checked(result, "mount " + target)


def _checked(result: int, what: str) -> None:
    if result:
        raise OSError(ctypes.get_errno(), what + ": " + os.strerror(ctypes.get_errno()))


def _loopback_up() -> None:
    """Bring up the loopback interface of a new network namespace (netdevice(7))."""
    import fcntl
    import socket
    import struct

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))


def _drop_capabilities() -> None:
    """Keep no right over these namespaces (capset(2), version 3)."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _checked(LIBC.capset(header, (ctypes.c_uint32 * 6)()), "capset")
