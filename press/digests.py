"""A name for a value: equal values have the same, from one run to the next, and others another.

Values are plain ones, and frozen dataclasses of them. None has a set, whose order is another in
each process.
"""

import copyreg
import io
import pickle
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import Any

Tell = Callable[[Any], Any]
"""What tells of an instance of a class, as `copyreg` has it."""

_BY_NAME: dict[type[Any], Tell] = {}


def by_name(cls: type[Any], name: Callable[[Any], str]) -> None:
    """Let an instance of a class count by a name that it has."""
    _BY_NAME[cls] = lambda one: (str, (name(one),))
    _tellers.cache_clear()


def of(*values: object) -> str:
    """SHA-256 in hexadecimal, of all their parts. Raises PicklingError for what has none."""
    if all(type(one) is str for one in values):  # a build has thousands of these
        return sha256(repr(values).encode()).hexdigest()
    file = io.BytesIO()
    pickler = pickle.Pickler(file, protocol=5)
    pickler.fast = True  # so that it is no matter whether two parts are the same object
    pickler.dispatch_table = _tellers(len(copyreg.dispatch_table))
    pickler.dump(values)
    return sha256(file.getbuffer()).hexdigest()


@lru_cache(maxsize=1)
def _tellers(_count: int) -> dict[type[Any], Tell]:
    """Of all classes that are known by now: as many as there are."""
    return copyreg.dispatch_table | _BY_NAME


class Digests:
    """The names of values that many others share: each is told once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, str]] = {}

    def of(self, value: object) -> str:
        if id(value) not in self._known:
            self._known[id(value)] = (value, of(value))  # kept, so that no other takes its id
        return self._known[id(value)][1]
