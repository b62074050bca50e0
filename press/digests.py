"""A name for a value: equal values have the same, from one run to the next, and others another.

Values are plain ones, and frozen dataclasses of them. None has a set, whose order is another in
each process.
"""

import io
import pickle
from hashlib import sha256


def of(*values: object) -> str:
    """SHA-256 in hexadecimal, of all their parts. Raises PicklingError for what has none."""
    file = io.BytesIO()
    pickler = pickle.Pickler(file, protocol=5)
    pickler.fast = True  # so that it is no matter whether two parts are the same object
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
