"""Frozen dataclasses that go to other processes, into records and into digests: quickly packed.

What `dataclasses` does of itself for those with slots asks for their fields each time.
"""

import copyreg
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

Class = TypeVar("Class", bound=type[Any])


def packed(cls: Class) -> Class:
    """A decorator: an instance is pickled as its class, called with its fields in their order."""
    names = [field.name for field in fields(cls) if field.init]
    get = attrgetter(*names)
    if len(names) == 1:
        copyreg.pickle(cls, lambda one: (cls, (get(one),)))
    else:
        copyreg.pickle(cls, lambda one: (cls, get(one)))
    return cls
