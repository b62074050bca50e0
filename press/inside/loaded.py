"""Keeps what is loaded before an example begins out of its sight until it imports it.

What runs an example needs modules, and what many examples import is loaded once for all of them.
An example that saw these could use what only others import, such as `urllib.parse` after `import
urllib`. So it is noted which module loads which, and all that a fresh interpreter has not loaded
goes on a shelf, where an import finds what it would load: that and no more. What a module asks to
have called at a fork, or at the end of a process, lies there with it.
"""

from __future__ import annotations

import site  # noqa: F401  # brings what a fresh interpreter has, which -S leaves out
import sys

initial = {*sys.modules} - {"__future__", "child", "loaded"}
"""The modules that a fresh interpreter has loaded."""

import atexit
import builtins
import os
from _thread import get_ident as _thread

TYPE_CHECKING = False  # typing would take its time to load
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import ModuleType
    from typing import Any

OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep

_loads: dict[str, dict[str, None]] = {}
"""Module -> those that it loads, in their order."""

_other_names: dict[str, bool] = {}
"""Module -> whether another module gave it this name, as some do in `sys.modules`."""

_asked: dict[str, list[tuple[Any, Any, Any]]] = {}
"""Module -> each function that it has called to be called back, with its arguments."""

# Ours, whatever an example makes of those in their modules:
_list, _frame, genuine = os.listdir, sys._getframe, builtins.__import__
_at_exit, _at_fork = atexit.register, getattr(os, "register_at_fork", None)


def _noting(
    name: str,
    globals: Any = None,  # noqa: A002  # callers may name it
    locals: Any = None,  # noqa: A002
    fromlist: Sequence[str] = (),
    level: int = 0,
) -> Any:
    """Import as always, and note for which module: the innermost of those that are loading."""
    before = len(sys.modules)
    module = genuine(name, globals, locals, fromlist, level)
    named = dict.fromkeys(_named(name, globals, fromlist, level))
    if len(sys.modules) > before:
        _note_names([*sys.modules][before:], named)
    frame: Any = _frame(1)
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    if frame is not None:
        _loads.setdefault(frame.f_globals["__name__"], {}).update(named)
    return module


def _named(name: str, scope: Any, fromlist: Sequence[str], level: int) -> Iterator[str]:
    """The modules that an import statement names."""
    if level:
        package = scope["__package__"].rsplit(".", level - 1)[0]
        name = package + "." + name if name else package
    yield name
    yield from (f"{name}.{one}" for one in fromlist or () if f"{name}.{one}" in sys.modules)


def _note_names(new: Sequence[str], named: Mapping[str, None]) -> None:
    """Note of new modules whether they were loaded, or a module above has only named them so."""
    for one in new:
        above = one.rpartition(".")[0]
        spec = getattr(sys.modules[one], "__spec__", None)
        was_loaded = one in named or above not in new or (spec is not None and spec.name == one)
        if _other_names.setdefault(one, not was_loaded):
            _loads.setdefault(above, {})[one] = None


def _noting_calls(function: Any) -> Any:
    """A function that only notes which module has called it, and with what."""

    def noting(*args: Any, **named: Any) -> Any:
        _asked.setdefault(_frame(1).f_globals["__name__"], []).append((function, args, named))
        return args[0] if args else None

    return noting


def _call_back(name: str) -> None:
    """Let a module be called at the forks to come, as after the one that there has been."""
    for function, args, named in _asked.get(name, ()):
        function(*args, **named)
        if "after_in_child" in named:
            named["after_in_child"]()


def _note(*, begin: bool) -> None:
    builtins.__import__ = _noting if begin else genuine  # type: ignore[assignment]
    atexit.register = _noting_calls(_at_exit) if begin else _at_exit
    if _at_fork:
        os.register_at_fork = _noting_calls(_at_fork) if begin else _at_fork


_note(begin=True)


def put_away() -> Shelf:
    """Put what was loaded on a shelf, and out of sight. Nothing is noted from here on."""
    _note(begin=False)
    # What is installed may ask for some (site, .pth):
    initial.update(_all_of("site", {name: name for name in sys.modules}))
    for name in initial:
        _call_back(name)
    modules = {
        name: module
        for name, module in sys.modules.items()
        if name not in initial and not (getattr(module, "__file__", None) or "").startswith(OURS)
    }
    shelf = Shelf(modules)
    clear()
    initial.intersection_update(sys.modules)
    return shelf


def clear() -> None:
    """Leave no more than a fresh interpreter has loaded."""
    if len(sys.modules) == len(initial):  # to look at each would copy the memory that it lies in
        return
    loaded = {name: module for name, module in sys.modules.items() if name not in initial}
    for name, parent in _bound(loaded).items():
        delattr(parent, name.rpartition(".")[2])
    for name in loaded:
        del sys.modules[name]


def _bound(modules: Mapping[str, ModuleType]) -> dict[str, ModuleType]:
    """The modules that an import has made attributes of their packages, each with that."""
    found = {}
    for name, module in modules.items():
        above, _, last = name.rpartition(".")
        parent = sys.modules.get(above)
        if parent and not _other_names.get(name) and vars(parent).get(last) is module:
            found[name] = parent
    return found


def _all_of(name: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """A module of these, and all that its import loads, in the order in which that begins."""
    found: dict[str, None] = {}

    def add(name: str) -> None:
        if name in names and name not in found:
            add(name.rpartition(".")[0])
            found[names[name]] = None
            for one in _loads.get(name, ()):
                add(one)

    add(name)
    return tuple(found)


class Shelf:
    """A finder and loader of modules that were loaded before (importlib.abc.MetaPathFinder)."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        # The names lie together: of each page that an example touches, it has to make a copy.
        names = {name: name.encode().decode() for name in modules}
        self.modules = {names[name]: module for name, module in modules.items()}
        self.specs = {name: getattr(module, "__spec__", None) for name, module in modules.items()}
        self.bound = _bound(modules)
        self.all_of = {name: _all_of(name, names) for name in modules}
        self.path = sys.path[1:]
        self.thread = _thread()  # `threading` takes note of the one in which it is loaded
        self.taken: set[str] = set()

    def find_spec(self, name: str, *_: Any) -> Any:
        """What loads a module that lies here, if it is an import that asks."""
        spec = self.specs.get(name)
        if spec is None or _frame(2).f_code.co_name != "_find_and_load_unlocked":
            return None
        names = self.all_of[name]
        if _thread() != self.thread or not self.is_whole(names) or not self.is_alone(names):
            return None
        return type(spec)(name, self)

    def is_whole(self, names: Sequence[str]) -> bool:
        """Whether what is loaded of these is what lies here, and the rest was not taken before."""
        for name in names:
            here = sys.modules.get(name, self)
            if here is self:
                if name in self.taken:
                    return False
            elif here is not self.modules[name]:
                return False
        return True

    def is_alone(self, names: Sequence[str]) -> bool:
        """Whether an import would find no other of these names, such as a file of the example."""
        try:
            start = sys.path.index(self.path[0])
            found = {one.partition(".")[0] for folder in sys.path[:start] for one in _list(folder)}
            roots = {name.partition(".")[0] for name in names}
            return found.isdisjoint(roots) and sys.path[start : start + len(self.path)] == self.path
        except Exception:  # whatever an example has put there
            return False

    def create_module(self, spec: Any) -> Any:
        return self.modules[spec.name]

    def exec_module(self, module: Any) -> None:
        """Load with it all that it loads."""
        name = module.__spec__.name
        module.__spec__ = self.specs[name]
        new = [one for one in self.all_of[name] if one == name or one not in sys.modules]
        self.taken.update(new)
        for one in new:
            sys.modules[one] = self.modules[one]
            if one in self.bound:
                setattr(self.bound[one], one.rpartition(".")[2], self.modules[one])
        for one in new:
            _call_back(one)
