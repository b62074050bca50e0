"""A name for a value: equal values have the same, from one run to the next, and others another.

Values are plain ones, and structs of them. None has a set, whose order is another in
each process.
"""

import copyreg
import io
import pickle
from collections.abc import Callable
from hashlib import sha256
from typing import Any

Tell = Callable[[Any], Any]
"""What tells of an instance of a class, as `copyreg` has it."""

_TELLERS: dict[type[Any], Tell] = {**copyreg.dispatch_table}


def by_name(cls: type[Any], name: Callable[[Any], str]) -> None:
    """Let an instance of a class count by a name that it has."""
    _TELLERS[cls] = lambda one: (str, (name(one),))


def of(*values: object) -> str:
    """SHA-256 in hexadecimal, of all their parts. Raises PicklingError for what has none."""
    if {*map(type, values)} == {str}:  # a build has thousands of these
        return sha256(repr(values).encode()).hexdigest()
    file = io.BytesIO()
    pickler = pickle.Pickler(file, protocol=5)
    pickler.fast = True  # so that it is no matter whether two parts are the same object
    pickler.dispatch_table = _TELLERS
    pickler.dump(values)
    return sha256(file.getbuffer()).hexdigest()


class Digests:
    """The names of values that many others share: each is told once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, str]] = {}

    def of(self, value: object) -> str:
        if id(value) not in self._known:
            self._known[id(value)] = (value, of(value))  # kept, so that no other takes its id
        return self._known[id(value)][1]
