"""What an example may reach, by Landlock, or by a watch where there is none (landlock(7))."""

from __future__ import annotations

import ctypes
import os

import confine
import watch

TYPE_CHECKING = False  # typing would take its time to load
if TYPE_CHECKING:
    from typing import Any

# System calls, and the rights that each version has brought:
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
CHANGES = sum(1 << bit for bit in range(4, 13))  # remove and make files of every kind
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
SCOPE_ABSTRACT_SOCKET, SCOPE_SIGNAL = 1, 2
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

DEVICES = tuple(
    "/dev/" + name
    for name in ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm")
)
"""What everybody may write to."""

LIBC = confine.LIBC


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("access", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def version() -> int:
    """The version of Landlock that the kernel has; 0 for none."""
    if not LIBC:
        return 0
    return max(int(LIBC.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))), 0)


class Fences:
    """What an example may reach, put up in its own process before it runs.

    `plan` has "landlock" (whether to use it), "readable" (the paths that alone may be read, or None
    for all that is to be seen), "hidden" and "shown" (paths that a watch refuses, and lets be read
    even so), "online" (whether it may reach other hosts) and "watch" (what a watch has to guard:
    see `watch.Watch`).
    """

    def __init__(self, plan: dict[str, Any], work: str, build: str) -> None:
        self.plan = plan
        self.work = work
        self.rulesets: dict[bool, int] = {}
        if plan["landlock"] and version():
            self.rulesets = {False: self._ruleset(work), True: self._ruleset(work, build)}

    def _ruleset(self, *writable: str) -> int:
        has = version()
        changes = WRITE_FILE | CHANGES | (REFER if has > 1 else 0)
        changes |= TRUNCATE if has > 2 else 0
        readable = self.plan["readable"]
        handled = changes | (EXECUTE | READ_FILE | READ_DIR if readable is not None else 0)
        scoped = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL if has > 5 else 0
        wanted = _Ruleset(handled, 0, scoped)
        size = ctypes.c_size_t(ctypes.sizeof(wanted) if has > 5 else 8)
        ruleset: int = LIBC.syscall(CREATE_RULESET, ctypes.byref(wanted), size, ctypes.c_uint32(0))
        for access, paths in (
            (handled, [*writable, *DEVICES]),
            (EXECUTE | READ_FILE | READ_DIR, readable or ()),
        ):
            for path in paths:
                _allow(ruleset, path, access & handled)
        return ruleset

    def put_up(self, build: bool, *, watched: bool) -> None:
        """Restrict this process and all that it starts; for Python alone, watch it as well."""
        if self.rulesets:
            confine.prctl(confine.SET_NO_NEW_PRIVS, 1)
            if LIBC.syscall(RESTRICT_SELF, self.rulesets[build], ctypes.c_uint32(0)):
                raise OSError(ctypes.get_errno(), "landlock_restrict_self")
        if watched and self.plan["watch"]:
            watch.begin(self.plan, (self.work, *DEVICES))


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):
        access &= OF_FILES
    rule = _Beneath(access, parent)
    LIBC.syscall(ADD_RULE, ruleset, 1, ctypes.byref(rule), ctypes.c_uint32(0))
    os.close(parent)
